from collections.abc import Callable

import pytest

from assistants_api.models.account import COUNTABLES
from assistants_api.storage.table import Table
from local.proofs import audit
from tests.harness import Account
from tests.local.audit.conftest import change, found

COUNTS = "SET #api_keys = :keys, #assistants = :assistants, #phone_numbers = :numbers"


def miscounted(table: Table, account: Account, keys: int, assistants: int, numbers: int) -> None:
    counts = {"keys": keys, "assistants": assistants, "numbers": numbers}
    change(table, f"ACCOUNT#{account.id}", "ACCOUNT", COUNTS, **{name: {"N": str(it)} for name, it in counts.items()})


def counts(table: Table, account: Account) -> tuple[int | None, ...]:
    key = {"PK": {"S": f"ACCOUNT#{account.id}"}, "SK": {"S": "ACCOUNT"}}
    item = table.client.get_item(TableName=table.name, Key=key)["Item"]
    return tuple(int(item[it]["N"]) if it in item else None for it in COUNTABLES)


@pytest.mark.usefixtures("assistant")
def test_what_the_api_counts_is_right(
    account: Account, other_account: Account, table: Table, printed: Callable[[], list[str]]
) -> None:
    assert audit.main([table.name]) == 0
    assert printed() == [f"No violations in {table.name}."]
    assert (counts(table, account), counts(table, other_account)) == ((1, 1, 1, 1), (1, 1, 1, 1))


@pytest.mark.usefixtures("assistant")
def test_counts_that_differ_are_a_note_and_no_violation(
    account: Account, table: Table, printed: Callable[[], list[str]]
) -> None:
    miscounted(table, account, 3, -1, 1)
    assert audit.main([table.name]) == 0
    assert printed() == [
        f"note: ACCOUNT#{account.id}: has 1 api_keys and counts 3",
        f"note: ACCOUNT#{account.id}: has 1 assistants and counts -1",
        "To put that right: make audit TABLE=... RECOUNT=1",
        f"No violations in {table.name}.",
    ]
    assert counts(table, account) == (3, -1, 1, 1)
    assert found(table) == []


@pytest.mark.usefixtures("assistant")
def test_a_recount_writes_the_right_counts(
    account: Account, other_account: Account, table: Table, printed: Callable[[], list[str]]
) -> None:
    """Also where an earlier release has counted nothing."""
    miscounted(table, account, 3, -1, 1)
    change(table, f"ACCOUNT#{other_account.id}", "ACCOUNT", "REMOVE #api_keys, #assistants, #phone_numbers")
    assert audit.main(["--recount", table.name]) == 0
    assert sorted(printed()) == sorted(
        [
            f"No violations in {table.name}.",
            f"note: ACCOUNT#{account.id}: has 1 api_keys and counts 3; the right count is written",
            f"note: ACCOUNT#{account.id}: has 1 assistants and counts -1; the right count is written",
            f"note: ACCOUNT#{other_account.id}: has 1 api_keys and counts 0; the right count is written",
            f"note: ACCOUNT#{other_account.id}: has 1 assistants and counts 0; the right count is written",
            f"note: ACCOUNT#{other_account.id}: has 1 phone_numbers and counts 0; the right count is written",
        ]
    )
    assert (counts(table, account), counts(table, other_account)) == ((1, 1, 1, 1), (1, 1, 1, 1))
    assert audit.main(["--recount", table.name]) == 0
    assert printed() == [f"No violations in {table.name}."]


@pytest.mark.usefixtures("assistant")
@pytest.mark.parametrize("before", [3, None])
def test_a_recount_loses_no_count_made_meanwhile(
    account: Account,
    table: Table,
    printed: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    before: int | None,
) -> None:
    miscounted(table, account, 1, before or 0, 1)
    if before is None:
        change(table, f"ACCOUNT#{account.id}", "ACCOUNT", "REMOVE #assistants")
    pauses: list[Callable[[], object]] = [lambda: None, lambda: account.new_assistant("custom")]  # then the write
    monkeypatch.setattr("time.sleep", lambda seconds: pauses.pop(0)())
    assert audit.main([table.name, "--recount"]) == 1
    assert pauses == []
    note = f"has 1 assistants and counts {before or 0}; it changed meanwhile, so run this again"
    assert printed() == [f"note: ACCOUNT#{account.id}: {note}", f"No violations in {table.name}."]
    assert counts(table, account) == (1, (before or 0) + 1, 1, 1)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert audit.main([table.name, "--recount"]) == 0
    assert counts(table, account) == (1, 2, 1, 1)
