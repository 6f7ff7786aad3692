from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, Reply, race, store_numbers

UNKNOWN = "asst_01jd5xexamp1e0000000000000"
A, B = "pn_14155550101", "pn_14155550102"


@pytest.fixture
def numbers(account: Account) -> list[str]:
    return [account.new_number(f"+1415555010{digit}") for digit in (1, 2)]


def held_numbers(account: Account) -> dict[str, str]:
    """The numbers that are assigned, and to whom."""
    pages = account.pages("list_phone_numbers")
    return {each["id"]: each["assistant_id"] for page in pages for each in page["numbers"] if each["assistant_id"]}


def sort_keys(stored: Stored) -> set[str]:
    return {item["SK"]["S"] for item in stored.items()}


def with_numbers(table: Table, account: Account, count: int) -> str:
    """An assistant that holds so many numbers."""
    assistant: str = account.new_assistant("inbound-support")["id"]
    store_numbers(table, account, count, held=count, holder=assistant)
    return assistant


def test_a_deleted_assistant_is_gone_and_leaves_what_a_restore_needs(account: Account, stored: Stored) -> None:
    before = sort_keys(stored)
    assistant = account.new_assistant()["id"]
    reply = account.call("delete_assistant", assistant)
    assert (reply.status, reply.json) == (200, {"success": True, "message": "Assistant deleted successfully"})
    assert sort_keys(stored) - before == {f"DELETED#{assistant}", f"VERSION#{assistant}#00000001"}
    assert account.call("get_assistant", assistant).code == "assistant_not_found"
    assert account.update(assistant, name="x").code == "assistant_not_found"
    assert account.assign(assistant, []).code == "assistant_not_found"
    assert account.call("delete_assistant", assistant).code == "assistant_not_found"
    assert account.call("list_assistants").json["assistants"] == []


def test_the_other_assistants_stay_as_they_are(account: Account, other_account: Account) -> None:
    kept, theirs, assistant = account.new_assistant(), other_account.new_assistant(), account.new_assistant()["id"]
    account.call("delete_assistant", assistant)
    assert account.get(kept["id"]) == kept
    assert other_account.get(theirs["id"]) == theirs


@pytest.mark.parametrize("force", ["true", "false"])
def test_an_assistant_of_nobody_or_of_another_account_is_not_found_and_nothing_changes(
    account: Account, other_account: Account, stored: Stored, force: str
) -> None:
    theirs = other_account.new_assistant()["id"]
    other_account.assign(theirs, [other_account.new_number()])
    before = stored.items()
    for assistant in (UNKNOWN, theirs):
        reply = account.call("delete_assistant", assistant, query={"force": force})
        assert (reply.status, reply.code) == (404, "assistant_not_found")
    assert stored.items() == before


@pytest.mark.parametrize("query", [{}, {"force": "false"}])
def test_an_assistant_that_holds_numbers_is_refused_by_their_names_and_nothing_changes(
    account: Account, numbers: list[str], stored: Stored, query: dict[str, str]
) -> None:
    assistant = account.new_assistant()["id"]
    account.assign(assistant, numbers)
    before = stored.items()
    reply = account.call("delete_assistant", assistant, query=query)
    assert (reply.status, reply.code) == (409, "assistant_has_phone_numbers")
    assert f"{A}, {B};" in reply.json["error"]
    assert "?force=true" in reply.json["error"]
    assert stored.items() == before


def test_of_many_numbers_the_refusal_names_ten(account: Account) -> None:
    assistant = account.new_assistant()["id"]
    account.assign(assistant, [account.new_number(f"+141555501{digits}") for digits in range(10, 22)])
    error = account.call("delete_assistant", assistant).json["error"]
    assert (error.count("pn_"), "and 2 more;" in error) == (10, True)


def test_an_assistant_that_released_its_numbers_needs_no_force(account: Account, numbers: list[str]) -> None:
    assistant = account.new_assistant()["id"]
    account.assign(assistant, numbers)
    account.assign(assistant, [])
    assert account.call("delete_assistant", assistant).status == 200


def test_force_releases_the_numbers_which_stay_in_the_account(account: Account, numbers: list[str]) -> None:
    assistant, heir = account.new_assistant("inbound-support")["id"], account.new_assistant()["id"]
    account.assign(assistant, numbers)
    assert account.force("delete_assistant", assistant).status == 200
    assert (account.route("+14155550101").json["reason"], held_numbers(account)) == ("unassigned", {})
    assert account.assign(heir, numbers).status == 200


@pytest.mark.parametrize("flag", ["yes", "1", "on", "null", "true,true"])
def test_a_force_that_is_neither_true_nor_false_is_refused(account: Account, stored: Stored, flag: str) -> None:
    assistant = account.new_assistant()["id"]
    before = stored.items()
    reply = account.call("delete_assistant", assistant, query={"force": flag})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, "?force")
    assert stored.items() == before


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize(
    ("count", "transactions"),
    [(98, 1), (99, 2), *(pytest.param(*it, marks=pytest.mark.long) for it in ((100, 2), (150, 2), (500, 6)))],
)
def test_force_releases_any_number_of_numbers_99_in_a_transaction_without_a_wait(
    account: Account,
    table: Table,
    calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
    count: int,
    transactions: int,
) -> None:
    """In the last one are the assistant and what is kept of it, so it releases 98 at most."""
    assistant = with_numbers(table, account, count)
    calls.clear()
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    assert account.force("delete_assistant", assistant).status == 200
    assert waits == []
    assert calls == ["BatchGetItem", *["TransactWriteItems"] * transactions]
    assert account.call("get_assistant", assistant).status == 404
    assert held_numbers(account) == {}
    assert sum(page["count"] for page in account.pages("list_phone_numbers")) == count


