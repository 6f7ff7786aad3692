"""The log tells who did what but no secret."""

from collections.abc import Sequence
from typing import Any

import pytest

from assistants_api.storage import rate_limits
from assistants_api.storage.table import Table
from tests.catalogue import ENDPOINTS, QUERY, READ, TRANSACT, Function
from tests.events import route_of
from tests.faults import injection
from tests.faults.injection import ALWAYS, COUNTING, Fault, injected
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.harness import Account, all_items, new_key, new_key_without, write
from tests.security.misconfiguration import OVER_HTTP, Output, at, every_endpoint, every_scenario, lines

pytestmark = pytest.mark.usefixtures("without_waiting")

SECRET = "what-somebody-else-stored"
CODES = ["AccessDeniedException", "ThrottlingException", "ValidationException"]


def metrics(output: str) -> list[dict[str, Any]]:
    return [line for line in lines(output) if "Requests" in line]


def check_metric(output: str, caller: Account, route: str, status: int) -> None:
    (metric,) = metrics(output)
    told = {name: metric.get(name) for name in ("account_id", "api_key_id", "route", "status", "request_id")}
    assert told == {
        "account_id": caller.id,
        "api_key_id": caller.key_id,
        "route": route,
        "status": status,
        "request_id": "JKJaXmPLvHcESHA=",
    }
    assert caller.token not in output


@every_scenario
def test_a_request_of_a_known_caller_is_one_metric_that_says_who_did_what(
    account: Account, output: Output, scenario: Scenario
) -> None:
    attempt = scenario.prepare(account)
    output()
    assert attempt.act().status == 200
    (function,) = (it for it in ENDPOINTS if it.name == scenario.function)
    check_metric(output(), account, route_of(function), 200)


@every_endpoint
def test_so_is_one_that_is_refused(account: Account, output: Output, endpoint: Function) -> None:
    lacking = new_key_without(endpoint.scope, account)
    limited = new_key(account.slug, account.id, rate_limit_per_hour=1)
    limited.call(endpoint.name)
    for caller, query, status in (
        (account, {"verbose": "1"}, 400),
        (lacking, {}, 403 if endpoint.scope else 200),
        (limited, {}, 429),
    ):
        output()
        assert caller.call(endpoint.name, query=query).status == status
        check_metric(output(), caller, route_of(endpoint), status)


@every_endpoint
def test_a_503_is_logged_above_info_and_is_a_metric_too(
    account: Account, table: Table, output: Output, endpoint: Function
) -> None:
    output()
    with injected(table.client, injection.lost_request(), ALWAYS, READ):
        assert account.call(endpoint.name).status == 503
    logged = output()
    (line,) = at(logged, "WARNING", "ERROR", "CRITICAL")
    assert (line["message"], line["status"], line["cause"]) == ("unavailable", 503, "EndpointConnectionError")
    (metric,) = metrics(logged)
    assert (metric["outcome"], metric["status"], metric["route"]) == ("unavailable", 503, route_of(endpoint))


def telling(code: str) -> Fault:
    """DynamoDB refuses with a message that holds what is stored."""
    content = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": SECRET, "Message": SECRET}
    return injection.answered(500 if code == "InternalServerError" else 400, content)


def cancelled_telling() -> Fault:
    reasons = [{"Code": code, "Message": SECRET} for code in ("ValidationError", "TransactionConflict")]
    content = {"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", "message": SECRET}
    return injection.answered(400, content | {"CancellationReasons": reasons, "Message": SECRET})


def put_back(table: Table, items: Sequence[Any]) -> None:
    keys = [{"PK": item["PK"], "SK": item["SK"]} for item in all_items(table.client, table.name)]
    write(table.client, table.name, [{"DeleteRequest": {"Key": key}} for key in keys])
    write(table.client, table.name, [{"PutRequest": {"Item": item}} for item in items])


@pytest.mark.parametrize(
    ("scenario", "operation"),
    [(scenario, operation) for scenario in SCENARIOS for operation in sorted(set(scenario.round_trips))]
    + [(scenario, COUNTING) for scenario in OVER_HTTP],
)
def test_the_text_of_a_refusal_by_dynamodb_reaches_neither_log_nor_answer(
    account: Account, table: Table, output: Output, scenario: Scenario, operation: str
) -> None:
    faults = [telling(code) for code in CODES] + ([cancelled_telling()] if operation == TRANSACT else [])
    before = list(all_items(table.client, table.name))
    for fault in faults:
        attempt = scenario.prepare(account)
        rate_limits._leases.cache_clear()  # so that this request is counted
        with injected(table.client, fault, ALWAYS, operation):
            reply = attempt.act()
        assert SECRET not in reply.text
        assert SECRET not in str(reply.headers)
        if operation in (READ, QUERY):
            assert reply.status in (500, 503)
        put_back(table, before)  # on moto a write that is refused takes effect all the same
    logged = output()
    assert logged
    assert SECRET not in logged
