"""What several requests delete at the same time leaves the account's counts once."""

from collections.abc import Callable

import pytest

from assistants_api.storage import keys
from assistants_api.storage.table import Table
from local.proofs.audit import scan, violations
from tests.harness import Account, Reply, admin, new_key, race
from tests.poison import poison

MAKES: dict[str, tuple[str, Callable[[Account], str], Callable[[str, str], keys.PrimaryKey], str]] = {
    "api_keys": ("delete_api_key", lambda it: new_key(it.slug, it.id).key_id, keys.api_key, "name"),
    "assistants": ("delete_assistant", lambda it: str(it.new_assistant()["id"]), keys.assistant, "name"),
    "phone_numbers": ("delete_phone_number", Account.new_number, keys.phone_number, "status"),
    "telephony_connections": ("delete_telephony_connection", Account.new_connection, keys.connection, "provider"),
}


def count(account: Account, things: str) -> int:
    return int(admin("show_account", slug=account.slug)["account"][things])


@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize("things", MAKES)
def test_what_two_requests_delete_at_once_is_counted_once(
    account: Account, table: Table, things: str, readable: bool
) -> None:
    endpoint, make, key, required = MAKES[things]
    before, made, replies = count(account, things), make(account), list[Reply]()
    if not readable:
        poison(table, key(account.id, made), required)
    race(table, "TransactWriteItems", lambda: replies.append(account.force(endpoint, made)))
    replies.append(account.force(endpoint, made))
    assert [reply.status for reply in replies] == [200, 200]
    assert count(account, things) == before
    assert list(violations(scan(table.client, table.name))) == []
