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


def test_an_account_that_is_in_no_list(account: Account, other_account: Account, table: Table) -> None:
    delete(table, "LIST#ACCOUNTS", account.id)
    assert found(table) == [
        f"{account.id}: the account is not in the list of accounts; rename_account with the name that it has adds it"
    ]


def test_an_account_in_the_list_that_is_not_there(account: Account, table: Table) -> None:
    put(table, "LIST#ACCOUNTS", ANOTHER, account_id=ANOTHER)
    assert found(table) == [f"{ANOTHER}: is in the list of accounts and is no account"]


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
