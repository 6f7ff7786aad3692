import pytest

from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, Reply, race

NUMBER, A, B = "+14155550101", "pn_14155550101", "pn_14155550102"


@pytest.fixture
def numbers(account: Account) -> list[str]:
    return [account.new_number(f"+1415555010{digit}") for digit in (1, 2)]


def listed(account: Account) -> dict[str, str | None]:
    """The numbers of the account, and who holds them."""
    return {each["id"]: each["assistant_id"] for each in account.call("list_phone_numbers").json["numbers"]}


def test_a_deleted_number_is_gone_and_leaves_nothing_behind(account: Account, stored: Stored) -> None:
    before = stored.items()
    account.new_number(NUMBER)
    reply = account.call("delete_phone_number", A)
    assert (reply.status, reply.json) == (200, {"success": True, "message": "Phone number deleted successfully"})
    assert stored.items() == before
    assert account.call("get_phone_number", A).code == "phone_number_not_found"
    assert account.call("delete_phone_number", A).code == "phone_number_not_found"
    assert account.route(NUMBER).code == "phone_number_not_found"
    assert account.assign(account.new_assistant()["id"], [A]).code == "phone_number_not_found"


def test_any_account_can_import_it_afterwards_and_finds_nothing_of_the_one_before(
    account: Account, other_account: Account
) -> None:
    account.new_number(NUMBER, label="Ours", provider="twilio")
    account.call("update_phone_number", A, body={"status": "suspended"})
    body = {"accountSlug": other_account.slug, "phoneNumber": NUMBER}
    assert other_account.call("import_phone_number", body=body).code == "phone_number_taken"
    account.call("delete_phone_number", A)
    number = other_account.call("import_phone_number", body=body).json["phone_number"]
    assert (number["label"], number["provider"], number["status"]) == (None, None, "active")
    assert account.call("import_phone_number").code == "phone_number_taken"
    assert (listed(account), listed(other_account)) == ({}, {A: None})


def test_a_number_imported_again_is_free(account: Account) -> None:
    assistant = account.new_assistant()["id"]
    account.assign(assistant, [account.new_number(NUMBER)])
    account.force("delete_phone_number", A)
    account.new_number(NUMBER)
    assert (listed(account), account.get(assistant)["phone_number_ids"]) == ({A: None}, [])


@pytest.mark.parametrize("query", [{}, {"force": "false"}])
def test_an_assigned_number_is_refused_by_its_holder_and_nothing_changes(
    account: Account, numbers: list[str], stored: Stored, query: dict[str, str]
) -> None:
    assistant = account.new_assistant()["id"]
    account.assign(assistant, [A])
    before = stored.items()
    reply = account.call("delete_phone_number", A, query=query)
    assert (reply.status, reply.code) == (409, "phone_number_assigned")
    assert assistant in reply.json["error"]
    assert "?force=true" in reply.json["error"]
    assert stored.items() == before


def test_force_releases_it_from_its_holder_in_the_same_transaction(
    account: Account, other_account: Account, numbers: list[str], calls: list[str]
) -> None:
    assistant = account.new_assistant()["id"]
    account.assign(assistant, numbers)
    calls.clear()
    assert account.force("delete_phone_number", A).status == 200
    assert calls == ["BatchGetItem", "TransactWriteItems"]
    after = account.get(assistant)
    assert (after["phone_number_ids"], account.changes(after["id"])) == ([B], 3)
    assert listed(account) == {B: assistant}
    other_account.new_number(NUMBER)
    assert listed(other_account) == {A: None}


def test_the_last_number_of_an_assistant_leaves_it_with_none(account: Account, numbers: list[str]) -> None:
    assistant = account.new_assistant()["id"]
    account.assign(assistant, [A])
    account.force("delete_phone_number", A)
    assert account.get(assistant)["phone_number_ids"] == []
    assert account.assign(assistant, [B]).status == 200
    assert account.get(assistant)["phone_number_ids"] == [B]


def test_force_does_no_harm_to_a_free_or_suspended_number(account: Account, numbers: list[str]) -> None:
    account.call("update_phone_number", A, body={"status": "suspended"})
    assert [account.force("delete_phone_number", number).status for number in numbers] == [200, 200]
    assert listed(account) == {}


@pytest.mark.parametrize("flag", ["yes", "1", "null", "true,true"])
def test_a_force_that_is_neither_true_nor_false_is_refused(account: Account, numbers: list[str], flag: str) -> None:
    reply = account.call("delete_phone_number", A, query={"force": flag})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, "?force")
    assert listed(account) == {A: None, B: None}


