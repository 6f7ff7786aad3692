"""Assignments of more changes than one transaction takes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from assistants_api.storage import client
from assistants_api.storage.table import Table
from local.proofs.audit import scan, violations
from tests.conftest import Stored
from tests.faults import injection
from tests.faults.injection import Fault, injected, lost_reply
from tests.harness import Account, store_numbers

READ, TRANSACT = "BatchGetItem", "TransactWriteItems"


@pytest.fixture
def assistant(account: Account) -> str:
    return str(account.new_assistant("inbound-support")["id"])


@pytest.fixture(autouse=True)
def audited(patience: None, table: Table) -> Iterator[None]:
    yield
    assert list(violations(scan(table.client, table.name))) == []


def held(account: Account, assistant: str) -> list[str]:
    numbers: list[str] = account.get(assistant)["phone_number_ids"]
    return numbers


def before_transaction(table: Table, ordinal: int, act: Callable[[], object]) -> None:
    """Acts once, right before the transaction with this ordinal number: the first is 1."""
    count = 0

    def note(**_: object) -> None:
        nonlocal count
        count += 1
        if count == ordinal:
            act()

    table.client.meta.events.register(f"before-call.dynamodb.{TRANSACT}", note)


def suspend(account: Account, number: str) -> None:
    assert account.call("update_phone_number", number, body={"status": "suspended"}).status == 200


def test_99_changes_are_one_transaction_and_nothing_is_read_before(
    account: Account, assistant: str, table: Table, calls: list[str]
) -> None:
    many = store_numbers(table, account, 99)
    calls.clear()
    assert account.assign(assistant, many).json == {"success": True}
    assert account.assign(assistant, []).json == {"success": True}
    assert calls == [READ, TRANSACT] * 2


@pytest.mark.parametrize(
    ("before", "wanted", "reads", "transactions"),
    [
        (100, slice(0, 0), 0, 2),
        pytest.param(500, slice(0, 0), 0, 6, marks=pytest.mark.long),
        (0, slice(0, 100), 1, 2),
        pytest.param(150, slice(100, 250), 1, 3, marks=pytest.mark.long),
        pytest.param(500, slice(10, 510), 0, 1, marks=pytest.mark.long),
        pytest.param(500, slice(500, 1000), 5, 11, marks=pytest.mark.long),
    ],
)
def test_any_replacement_takes_two_round_trips_and_one_for_each_99_changes(
    account: Account, assistant: str, table: Table, calls: list[str],
    before: int, wanted: slice, reads: int, transactions: int,
) -> None:  # fmt: skip
    """The numbers are read 100 in a call, and all calls at the same time."""
    many = store_numbers(table, account, max(before, wanted.stop), before, assistant)
    calls.clear()
    reply = account.assign(assistant, many[wanted])
    assert (reply.status, reply.json) == (200, {"success": True})
    assert calls == [READ] * (1 + reads) + [TRANSACT] * transactions
    assert held(account, assistant) == many[wanted]


@pytest.mark.long
def test_the_assistant_and_its_numbers_agree_at_every_moment_and_it_never_holds_too_many(
    account: Account, assistant: str, table: Table
) -> None:
    many, seen = store_numbers(table, account, 300, 150, assistant), list[int]()

    def look(**_: object) -> None:
        numbers = [number for page in account.pages("list_phone_numbers") for number in page["numbers"]]
        assert held(account, assistant) == [each["id"] for each in numbers if each["assistant_id"]]
        seen.append(len(held(account, assistant)))

    table.client.meta.events.register(f"before-call.dynamodb.{TRANSACT}", look)
    assert account.assign(assistant, many[150:]).status == 200
    assert seen == [150, 51, 48, 147]
    assert held(account, assistant) == many[150:]


def test_reassign_takes_many_numbers_and_counts_each_holder_as_a_change(
    account: Account, assistant: str, table: Table, calls: list[str]
) -> None:
    other = account.new_assistant()["id"]
    many = store_numbers(table, account, 150, 120, other)
    calls.clear()
    assert account.assign(assistant, many, reassign=True).status == 200
    assert calls == [READ] * 3 + [TRANSACT] * 2
    assert (held(account, assistant), held(account, other)) == (many, [])


@pytest.mark.long
def test_99_numbers_of_which_one_is_anothers_are_moved_in_two_transactions(
    account: Account, assistant: str, table: Table, calls: list[str]
) -> None:
    """The first, which fails, tells so; then the others are read, in case there is more."""
    other = account.new_assistant()["id"]
    many = store_numbers(table, account, 99, 1, other)
    calls.clear()
    assert account.assign(assistant, many, reassign=True).status == 200
    assert calls == [READ, TRANSACT, READ, TRANSACT, TRANSACT]
    assert (held(account, assistant), held(account, other)) == (many, [])


# What stands against it


def missing(account: Account, many: list[str]) -> None:
    assert account.call("delete_phone_number", many[-1]).status == 200


def suspended(account: Account, many: list[str]) -> None:
    suspend(account, many[-1])


def taken(account: Account, many: list[str]) -> None:
    assert account.assign(account.new_assistant()["id"], many[-1:]).status == 200


OBSTACLES = [
    (missing, 404, "phone_number_not_found"),
    (suspended, 409, "phone_number_not_active"),
    (taken, 409, "phone_number_assigned"),
]


@pytest.mark.parametrize(("obstruct", "status", "code"), OBSTACLES)
def test_what_stands_against_it_is_found_before_anything_is_written(
    account: Account,
    assistant: str,
    table: Table,
    stored: Stored,
    calls: list[str],
    obstruct: Any,
    status: int,
    code: str,
) -> None:
    many = store_numbers(table, account, 250, 50, assistant)
    obstruct(account, many)
    before = stored.items()
    calls.clear()
    reply = account.assign(assistant, many[50:])
    assert (reply.status, reply.code) == (status, code)
    assert reply.json["details"][0]["field"] == "/phoneNumberIds/199"
    assert "are done" not in reply.json["error"]
    assert calls == [READ] * 3
    assert stored.items() == before


@pytest.mark.long
@pytest.mark.parametrize(("obstruct", "status", "code"), OBSTACLES)
def test_what_comes_in_the_way_later_is_refused_with_how_much_is_done_and_a_repeat_finishes_it(
    account: Account, assistant: str, table: Table, obstruct: Any, status: int, code: str
) -> None:
    many = store_numbers(table, account, 250, 50, assistant)
    before_transaction(table, 3, lambda: obstruct(account, many))
    reply = account.assign(assistant, many[50:])
    assert (reply.status, reply.code) == (status, code)
    assert reply.json["error"].endswith(" 198 of 250 changes are done; send the request again to finish.")
    assert held(account, assistant) == many[50:198]
    assert account.assign(assistant, many[50:249]).status == 200
    assert held(account, assistant) == many[50:249]


@pytest.mark.long
def test_a_number_that_another_assistant_wins_meanwhile_is_taken_back_with_reassign(
    account: Account, assistant: str, table: Table
) -> None:
    many, rival = store_numbers(table, account, 150), account.new_assistant()["id"]
    before_transaction(table, 2, lambda: account.assign(rival, [many[0], many[149]], reassign=True))
    assert account.assign(assistant, many, reassign=True).status == 200
    assert (held(account, assistant), held(account, rival)) == (many, [])


def test_an_assistant_deleted_meanwhile_is_not_found_and_no_repeat_is_advised(
    account: Account, assistant: str, table: Table
) -> None:
    many = store_numbers(table, account, 150)
    before_transaction(table, 2, lambda: account.force("delete_assistant", assistant))
    reply = account.assign(assistant, many)
    assert (reply.status, reply.code) == (404, "assistant_not_found")
    assert "are done" not in reply.json["error"]


@pytest.mark.long
def test_two_long_assignments_at_once_end_as_one_of_them(account: Account, assistant: str, table: Table) -> None:
    many = store_numbers(table, account, 300)
    before_transaction(table, 2, lambda: account.assign(assistant, many[150:]))
    assert account.assign(assistant, many[:150]).status == 200
    assert held(account, assistant) == many[:150]


@pytest.mark.long
def test_a_suspended_number_that_the_assistant_holds_already_stays(
    account: Account, assistant: str, table: Table
) -> None:
    many = store_numbers(table, account, 200, 1, assistant)
    suspend(account, many[0])
    assert account.assign(assistant, many).status == 200
    assert held(account, assistant) == many


# Faults


def from_request(ordinal: int, fault: Fault) -> Fault:
    """The fault, from the request with this ordinal number on: the first is 1."""
    count = 0

    def before(operation: str) -> Any:
        nonlocal count
        count += 1
        return fault.before(operation) if count >= ordinal else None

    def after(operation: str, reply: Any) -> None:
        if count >= ordinal:
            fault.after(operation, reply)

    return Fault(before, after)


@pytest.mark.long
@pytest.mark.parametrize("fault", [injection.lost_request(), lost_reply(), injection.refused("ThrottlingException")])
def test_a_database_that_fails_halfway_is_a_503_that_says_how_much_is_done_and_a_repeat_finishes_it(
    account: Account, assistant: str, table: Table, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    monkeypatch.setattr(client, "RETRY_COST", 100)
    many = store_numbers(table, account, 250)
    with injected(table.client, from_request(2, fault), injection.ALWAYS, TRANSACT):
        reply = account.assign(assistant, many)
    assert (reply.status, reply.code) == (503, "unavailable")
    assert reply.json["error"].endswith(" 99 of 250 changes are done; send the request again to finish.")
    assert set(many[:99]) <= set(held(account, assistant)) < set(many)
    assert account.assign(assistant, many).status == 200
    assert held(account, assistant) == many


@pytest.mark.long
@pytest.mark.parametrize("ordinal", [1, 2, 3])
def test_a_transaction_whose_answer_is_lost_counts_once(
    account: Account, assistant: str, table: Table, ordinal: int
) -> None:
    many, lost = store_numbers(table, account, 250), lost_reply()
    count = 0

    def after(operation: str, reply: Any) -> None:
        nonlocal count
        count += 1
        if count == ordinal:
            lost.after(operation, reply)

    with injected(table.client, Fault(after=after), injection.ALWAYS, TRANSACT) as injection_:
        assert account.assign(assistant, many).status == 200
    assert len(injection_.sent) == 4
    assert (held(account, assistant), account.changes(assistant)) == (many, 4)
