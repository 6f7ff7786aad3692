"""What TTL removes takes its versions and counts of calls with it: the table's stream tells, as Lambda passes it on."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from moto.events.models import EventPattern

from assistants_api.storage.table import Table
from local.stack.template import document
from tests.conftest import Stored
from tests.faults.injection import ALWAYS, injected, lost_request
from tests.harness import Account, load_handler, race, removed_by_ttl, sample, store

DONE: dict[str, list[Any]] = {"batchItemFailures": []}


def passed_on(event: Any) -> Any:
    return load_handler("purge_versions")(event, None)


def deleted_assistant(account: Account, changes: int = 0) -> str:
    assistant: str = account.new_assistant()["id"]
    for number in range(changes):
        account.update(assistant, max_tokens=1 + number)
    account.call("delete_assistant", assistant)
    return assistant


def count_calls(table: Table, account: Account, assistant: str, days: int) -> None:
    """Stores the counts of so many days, and the one of all time."""
    names = [str(date(2024, 1, 1) + timedelta(day)) for day in range(days)]
    count = {"calls": 1, "with_duration": 1, "seconds": 60}
    keys = [f"CALLDAY#{assistant}#{name}" for name in (*names, "TOTAL")]
    store(table, [{"PK": f"ACCOUNT#{account.id}", "SK": key, **count} for key in keys])


def counted(stored: Stored) -> set[str]:
    return {it["SK"]["S"].split("#")[1] for it in stored.items() if it["SK"]["S"].startswith("CALLDAY#")}


def histories(stored: Stored) -> set[str]:
    return {it["SK"]["S"].split("#")[1] for it in stored.items() if it["SK"]["S"].startswith("VERSION#")}


@pytest.mark.parametrize("changes", [0, 9, 10, 35])
def test_the_history_goes_with_what_ttl_removed_and_no_other_does(
    account: Account, other_account: Account, stored: Stored, table: Table, changes: int
) -> None:
    assistant = deleted_assistant(account, changes)
    kept = {account.new_assistant()["id"], deleted_assistant(account), deleted_assistant(other_account)}
    assert passed_on(removed_by_ttl(table, account, assistant)) == DONE
    assert histories(stored) == kept


@pytest.mark.parametrize("days", [0, 96, 97, 98, pytest.param(366, marks=pytest.mark.long)])
def test_the_counts_of_calls_go_with_what_ttl_removed_and_no_others_do(
    account: Account, other_account: Account, stored: Stored, table: Table, days: int
) -> None:
    assistant = deleted_assistant(account)
    kept = {account.new_assistant()["id"], deleted_assistant(account)}
    for each in (assistant, *kept):
        count_calls(table, account, each, days)
    theirs = deleted_assistant(other_account)
    count_calls(table, other_account, theirs, days)
    assert passed_on(removed_by_ttl(table, account, assistant)) == DONE
    assert counted(stored) == {*kept, theirs}


def test_an_assistant_that_is_imported_again_begins_its_counts_after_the_old_ones_are_gone(
    account: Account, table: Table
) -> None:
    body = {"export": {"external_id": "a", "configuration": {"name": "x"}}}
    assistant = account.call("import_assistant", body=body).json["assistant"]["id"]
    count_calls(table, account, assistant, 150)
    assert account.call("get_usage_stats", assistant).json["totalCalls"] == 1
    account.call("delete_assistant", assistant)
    event, replies = removed_by_ttl(table, account, assistant), list[int]()

    def import_it() -> None:
        replies.append(account.call("import_assistant", body=body).status)

    race(table, "TransactWriteItems", *[import_it] * 3)  # before both transactions of counts and that of the history
    assert passed_on(event) == DONE
    import_it()
    assert replies == [409, 409, 409, 200]
    assert account.call("get_usage_stats", assistant).json["totalCalls"] == 0


def test_a_record_that_comes_twice_does_nothing_more(account: Account, stored: Stored, table: Table) -> None:
    event = removed_by_ttl(table, account, deleted_assistant(account))
    passed_on(event)
    before = stored.items()
    assert passed_on(event) == DONE
    assert stored.items() == before


@pytest.mark.parametrize("restored", [True, False])
def test_what_an_assistant_has_that_is_there_or_can_be_restored_stays_whatever_the_stream_says(
    account: Account, stored: Stored, table: Table, restored: bool
) -> None:
    assistant = deleted_assistant(account)
    count_calls(table, account, assistant, 1)
    event = sample("purge_versions")
    key = {"PK": {"S": f"ACCOUNT#{account.id}"}, "SK": {"S": f"DELETED#{assistant}"}}
    event["Records"][0]["dynamodb"]["Keys"] = key
    if restored:
        account.call("restore_assistant", assistant, body={})
    before = stored.items()
    assert passed_on(event) == DONE
    assert stored.items() == before


@pytest.mark.parametrize(
    "sort_key", ["DELETED#", "DELETED#asst_x", "ASSISTANT#asst_01jd5xexamp1e0000000000000", "ACCOUNT"]
)
def test_a_record_of_anything_else_is_an_error_and_deletes_nothing(
    account: Account, stored: Stored, sort_key: str
) -> None:
    deleted_assistant(account)
    event = sample("purge_versions")
    event["Records"][0]["dynamodb"]["Keys"] = {"PK": {"S": f"ACCOUNT#{account.id}"}, "SK": {"S": sort_key}}
    before = stored.items()
    with pytest.raises(Exception, match="malformed"):
        passed_on(event)
    assert stored.items() == before


def test_where_the_database_does_not_respond_the_record_and_those_after_it_are_sent_again(
    account: Account, stored: Stored, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistants_api.storage.client.BACKOFF_BASE", 0)
    monkeypatch.setattr("assistants_api.storage.table.REQUEST_SECONDS", 0.5)
    first, second = deleted_assistant(account), deleted_assistant(account)
    event = removed_by_ttl(table, account, first, second)
    with injected(table.client, lost_request(), ALWAYS, "Query"):
        assert passed_on(event) == {"batchItemFailures": [{"itemIdentifier": "111"}]}
    assert histories(stored) == {first, second}
    assert passed_on(event) == DONE
    assert histories(stored) == set()


def test_a_history_that_takes_longer_than_a_request_may_is_gone_on_with(
    account: Account, stored: Stored, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock stands beyond the deadline after the first transaction."""
    event = removed_by_ttl(table, account, deleted_assistant(account, changes=25))
    before, clock = len(stored.items()), [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])

    def end(**_: object) -> None:
        clock[0] = 1_000.0

    table.client.meta.events.register("after-call.dynamodb.TransactWriteItems", end)
    assert passed_on(event) == {"batchItemFailures": [{"itemIdentifier": "111"}]}
    assert len(stored.items()) == before - 10
    table.client.meta.events.unregister("after-call.dynamodb.TransactWriteItems", end)
    assert passed_on(event) == DONE
    assert histories(stored) == set()