@pytest.mark.parametrize("force", ["true", "false"])
def test_a_number_of_nobody_or_of_another_account_is_not_found_and_nothing_changes(
    account: Account, other_account: Account, stored: Stored, force: str
) -> None:
    theirs = other_account.new_number(NUMBER)
    other_account.assign(other_account.new_assistant()["id"], [theirs])
    before = stored.items()
    for number in ("pn_19999999999", theirs):
        reply = account.call("delete_phone_number", number, query={"force": force})
        assert (reply.status, reply.code) == (404, "phone_number_not_found")
    assert stored.items() == before


# Races


def test_a_number_assigned_meanwhile_is_refused_without_force(
    account: Account, numbers: list[str], table: Table
) -> None:
    assistant = account.new_assistant()["id"]
    race(table, "TransactWriteItems", lambda: account.assign(assistant, [A]))
    reply = account.call("delete_phone_number", A)
    assert (reply.status, reply.code) == (409, "phone_number_assigned")
    assert (account.get(assistant)["phone_number_ids"], listed(account)) == ([A], {A: assistant, B: None})


def test_a_number_assigned_meanwhile_is_released_with_force(account: Account, numbers: list[str], table: Table) -> None:
    assistant = account.new_assistant()["id"]
    race(table, "TransactWriteItems", lambda: account.assign(assistant, numbers))
    assert account.force("delete_phone_number", A).status == 200
    assert (account.get(assistant)["phone_number_ids"], listed(account)) == ([B], {B: assistant})


def test_a_number_that_moved_meanwhile_is_taken_from_where_it_went(
    account: Account, numbers: list[str], table: Table
) -> None:
    first, second = account.new_assistant()["id"], account.new_assistant()["id"]
    account.assign(first, numbers)
    race(table, "TransactWriteItems", lambda: account.assign(second, [A], reassign=True))
    assert account.force("delete_phone_number", A).status == 200
    assert (account.get(first)["phone_number_ids"], account.get(second)["phone_number_ids"]) == ([B], [])
    assert listed(account) == {B: first}


def test_a_number_released_meanwhile_is_deleted(account: Account, numbers: list[str], table: Table) -> None:
    assistant = account.new_assistant()["id"]
    account.assign(assistant, [A])
    race(table, "TransactWriteItems", lambda: account.force("delete_assistant", assistant))
    assert account.force("delete_phone_number", A).status == 200
    assert listed(account) == {B: None}


def test_a_number_deleted_meanwhile_is_not_assigned(account: Account, numbers: list[str], table: Table) -> None:
    assistant = account.new_assistant()["id"]
    race(table, "TransactWriteItems", lambda: account.call("delete_phone_number", A))
    reply = account.assign(assistant, numbers)
    assert (reply.status, reply.code) == (404, "phone_number_not_found")
    assert (account.get(assistant)["phone_number_ids"], listed(account)) == ([], {B: None})


@pytest.mark.parametrize("reassign", [False, True])
def test_a_number_deleted_and_imported_elsewhere_meanwhile_is_not_assigned(
    account: Account, other_account: Account, numbers: list[str], table: Table, reassign: bool
) -> None:
    def move() -> None:
        account.force("delete_phone_number", A)
        other_account.new_number(NUMBER)

    holder, assistant = account.new_assistant()["id"], account.new_assistant()["id"]
    account.assign(holder, [A] if reassign else [])
    race(table, "TransactWriteItems", move)
    assert account.assign(assistant, [A], reassign=reassign).code == "phone_number_not_found"
    assert (listed(account), listed(other_account)) == ({B: None}, {A: None})


def test_two_deletions_at_once_leave_the_number_deleted(account: Account, numbers: list[str], table: Table) -> None:
    assistant, replies = account.new_assistant()["id"], list[Reply]()
    account.assign(assistant, numbers)
    race(table, "TransactWriteItems", lambda: replies.append(account.force("delete_phone_number", A)))
    replies.append(account.force("delete_phone_number", A))
    assert [reply.status for reply in replies] == [200, 200]
    assert (account.get(assistant)["phone_number_ids"], listed(account)) == ([B], {B: assistant})


def test_a_number_that_another_account_imported_meanwhile_stays_theirs(
    account: Account, other_account: Account, numbers: list[str], table: Table
) -> None:
    def move() -> None:
        account.call("delete_phone_number", A)
        other_account.new_number(NUMBER)

    race(table, "TransactWriteItems", move)
    assert account.call("delete_phone_number", A).status == 200
    assert (listed(account), listed(other_account)) == ({B: None}, {A: None})
    assert account.call("import_phone_number").code == "phone_number_taken"
