"""Every answer is as a browser should get it."""

from collections.abc import Mapping
from typing import Any

import pytest

from assistants_api.storage.table import Table
from tests.catalogue import FUNCTIONS, PUBLIC, READ, Function
from tests.events import route_of
from tests.faults import injection
from tests.faults.injection import ALWAYS, injected
from tests.faults.scenarios import Scenario
from tests.harness import Account, Reply, new_key, new_key_without
from tests.security.misconfiguration import every_endpoint, every_scenario, send

pytestmark = pytest.mark.usefixtures("without_waiting")

READS = [endpoint for endpoint in FUNCTIONS if route_of(endpoint).startswith("GET ")]


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
