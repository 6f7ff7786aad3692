from collections.abc import Callable

import pytest

from assistants_api.storage import account_erasure
from assistants_api.storage.table import Table
from local.proofs import audit
from tests.harness import Account, admin
from tests.local.audit.conftest import ANOTHER, change, delete, found, put


def test_what_an_operator_sets_of_an_account_is_right(account: Account, table: Table) -> None:
    assert admin("set_quotas", slug=account.slug, max_assistants=0)["ok"]
    assert admin("suspend_account", slug=account.slug)["ok"]
    assert found(table) == []


@pytest.mark.parametrize(
    ("expression", "value", "says"),
    [
        ("SET #max_assistants = :value", {"N": "-1"}, "may have -1 assistants"),
        ("SET #max_phone_numbers = :value", {"S": "many"}, "does not parse: max_phone_numbers"),
        ("SET #erasing_since = :value", {"S": "2026-01-01T00:00:00Z"}, "is being erased and is not suspended"),
        ("SET #erasing_since = :value", {"BOOL": True}, "does not parse: erasing_since"),
        ("SET #suspended_at = :value", {"N": "1"}, "does not parse: suspended_at"),
    ],
)
def test_an_account_that_is_not_right(
    account: Account, table: Table, expression: str, value: dict[str, object], says: str
) -> None:
    change(table, f"ACCOUNT#{account.id}", "ACCOUNT", expression, value=value)
    assert any(line.startswith(f"ACCOUNT#{account.id} ACCOUNT: ") and says in line for line in found(table))


def test_an_account_of_an_earlier_release_is_a_note_and_a_recount_lists_it(
    account: Account, other_account: Account, table: Table, printed: Callable[[], list[str]]
) -> None:
    delete(table, "LIST#ACCOUNTS", account.id)
    note = f"note: LIST#ACCOUNTS: lacks the account {account.id}"
    end = f"No violations in {table.name}."
    assert audit.main([table.name]) == 0
    assert printed() == [note, "To put that right: make audit TABLE=... RECOUNT=1", end]
    assert audit.main(["--recount", table.name]) == 0
    assert printed() == [f"{note}; it is added", end]
    assert [each["id"] for each in admin("list_accounts")["accounts"]] == [account.id, other_account.id]


def test_a_recount_lists_no_account_that_is_erased_meanwhile(
    account: Account, table: Table, printed: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    delete(table, "LIST#ACCOUNTS", account.id)
    pauses: list[Callable[[], object]] = [lambda: None, lambda: delete(table, f"ACCOUNT#{account.id}", "ACCOUNT")]
    monkeypatch.setattr("time.sleep", lambda seconds: pauses.pop(0)())
    assert audit.main([table.name, "--recount"]) == 1
    assert printed()[0].endswith("; it changed meanwhile, so run this again")
    assert admin("list_accounts")["accounts"] == []


def test_an_account_in_the_list_that_is_not_there(account: Account, table: Table) -> None:
    put(table, "LIST#ACCOUNTS", ANOTHER, account_id=ANOTHER)
    assert found(table) == [f"LIST#ACCOUNTS {ANOTHER}: is in the list of accounts and is no account"]


def test_an_account_that_is_half_erased_is_a_note_and_others_are_checked(
    account: Account,
    other_account: Account,
    assistant: str,
    table: Table,
    printed: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(account_erasure, "QUIET_SECONDS", -1)
    monkeypatch.setattr(account_erasure, "MAX_SECONDS", -1)
    monkeypatch.setattr(account_erasure, "PAGE", 2)
    admin("suspend_account", slug=account.slug)
    assert admin("erase_account", slug=account.slug)["erased"] == {"API keys": 1, "assistants": 1}
    assert audit.main([table.name]) == 0
    note = f"note: ACCOUNT#{account.id}: is being erased; erase_account finishes it"
    assert printed() == [note, f"No violations in {table.name}."]
    delete(table, f"SLUG#{other_account.slug}", "SLUG")
    assert audit.main([table.name]) == 1
