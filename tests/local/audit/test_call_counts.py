import pytest

from assistants_api.storage.table import Table
from tests.harness import Account
from tests.local.audit.conftest import change, found
from tests.webhooks import CALL_ID, answering, connected, ring, send, signed


@pytest.fixture
def assistant(account: Account) -> str:
    """One that answered a call of 7 seconds."""
    assistant = answering(account)
    connection = connected(account)
    ring(connection)
    ended = {"CallSid": CALL_ID, "CallStatus": "completed", "CallDuration": "7"}
    assert send(signed(connection, ended, "record_call_status"), "record_call_status").status == 204
    return assistant


def day_of(account: Account) -> str:
    (call,) = account.call("list_calls").json["calls"]
    return str(call["started_at"][:10])


def test_counts_of_calls_are_right_and_outlive_their_assistant(account: Account, assistant: str, table: Table) -> None:
    assert found(table) == []
    assert account.force("delete_assistant", assistant).status == 200
    assert found(table) == []


@pytest.mark.parametrize(
    ("expression", "value", "says"),
    [
        ("SET #calls = :value", {"N": "0"}, "counts 0 calls, 1 with a duration, of 7 seconds"),
        ("SET #seconds = :value", {"N": "0"}, "counts 1 calls, 1 with a duration, of 0 seconds"),
        ("SET #calls = :value", {"S": "x"}, "does not parse: ValueError"),
        ("SET #ttl = :value", {"N": "1"}, "is removed before its day"),
        ("REMOVE #ttl", None, "does not parse: KeyError('ttl')"),
        ("REMOVE #seconds", None, "does not parse: KeyError('seconds')"),
    ],
)
def test_a_count_of_calls_that_is_not_right(
    account: Account, assistant: str, table: Table, expression: str, value: dict[str, str] | None, says: str
) -> None:
    key = f"CALLDAY#{assistant}#{day_of(account)}"
    change(table, f"ACCOUNT#{account.id}", key, expression, **({} if value is None else {"value": value}))
    assert found(table) == [f"ACCOUNT#{account.id} {key}: {says}"]
