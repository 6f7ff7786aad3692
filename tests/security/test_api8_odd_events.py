"""Odd events do no harm."""

import json
from typing import Any

import pytest

from assistants_api.storage.table import Table
from local.openapi.document import DOCUMENT
from tests.catalogue import ENDPOINTS, FUNCTIONS, WITH_BODY, Function
from tests.events import route_of
from tests.harness import Account, load_handler
from tests.security.misconfiguration import Change, Output, at, send

pytestmark = pytest.mark.usefixtures("without_waiting")

KEEP_WARM: list[Any] = [{}, None, [], "ping", {"source": "aws.events"}, {"warmer": True}]
DOCUMENTED = json.loads(DOCUMENT.read_text())["paths"]

every_function = pytest.mark.parametrize("function", FUNCTIONS)


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
