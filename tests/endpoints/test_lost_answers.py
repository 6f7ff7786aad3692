"""The write took effect and its answer was lost: it is sent again, and the caller sees the true outcome."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.endpoints.test_delete_assistant import with_numbers
from tests.faults.injection import injected, lost_reply
from tests.harness import Account, Reply, admin, new_key

A, B = "pn_14155550101", "pn_14155550102"


@pytest.fixture
def lose_answer(table: Table) -> Iterator[Callable[[str], list[str]]]:
    """Makes the answer of the next such request be lost; the list tells of every attempt."""
    with ExitStack() as faults:
        yield lambda operation: faults.enter_context(injected(table.client, lost_reply(), 1, operation)).sent


Lose = Callable[[str], list[str]]


def test_one_assistant_is_created(account: Account, lose_answer: Lose, stored: Stored) -> None:
    attempts = lose_answer("TransactWriteItems")
    created = account.call("create_assistant").json["assistant"]
    assert len(attempts) == 2
    assert [item["id"]["S"] for item in stored.items() if item["SK"]["S"].startswith("ASSISTANT#")] == [created["id"]]


def test_a_change_counts_once(account: Account, lose_answer: Lose) -> None:
    assistant = account.new_assistant()["id"]
    attempts = lose_answer("TransactWriteItems")
    reply = account.update(assistant, name="New")
    assert len(attempts) == 2
    assert (reply.status, reply.json["assistant"]["version"]) == (200, 2)
    assert reply.json["assistant"] == account.get(assistant)


def test_a_change_with_if_match_does_not_fail_its_own_precondition(account: Account, lose_answer: Lose) -> None:
    assistant = account.new_assistant()["id"]
    lose_answer("TransactWriteItems")
    reply = account.update(assistant, {"if-match": '"1"'}, name="New")
    assert (reply.status, reply.json["assistant"]["version"]) == (200, 2)


@pytest.mark.parametrize("reassign", [False, True])
def test_an_assignment_counts_once(account: Account, lose_answer: Lose, reassign: bool) -> None:
    holder, assistant = account.new_assistant()["id"], account.new_assistant()["id"]
    account.assign(holder, [account.new_number("+14155550101")] if reassign else [])
    account.assign(assistant, [account.new_number("+14155550102")])
    account.new_number("+14155550101")
    attempts = lose_answer("TransactWriteItems")
    assert account.assign(assistant, [A], reassign=reassign).status == 200
    assert len(attempts) == 2 + reassign  # of which the first only tells who holds the number
    after = account.get(assistant)
    assert (after["phone_number_ids"], account.changes(assistant)) == ([A], 3)
    assert account.get(holder)["phone_number_ids"] == []


def test_an_import_answers_the_number(account: Account, lose_answer: Lose) -> None:
    attempts = lose_answer("TransactWriteItems")
    reply: Reply = account.call("import_phone_number")
    assert len(attempts) == 2
    assert (reply.status, reply.json["phone_number"]["id"]) == (200, A)


def test_an_import_of_a_number_that_the_account_has_answers_what_is_stored(account: Account, lose_answer: Lose) -> None:
    account.new_number(label="Old")
    attempts = lose_answer("TransactWriteItems")
    reply: Reply = account.call("import_phone_number")
    assert len(attempts) == 3  # of which the first two find the number
    assert (reply.status, reply.json["phone_number"]["label"]) == (200, "Main line")


def test_a_new_account_does_not_find_its_slug_taken_by_itself(table: Table, lose_answer: Lose) -> None:
    attempts = lose_answer("TransactWriteItems")
    assert admin("create_account", slug="my-team", name="My Team")["ok"] is True
    assert len(attempts) == 2


def test_a_new_key_works(account: Account, lose_answer: Lose) -> None:
    attempts = lose_answer("PutItem")
    created = admin("create_api_key", slug="my-team", name="x", environment="live", scopes=["*"])
    assert len(attempts) == 2
    assert Account("my-team", account.id, created["full_key"]).call("list_phone_numbers").status == 200


def test_one_clone_is_made(account: Account, lose_answer: Lose) -> None:
    original = account.new_assistant()["id"]
    attempts = lose_answer("TransactWriteItems")
    clone = account.call("clone_assistant", original).json["assistant"]
    assert len(attempts) == 2
    assert [each["id"] for each in account.call("list_assistants").json["assistants"]] == [clone["id"], original]


@pytest.mark.parametrize("held", [0, 2])
def test_a_deleted_assistant_is_not_told_as_missing(account: Account, lose_answer: Lose, held: int) -> None:
    assistant = account.new_assistant()["id"]
    account.assign(assistant, [account.new_number(f"+1415555010{digit}") for digit in range(held)])
    attempts = lose_answer("TransactWriteItems")
    assert account.force("delete_assistant", assistant).status == 200
    assert len(attempts) == 2
    assert account.call("get_assistant", assistant).status == 404
    assert [each["assistant_id"] for each in account.call("list_phone_numbers").json["numbers"]] == [None] * held


@pytest.mark.usefixtures("patience")
def test_a_long_release_goes_on_behind_the_step_whose_answer_was_lost(
    account: Account, table: Table, lose_answer: Lose
) -> None:
    assistant = with_numbers(table, account, 100)
    attempts = lose_answer("TransactWriteItems")
    assert account.force("delete_assistant", assistant).status == 200
    assert len(attempts) == 3
    assert account.call("get_assistant", assistant).status == 404
    assert {each["assistant_id"] for each in account.call("list_phone_numbers").json["numbers"]} == {None}


@pytest.mark.parametrize("assigned", [False, True])
def test_a_deleted_number_is_not_told_as_missing_and_its_holder_changes_once(
    account: Account, lose_answer: Lose, assigned: bool
) -> None:
    assistant, number = account.new_assistant()["id"], account.new_number("+14155550101")
    account.assign(assistant, [number] if assigned else [])
    attempts = lose_answer("TransactWriteItems")
    assert account.force("delete_phone_number", number).status == 200
    assert len(attempts) == 2
    assert account.call("list_phone_numbers").json["numbers"] == []
    after = account.get(assistant)
    assert (after["phone_number_ids"], account.changes(assistant)) == ([], 3 if assigned else 1)


def test_a_changed_number_is_answered_as_it_is(account: Account, lose_answer: Lose) -> None:
    number = account.new_number("+14155550101")
    attempts = lose_answer("TransactWriteItems")
    reply = account.call("update_phone_number", number, body={"label": None, "status": "suspended"})
    assert len(attempts) == 2
    assert reply.json["phone_number"] == account.call("get_phone_number", number).json["phone_number"]


def test_a_key_created_over_http_works(account: Account, lose_answer: Lose) -> None:
    attempts = lose_answer("TransactWriteItems")
    created = account.call("create_api_key", body={"name": "x", "scopes": ["*"]}).json
    assert len(attempts) == 2
    assert Account("my-team", account.id, created["full_key"]).call("list_phone_numbers").status == 200
    assert account.call("list_api_keys").json["count"] == 2


def test_a_rotation_answers_the_new_key(account: Account, lose_answer: Lose) -> None:
    attempts = lose_answer("TransactWriteItems")
    rotated = account.call("rotate_api_key", account.key_id, body={"grace_seconds": 0})
    assert (len(attempts), rotated.status) == (2, 200)
    assert account.call("list_phone_numbers").status == 401
    fresh = Account("my-team", account.id, rotated.json["full_key"])
    assert fresh.call("list_api_keys").json["count"] == 2


@pytest.mark.parametrize("own", [False, True])
def test_a_deleted_key_is_not_told_as_missing(account: Account, lose_answer: Lose, own: bool) -> None:
    other = new_key(account.slug, account.id)
    attempts = lose_answer("TransactWriteItems")
    assert account.call("delete_api_key", (account if own else other).key_id).status == 200
    assert len(attempts) == 2
    assert (account.call("list_templates").status, other.call("list_templates").status) == (
        (401, 200) if own else (200, 401)
    )


@pytest.mark.parametrize("own", [False, True])
def test_a_deactivated_key_is_answered_as_it_is(account: Account, lose_answer: Lose, own: bool) -> None:
    other = new_key(account.slug, account.id)
    attempts = lose_answer("TransactWriteItems")
    reply = account.call("update_api_key", (account if own else other).key_id, body={"is_active": False})
    assert (len(attempts), reply.status, reply.json["api_key"]["is_active"]) == (2, 200, False)
    assert (account.call("list_templates").status, other.call("list_templates").status) == (
        (401, 200) if own else (200, 401)
    )
