"""Every answer is as a browser should get it, odd events do no harm, and the log tells who did what but no secret."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from assistants_api.storage import client, rate_limits
from assistants_api.storage.table import Table
from local.openapi.document import DOCUMENT
from tests.catalogue import ENDPOINTS, FUNCTIONS, PUBLIC, QUERY, READ, TRANSACT, WITH_BODY, Function
from tests.events import route_of
from tests.faults import injection
from tests.faults.injection import ALWAYS, COUNTING, Fault, injected
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.harness import Account, Reply, load_handler, new_key, new_key_without, sample

SECRET = "what-somebody-else-stored"
CODES = ["AccessDeniedException", "ThrottlingException", "ValidationException"]
KEEP_WARM: list[Any] = [{}, None, [], "ping", {"source": "aws.events"}, {"warmer": True}]
OVER_HTTP = [scenario for scenario in SCENARIOS if not scenario.name.startswith("admin_")]
READS = [endpoint for endpoint in FUNCTIONS if route_of(endpoint).startswith("GET ")]
DOCUMENTED = json.loads(DOCUMENT.read_text())["paths"]
Output = Callable[[], str]
Change = Callable[[dict[str, Any]], object]

every_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS)
every_function = pytest.mark.parametrize("function", FUNCTIONS)
every_scenario = pytest.mark.parametrize("scenario", OVER_HTTP)


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "BACKOFF_BASE", 0)


def send(caller: Account, function: Function, change: Change = lambda event: None) -> Reply:
    """The function's sample event as this caller's, changed."""
    event = sample(function.name)
    event["headers"]["authorization"] = f"Bearer {caller.token}"
    change(event)
    response = load_handler(function.name)(event, None)
    return Reply(response["statusCode"], response["headers"], response["body"])


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def metrics(output: str) -> list[dict[str, Any]]:
    return [line for line in lines(output) if "Requests" in line]


def at(output: str, *levels: str) -> list[dict[str, Any]]:
    return [line for line in lines(output) if line.get("level") in levels]


# Headers


def check_headers(reply: Reply) -> None:
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["strict-transport-security"].startswith("max-age=31536000")
    assert reply.headers["x-request-id"] == "JKJaXmPLvHcESHA="
    assert "server" not in reply.headers
    assert "x-powered-by" not in reply.headers


@every_scenario
def test_a_success_says_how_a_browser_is_to_take_it(account: Account, scenario: Scenario) -> None:
    reply = scenario.prepare(account).act()
    assert reply.status == 200
    assert reply.headers["cache-control"] == "no-store"
    check_headers(reply)


@every_endpoint
def test_so_does_every_refusal_and_failure(account: Account, table: Table, endpoint: Function) -> None:
    def call(caller: Account = account, **sent: Any) -> Reply:
        return caller.call(endpoint.name, **sent)

    limited = new_key(account.slug, account.id, rate_limit_per_hour=1)
    call(limited)
    replies = {400: call(query={"verbose": "1"}), 401: call(headers={"authorization": None}), 429: call(limited)}
    if endpoint.scope:
        replies[403] = call(new_key_without(endpoint.scope, account))
    if endpoint.path and endpoint.name != "get_template":
        replies[404] = call()
    if endpoint.body is not None:
        replies[413] = call(raw=" " * (1024 * 1024 + 1))
        replies[415] = call(headers={"content-type": "text/plain"})
    for status, fault in ((500, injection.refused("AccessDeniedException")), (503, injection.lost_request())):
        with injected(table.client, fault, ALWAYS, READ):
            replies[status] = call()
    assert {status: reply.status for status, reply in replies.items()} == {status: status for status in replies}
    for reply in replies.values():
        assert reply.headers["content-type"] == "application/json"
        assert reply.headers["cache-control"] == "no-store"
        check_headers(reply)


@pytest.mark.parametrize("function", PUBLIC)
@pytest.mark.parametrize(
    "headers", [{}, {"if-none-match": "*"}, {"accept-encoding": "gzip;q=0"}, {"range": "bytes=0-"}]
)
def test_so_does_every_public_answer(account: Account, function: Function, headers: Mapping[str, str]) -> None:
    check_headers(send(account, function, lambda event: event["headers"].update(headers)))


@pytest.mark.parametrize(("method", "status"), [("PUT", 405), ("GET", 404)])
def test_so_does_the_answer_to_an_unknown_route(account: Account, method: str, status: int) -> None:
    (function,) = (it for it in PUBLIC if it.name == "reject_unknown_route")
    path = "/api/assistants" if status == 405 else "/nowhere"
    reply = send(account, function, lambda event: event["requestContext"]["http"].update(method=method, path=path))
    assert reply.status == status
    check_headers(reply)


def test_a_cached_page_is_a_304_with_these_headers(account: Account) -> None:
    for function in PUBLIC[:2]:
        etag = send(account, function).headers["etag"]
        reply = send(account, function, lambda event, etag=etag: event["headers"].update({"if-none-match": etag}))  # type: ignore[misc]
        assert (reply.status, reply.text) == (304, "")
        check_headers(reply)


@pytest.mark.parametrize("endpoint", READS)
@pytest.mark.parametrize("token", ["good", "bad"])
def test_head_is_answered_as_get_without_a_body(account: Account, endpoint: Function, token: str) -> None:
    caller = account if token == "good" else Account(account.slug, account.id, "none")
    get = send(caller, endpoint)
    head = send(caller, endpoint, lambda event: event["requestContext"]["http"].update(method="HEAD"))
    assert (head.status, head.headers, head.text) == (get.status, get.headers, "")
    assert get.text


# Odd events


@every_function
def test_an_event_that_keeps_a_function_warm_is_answered_quietly(
    table: Table, calls: list[str], output: Output, function: Function
) -> None:
    handler = load_handler(function.name)
    output()
    for event in KEEP_WARM:
        assert handler(event, None)["statusCode"] == 204
    assert output() == ""
    assert calls == []


def as_version_1(event: dict[str, Any]) -> None:
    http = event["requestContext"].pop("http")
    event.pop("routeKey")
    event |= {"version": "1.0", "httpMethod": http["method"], "path": http["path"], "resource": http["path"]}
    event |= {"multiValueHeaders": {name: [value] for name, value in event["headers"].items()}}
    event["requestContext"] |= {"httpMethod": http["method"], "identity": {"sourceIp": "203.0.113.7"}}


def as_load_balancer(event: dict[str, Any]) -> None:
    http = event.pop("requestContext")["http"]
    event.pop("version")
    event |= {"requestContext": {"elb": {"targetGroupArn": "arn"}}, "httpMethod": http["method"], "path": http["path"]}


def as_rest_without_context(event: dict[str, Any]) -> None:
    event |= {"httpMethod": "GET", "path": "/", "requestContext": None}


@pytest.mark.parametrize("change", [as_version_1, as_load_balancer, as_rest_without_context])
@every_function
def test_an_event_in_another_format_is_a_500_and_one_line_in_the_log(
    account: Account, calls: list[str], output: Output, function: Function, change: Change
) -> None:
    output()
    reply = send(account, function, change)
    assert (reply.status, reply.code) == (500, "internal_error")
    logged = output()
    (line,) = at(logged, "ERROR", "WARNING", "CRITICAL")
    assert line["level"] == "ERROR"
    assert "payload format" in line["cause"]
    assert "exception" not in line
    assert account.token not in logged
    assert calls == []


LEFT_OUT = [
    "headers",
    "pathParameters",
    "queryStringParameters",
    "rawQueryString",
    "isBase64Encoded",
    "body",
    "version",
]


@pytest.mark.parametrize("name", LEFT_OUT)
@pytest.mark.parametrize("left_out", [True, False], ids=["missing", "null"])
@every_function
def test_an_event_without_a_part_is_answered_as_it_may_be(
    account: Account, output: Output, function: Function, name: str, left_out: bool
) -> None:
    """As API Gateway leaves out what a request does not have."""

    def change(event: dict[str, Any]) -> None:
        event.pop(name, None)
        if not left_out:
            event[name] = None

    usual = send(account, function).status
    output()
    reply = send(account, function, change)
    logged = output()
    if name == "headers" and function in ENDPOINTS:
        assert (reply.status, reply.code) == (401, "unauthenticated")
    elif name == "body" and function in WITH_BODY and not function.is_body_optional:
        assert (reply.status, reply.code) == (400, "invalid_request")
    elif name == "pathParameters" and function.path and function in ENDPOINTS:
        assert reply.status in (400, 500)
    else:
        assert reply.status == usual
    assert len(at(logged, "ERROR")) == (reply.status == 500)
    assert "Traceback" not in logged


@pytest.mark.parametrize("body", ["no base64!", "YWJj=", "A", "é"])
@pytest.mark.parametrize("endpoint", WITH_BODY)
def test_a_body_that_is_no_base64_is_refused(account: Account, output: Output, endpoint: Function, body: str) -> None:
    reply = send(account, endpoint, lambda event: event.update(body=body, isBase64Encoded=True))
    assert (reply.status, reply.code) == (400, "invalid_request")
    assert at(output(), "ERROR") == []


def query_parameters(endpoint: Function) -> list[str]:
    method, path = route_of(endpoint).split(" ")
    return [it["name"] for it in DOCUMENTED[path][method.lower()].get("parameters", []) if it["in"] == "query"]


@pytest.mark.parametrize(
    ("endpoint", "name"), [(endpoint, name) for endpoint in ENDPOINTS for name in query_parameters(endpoint)]
)
def test_a_query_parameter_that_is_sent_twice_is_refused_by_name(
    account: Account, endpoint: Function, name: str
) -> None:
    for first, second in (("true", "true"), ("1", "2"), ("", "")):
        twice = {"rawQueryString": f"{name}={first}&{name}={second}"}
        twice |= {"queryStringParameters": {name: f"{first},{second}"}}  # type: ignore[dict-item]
        reply = send(account, endpoint, lambda event, twice=twice: event.update(twice))  # type: ignore[misc]
        assert (reply.status, reply.code) == (400, "invalid_request")
        assert reply.json["details"] == [{"field": f"?{name}", "message": "is sent twice; send it once."}]


# The log


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


@pytest.mark.parametrize(
    ("scenario", "operation"),
    [(scenario, operation) for scenario in SCENARIOS for operation in sorted(set(scenario.round_trips))]
    + [(scenario, COUNTING) for scenario in OVER_HTTP],
)
def test_the_text_of_a_refusal_by_dynamodb_reaches_neither_log_nor_answer(
    account: Account, table: Table, output: Output, scenario: Scenario, operation: str
) -> None:
    faults = [telling(code) for code in CODES] + ([cancelled_telling()] if operation == TRANSACT else [])
    for fault in faults:
        attempt = scenario.prepare(account)  # on moto a write that is refused takes effect all the same
        rate_limits._leases.cache_clear()  # so that this request is counted
        with injected(table.client, fault, ALWAYS, operation):
            reply = attempt.act()
        assert SECRET not in reply.text
        assert SECRET not in str(reply.headers)
        if operation in (READ, QUERY):
            assert reply.status in (500, 503)
    logged = output()
    assert logged
    assert SECRET not in logged
