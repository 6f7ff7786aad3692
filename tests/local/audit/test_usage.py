from collections.abc import Callable

import pytest

from assistants_api.storage.table import Table
from local.proofs import audit
from local.proofs.audit import scan
from tests.harness import Account, new_key
from tests.local.audit.conftest import ANOTHER, change, found, put


def usage(table: Table, account: Account, sk: str, **values: object) -> None:
    """An item of the account's usage; `values` in DynamoDB's form."""
    item = {"PK": {"S": f"USAGE#{account.id}"}, "SK": {"S": sk.format(key=account.key_id.removeprefix("key_"))}}
    table.client.put_item(TableName=table.name, Item=item | values)  # type: ignore[arg-type]


def test_counted_requests_are_right(account: Account, table: Table) -> None:
    limited = new_key(account.slug, account.id, rate_limit_per_hour=1000)
    for _ in range(5):
        assert limited.call("list_assistants").status == 200
    kinds = {item["SK"].partition("#")[0] for item in scan(table.client, table.name) if item["PK"].startswith("USAGE#")}
    assert kinds == {"LAST", limited.key_id.removeprefix("key_")}
    assert found(table) == []


HOUR = 490_000


@pytest.mark.parametrize(
    ("sk", "values", "says"),
    [
        (f"{{key}}#{HOUR}", {"ttl": {"N": str((HOUR + 2) * 3600)}}, "does not parse: reserved Field required"),
        (f"{{key}}#{HOUR}", {"reserved": {"N": "1"}}, "does not parse: ttl Field required"),
        (f"{{key}}#{HOUR}", {"reserved": {"N": "0"}, "ttl": {"N": "1764000000"}}, "reserved Input should be greater"),
        (f"{{key}}#{HOUR}", {"reserved": {"N": "1"}, "ttl": {"N": str(HOUR * 3600)}}, "deleted before its hour ends"),
        ("LAST#{key}", {}, "does not parse: last_used_at Field required"),
        ("LAST#{key}", {"last_used_at": {"S": "today"}}, "does not parse: last_used_at Input should be"),
        ("{key}", {}, "is of no known kind"),
        ("{key}#now", {}, "is of no known kind"),
        ("WIDGET", {}, "is of no known kind"),
    ],
)
def test_usage_that_is_not_right(account: Account, table: Table, sk: str, values: dict[str, object], says: str) -> None:
    usage(table, account, sk, **values)
    (line,) = found(table)
    assert line.startswith(f"USAGE#{account.id} {sk.format(key=account.key_id.removeprefix('key_'))}: ")
    assert says in line


def test_usage_of_an_account_that_is_not_there(account: Account, table: Table) -> None:
    put(table, f"USAGE#{ANOTHER}", f"LAST#{'0' * 64}", last_used_at="2026-01-01T00:00:00Z")
    assert found(table) == [f"ACCOUNT#{ANOTHER}: has items and is no account"]


def test_what_an_earlier_release_counted_on_a_key_is_ignored(account: Account, table: Table) -> None:
    sk = account.key_id.replace("key_", "APIKEY#")
    change(table, f"ACCOUNT#{account.id}", sk, "SET #requests_490000 = :count", count={"N": "7"})
    assert found(table) == []


def test_the_last_use_of_a_key_that_is_gone_is_a_note(
    account: Account, table: Table, printed: Callable[[], list[str]]
) -> None:
    put(table, f"USAGE#{account.id}", f"LAST#{'0' * 64}", last_used_at="2026-01-01T00:00:00Z")
    assert audit.main([table.name]) == 0
    note = f"note: USAGE#{account.id} LAST#{'0' * 64}: is the last use of a key that is gone"
    assert printed() == [note, f"No violations in {table.name}."]