def test_it_logs_whose_history_went_and_how_long_it_was(
    account: Account, table: Table, output: Callable[[], str]
) -> None:
    assistant = deleted_assistant(account, changes=2)
    event = removed_by_ttl(table, account, assistant)
    output()
    passed_on(event)
    (line,) = [json.loads(line) for line in output().splitlines()]
    assert line.items() >= {
        "message": "purged", "account_id": account.id, "resource": assistant, "versions": 3
    }.items()  # fmt: skip


@pytest.mark.parametrize("days", [98, 366])
def test_counts_that_take_longer_than_a_request_may_are_gone_on_with_before_the_history(
    account: Account, stored: Stored, table: Table, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    assistant = deleted_assistant(account)
    count_calls(table, account, assistant, days)
    event, clock = removed_by_ttl(table, account, assistant), [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])

    def end(**_: object) -> None:
        clock[0] += 1_000.0

    table.client.meta.events.register("after-call.dynamodb.TransactWriteItems", end)
    left = {"batchItemFailures": [{"itemIdentifier": "111"}]}
    while counted(stored):
        assert histories(stored) == {assistant}
        assert passed_on(event) == left
    table.client.meta.events.unregister("after-call.dynamodb.TransactWriteItems", end)
    assert passed_on(event) == DONE
    assert histories(stored) == set()


@pytest.mark.parametrize("changes", [0, 25])
def test_an_assistant_that_comes_into_being_under_the_same_id_keeps_its_own_history(
    account: Account, stored: Stored, table: Table, changes: int
) -> None:
    """An import gives the same id to the same external_id. Beside the purge comes another one of the same record."""
    body = {"export": {"external_id": "a", "configuration": {"name": "x"}}}
    assistant = account.call("import_assistant", body=body).json["assistant"]["id"]
    for number in range(changes):
        account.update(assistant, max_tokens=1 + number)
    account.call("delete_assistant", assistant)
    event, replies = removed_by_ttl(table, account, assistant), list[int]()

    def import_it() -> None:
        replies.append(account.call("import_assistant", body=body).status)

    def purge_and_import_it() -> None:
        assert passed_on(event) == DONE
        import_it()

    race(table, "TransactWriteItems", *[import_it] * bool(changes), purge_and_import_it)
    assert passed_on(event) == DONE
    assert replies == [*[409] * bool(changes), 200]
    assert [it["version"] for it in account.call("list_versions", assistant).json["versions"]] == [1]
    assert account.update(assistant, name="y").json["assistant"]["version"] == 2


# The filter of the event source


def deployed() -> Any:
    resources = document()["Resources"]
    return resources["PurgeVersions"]["Properties"]["Events"]["Expired"]["Properties"]


def is_passed_on(record: Any) -> bool:
    (only,) = deployed()["FilterCriteria"]["Filters"]
    return bool(EventPattern.load(only["Pattern"]).matches_event(record))


def test_what_ttl_removes_of_deleted_assistants_is_passed_on() -> None:
    (record,) = sample("purge_versions")["Records"]
    assert is_passed_on(record)


@pytest.mark.parametrize(
    "change",
    [
        {"userIdentity": None},
        {"userIdentity": {"type": "AssumedRole", "principalId": "dynamodb.amazonaws.com"}},
        {"userIdentity": {"type": "Service", "principalId": "replication.dynamodb.amazonaws.com"}},
        {"eventName": "INSERT"},
        {"eventName": "MODIFY"},
        *({"SK": sort_key} for sort_key in ("ASSISTANT#asst_1", "VERSION#asst_1#00000001", "0123abcd#490000", "")),
    ],
    ids=str,
)
def test_nothing_else_is_passed_on(change: dict[str, Any]) -> None:
    """Such as what a restore removes, which no service does, and counts of requests that TTL removes."""
    (record,) = sample("purge_versions")["Records"]
    if "SK" in change:
        record["dynamodb"]["Keys"]["SK"]["S"] = change["SK"]
    else:
        record |= change
    assert not is_passed_on({name: value for name, value in record.items() if value is not None})


def test_a_failure_is_tried_again_until_half_of_the_streams_day_is_over_and_then_kept() -> None:
    wanted = {"FunctionResponseTypes": ["ReportBatchItemFailures"], "BisectBatchOnFunctionError": True}
    wanted |= {"MaximumRecordAgeInSeconds": 12 * 3600}
    assert deployed().items() >= wanted.items()
    assert deployed()["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": "FailedPurges.Arn"}
