"""Each fault raises its alarms and no other, and the saved query that these name tells the cause."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from assistants_api.storage.table import Table
from tests.faults import injection
from tests.faults.injection import ALWAYS, COUNTING, injected
from tests.harness import Account, load_handler, removed_by_ttl
from tests.observability import load
from tests.observability.alarms import evaluate, fires
from tests.observability.definitions import alarms, queries
from tests.observability.load import Customer
from tests.observability.metrics import series
from tests.observability.queries import run
from tests.observability.recording import HOUR, START, Recording, recorded

ALARMS = {name.removesuffix("Alarm"): alarm for name, alarm in alarms().items()}


@pytest.fixture
def recording(table: Table) -> Iterator[Recording]:
    with recorded(table) as recording:
        load.take_time(table, recording)
        yield recording


@pytest.fixture
def customer(account: Account) -> Customer:
    return load.new_customer(account)


def raised(recording: Recording) -> set[str]:
    return {name for name, it in ALARMS.items() if any(fires(it, recording.metrics, START, int(recording.time)))}


def ask(recording: Recording, alarm: str, query: str) -> dict[str, Any]:
    """The first row of the query that the alarm names."""
    assert query in ALARMS[alarm]["AlarmDescription"]
    return run(queries()[query], recording.lines)[0]


def go_on(recording: Recording, customer: Customer, minutes: int) -> None:
    for number in recording.minutes(minutes):
        load.minute(recording, customer, number)


def test_in_an_hour_in_which_all_is_well_nothing_is_raised(recording: Recording, customer: Customer) -> None:
    go_on(recording, customer, 60)
    assert raised(recording) == set()
    assert {line["class"] for line in recording.lines} == {"ok", "client_error", "refused"}
    assert (
        len([namespace for namespace, *_ in recording.metrics.values if namespace == "Assistants"]) <= 25
    )  # as documented


def test_throttling_for_ten_minutes(recording: Recording, customer: Customer, table: Table) -> None:
    go_on(recording, customer, 5)
    with injected(table.client, injection.refused("ThrottlingException"), ALWAYS, "BatchGetItem"):
        go_on(recording, customer, 10)
    assert raised(recording) == {"Throttles", "Unavailable", "ServerErrors", "UnroutedCalls"}
    row = ask(recording, "Throttles", "throttles")
    assert row["route"] == "GET /api/routes/{phoneNumber}"
    assert row["class"] == "server_error"
    assert row["throttles"] > 10
    cause = ask(recording, "Unavailable", "top-errors")
    assert (cause["outcome"], cause["cause"]) == ("unavailable", "ThrottlingException")


def test_a_release_that_makes_every_patch_a_500(recording: Recording, customer: Customer) -> None:
    go_on(recording, customer, 5)
    with patch("assistants_api.storage.assistants.change", side_effect=KeyError("temperature")):
        go_on(recording, customer, 15)
    assert raised(recording) == {"ServerErrors"}
    row = ask(recording, "ServerErrors", "top-errors")
    assert (row["route"], row["outcome"]) == ("PATCH /api/assistants/{assistantId}", "internal_error")
    assert row["cause"] == "KeyError"
    found = run(
        queries()["find-request"].replace("what the response has as X-Request-Id", row["example"]), recording.lines
    )
    assert "failed" in [line.get("message") for line in found]


def test_a_tenant_that_hammers_with_a_wrong_key(recording: Recording, customer: Customer) -> None:
    go_on(recording, customer, 5)
    for number in recording.minutes(5):
        load.minute(recording, customer, number)
        for _ in range(60):
            recording.request(lambda: load.stranger(customer.account).call("get_assistant", customer.assistant))
    assert raised(recording) == {"RefusedRequests"}
    row = ask(recording, "RefusedRequests", "refused-requests")
    assert (row["outcome"], row["route"]) == ("unauthenticated", "GET /api/assistants/{assistantId}")
    assert row["source_ip"]
    assert row["requests"] == 300


def test_a_counter_that_is_stuck(recording: Recording, customer: Customer, table: Table) -> None:
    go_on(recording, customer, 5)
    fault = injection.refused("AccessDeniedException")
    with injected(table.client, fault, ALWAYS, COUNTING):
        for number in recording.minutes(5):
            load.minute(recording, customer, number)
            for _ in range(10):
                recording.request(lambda: customer.limited.call("list_templates"))
    assert raised(recording) == {"UncountedRequests"}
    row = ask(recording, "UncountedRequests", "uncounted-requests")
    assert "AccessDeniedException" in row["not_counted"]
    assert row["api_key_id"] == customer.limited.key_id


def test_calls_that_nobody_answers_since_yesterday(recording: Recording, customer: Customer) -> None:
    recording.request(lambda: customer.account.route(load.ROUTED))
    recording.pass_time(HOUR)
    for _ in range(5):
        recording.pass_time(5 * HOUR)
        recording.request(lambda: customer.account.route(load.UNASSIGNED))
    assert raised(recording) == {"NoRoutedCalls"}
    row = ask(recording, "NoRoutedCalls", "unrouted-calls")
    assert (row["routed"], row["calls"]) == ("unassigned", 5)
    assert row["resource"] == f"pn_...{load.UNASSIGNED[-4:]}"


def test_calls_that_nobody_answers_among_many(recording: Recording, customer: Customer) -> None:
    go_on(recording, customer, 15)
    customer.account.update(customer.assistant, inbound_enabled=False)
    go_on(recording, customer, 10)
    assert raised(recording) == {"UnroutedCalls"}
    assert ask(recording, "UnroutedCalls", "unrouted-calls")["routed"] == "inbound_disabled"


def test_a_database_that_fails_where_another_attempt_helps(
    recording: Recording, customer: Customer, table: Table
) -> None:
    for number in recording.minutes(10):
        with injected(table.client, injection.refused("InternalServerError", 500), 2, "BatchGetItem"):
            load.minute(recording, customer, number)
    assert raised(recording) == {"DatabaseErrors"}
    assert sum(line.get("Retries", 0) for line in recording.lines) == 20


def test_a_database_that_is_slow(recording: Recording, customer: Customer, table: Table) -> None:
    go_on(recording, customer, 5)
    with injected(table.client, load.slow(recording, 4), ALWAYS, "BatchGetItem"):
        go_on(recording, customer, 16)
    assert raised(recording) == {"SlowRequests"}
    row = ask(recording, "SlowRequests", "slowest-requests")
    assert row["milliseconds"] > 4000
    assert row["database_milliseconds"] > 4000


def test_histories_that_are_not_purged(
    recording: Recording, customer: Customer, account: Account, table: Table
) -> None:
    deleted = account.new_assistant()["id"]
    account.call("delete_assistant", deleted)
    event = removed_by_ttl(table, account, deleted)
    with injected(table.client, injection.refused("ThrottlingException")):
        result = recording.invoke(lambda: load_handler("purge_versions")(event, None), "PurgeVersions")
    assert result["batchItemFailures"]
    recording.metrics.values.clear()  # DynamoDB's throttles, which are another alarm
    recording.metrics.add(
        series("AWS/Lambda", "IteratorAge", FunctionName="PurgeVersions"), recording.time, 2 * HOUR * 1000
    )
    go_on(recording, customer, 1)
    assert raised(recording) == {"FailedPurges"}
    row = ask(recording, "FailedPurges", "failed-purges")
    assert (row["message"], row["cause"]) == ("unavailable", "ThrottlingException")


def test_what_somebody_changed_is_found(recording: Recording, customer: Customer) -> None:
    go_on(recording, customer, 5)
    query = queries()["assistant-changes"].replace("the id of the assistant", customer.assistant)
    found = run(query, recording.lines)
    assert {(row["route"], row["api_key_id"]) for row in found} == {
        ("PATCH /api/assistants/{assistantId}", customer.account.key_id)
    }
    assert "temperature" in found[0]["@message"]


def test_who_uses_the_capacity_is_found(recording: Recording, customer: Customer) -> None:
    """moto tells the units of no transaction, so this looks at a reader, whose counts are written."""
    go_on(recording, customer, 5)
    (row,) = (
        it for it in run(queries()["capacity"], recording.lines) if it["route"] == "GET /api/assistants/{assistantId}"
    )
    assert row["account_id"] == customer.account.id
    assert row["reads"] >= row["requests"] == 6
    assert row["writes"] > 0


@pytest.mark.parametrize(
    ("expression", "values", "result"),
    [
        ("FILL(a, 0) + FILL(b, 0)", {"a": None, "b": 2.0}, 2.0),
        ("a + FILL(b, 0)", {"a": None, "b": 2.0}, None),
        ("IF(a > 4, 100 * a / b, 0)", {"a": 5.0, "b": 10.0}, 50.0),
        ("IF(a > 4, 1, 0)", {"a": None}, None),
    ],
)
def test_what_is_made_of_missing_data_is_missing(
    expression: str, values: dict[str, float | None], result: float | None
) -> None:
    assert evaluate(expression, values) == result