@pytest.mark.long
@pytest.mark.usefixtures("patience")
def test_the_assistant_and_its_numbers_agree_at_every_moment_of_a_long_release(account: Account, table: Table) -> None:
    assistant, left = with_numbers(table, account, 250), []

    def look(params: Mapping[str, Any], **_: object) -> None:
        held = account.get(assistant)["phone_number_ids"]
        assert dict.fromkeys(held, assistant) == held_numbers(account)
        left.append(len(held))

    table.client.meta.events.register("before-call.dynamodb.TransactWriteItems", look)
    assert account.force("delete_assistant", assistant).status == 200
    assert left == [250, 151, 52]


# Races


def test_a_number_assigned_meanwhile_stops_a_deletion_without_force(
    account: Account, numbers: list[str], table: Table
) -> None:
    assistant = account.new_assistant()["id"]
    race(table, "TransactWriteItems", lambda: account.assign(assistant, [A]))
    reply = account.call("delete_assistant", assistant)
    assert (reply.status, reply.code) == (409, "assistant_has_phone_numbers")
    assert account.get(assistant)["phone_number_ids"] == [A]
    assert held_numbers(account) == {A: assistant}


def test_a_number_assigned_meanwhile_is_released_with_force(account: Account, numbers: list[str], table: Table) -> None:
    assistant = account.new_assistant()["id"]
    account.assign(assistant, [A])
    race(table, "TransactWriteItems", lambda: account.assign(assistant, [A, B]))
    assert account.force("delete_assistant", assistant).status == 200
    assert account.call("get_assistant", assistant).status == 404
    assert held_numbers(account) == {}


@pytest.mark.long
def test_force_outlasts_a_team_that_assigns_all_the_time(account: Account, numbers: list[str], table: Table) -> None:
    assistant = account.new_assistant()["id"]
    changes = [partial(account.assign, assistant, [A, B][: 1 + turn % 2]) for turn in range(16)]
    race(table, "TransactWriteItems", *changes)
    assert account.force("delete_assistant", assistant).status == 200
    assert held_numbers(account) == {}


def test_a_number_that_moved_meanwhile_stays_where_it_went(account: Account, numbers: list[str], table: Table) -> None:
    assistant, heir = account.new_assistant()["id"], account.new_assistant()["id"]
    account.assign(assistant, numbers)
    race(table, "TransactWriteItems", lambda: account.assign(heir, [A], reassign=True))
    assert account.force("delete_assistant", assistant).status == 200
    assert (account.get(heir)["phone_number_ids"], held_numbers(account)) == ([A], {A: heir})


def test_a_number_deleted_meanwhile_stays_deleted(account: Account, numbers: list[str], table: Table) -> None:
    assistant = account.new_assistant()["id"]
    account.assign(assistant, numbers)
    race(table, "TransactWriteItems", lambda: account.force("delete_phone_number", A))
    assert account.force("delete_assistant", assistant).status == 200
    assert [each["id"] for each in account.call("list_phone_numbers").json["numbers"]] == [B]
    assert held_numbers(account) == {}


def test_an_assistant_deleted_meanwhile_gets_no_numbers(account: Account, numbers: list[str], table: Table) -> None:
    assistant = account.new_assistant()["id"]
    race(table, "TransactWriteItems", lambda: account.call("delete_assistant", assistant))
    reply = account.assign(assistant, [A])
    assert (reply.status, reply.code) == (404, "assistant_not_found")
    assert held_numbers(account) == {}


def test_a_deleted_holder_does_not_stop_reassignment(account: Account, numbers: list[str], table: Table) -> None:
    holder, heir = account.new_assistant()["id"], account.new_assistant()["id"]
    account.assign(holder, [A])
    race(table, "TransactWriteItems", lambda: account.force("delete_assistant", holder))
    assert account.assign(heir, [A], reassign=True).status == 200
    assert held_numbers(account) == {A: heir}


def test_a_change_does_not_bring_a_deleted_assistant_back(account: Account, table: Table, stored: Stored) -> None:
    before = sort_keys(stored)
    assistant = account.new_assistant()["id"]
    race(table, "TransactWriteItems", lambda: account.call("delete_assistant", assistant))
    reply = account.update(assistant, name="x")
    assert (reply.status, reply.code) == (404, "assistant_not_found")
    assert sort_keys(stored) - before == {f"DELETED#{assistant}", f"VERSION#{assistant}#00000001"}


def test_two_deletions_at_once_leave_the_assistant_deleted(account: Account, numbers: list[str], table: Table) -> None:
    assistant, replies = account.new_assistant()["id"], list[Reply]()
    account.assign(assistant, numbers)
    race(table, "TransactWriteItems", lambda: replies.append(account.force("delete_assistant", assistant)))
    replies.append(account.force("delete_assistant", assistant))
    assert [reply.status for reply in replies] == [200, 200]
    assert (account.call("get_assistant", assistant).status, held_numbers(account)) == (404, {})
