"""Nothing that a caller sends makes a function connect to anything but DynamoDB, or to the carrier of a connection, or
start a program."""

import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import pytest

from assistants_api.storage.table import Table
from tests.catalogue import ENDPOINTS, PUBLIC, WITH_BODY, Function
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.harness import Account, load_handler, sample

# Python's own audit events: whoever connects, resolves a name or starts a program raises one, in whatever library.
FORBIDDEN = {
    "ftplib.connect",
    "http.client.connect",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.system",
    "smtplib.connect",
    "socket.connect",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "subprocess.Popen",
    "urllib.Request",
}
HOST = "ssrf.invalid"
TARGETS = [
    "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
    f"https://{HOST}/callback",
    "file:///proc/self/environ",
    f"${{jndi:ldap://{HOST}/a}}",
]
HEADERS = [
    *("accept", "forwarded", "host", "if-match", "origin", "referer", "user-agent", "x-amzn-trace-id"),
    *("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-original-url"),
]
seen: list[tuple[str, object]] | None = None


def _audit(event: str, arguments: object) -> None:
    if seen is not None and event in FORBIDDEN:
        seen.append((event, arguments))


sys.addaudithook(_audit)  # for good: Python removes none


@contextmanager
def watched(table: Table) -> Iterator[list[str]]:
    """The URLs of the requests to DynamoDB. Fails for a connection to anywhere else but the tests' carrier."""
    global seen
    urls: list[str] = []

    def note(request: Any, **_: object) -> None:
        urls.append(request.url)

    table.client.meta.events.register_first("before-send.dynamodb", note)
    seen = []
    try:
        yield urls
        connected = list(seen)
    finally:
        seen = None
        table.client.meta.events.unregister("before-send.dynamodb", note)
    own = table.client.meta.endpoint_url
    assert [url for url in urls if url.rstrip("/") != own.rstrip("/")] == []
    ports = {urlsplit(own).port, urlsplit(os.environ["TWILIO_API_URL"]).port} - {
        None
    }  # None is moto's, in this process
    assert [it for it in connected if not any(str(port) in repr(it) for port in ports)] == []


def test_the_watch_sees_a_connection(table: Table) -> None:
    with pytest.raises(AssertionError), watched(table), suppress(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 1), timeout=1)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_call_that_succeeds_speaks_to_nobody_else(account: Account, table: Table, scenario: Scenario) -> None:
    attempt = scenario.prepare(account)
    with watched(table) as urls:
        assert attempt.act().status == 200
    assert len(urls) >= len(scenario.round_trips)


@pytest.mark.parametrize("function", PUBLIC)
def test_a_public_call_speaks_to_nobody(table: Table, function: Function) -> None:
    with watched(table) as urls:
        assert load_handler(function.name)(sample(function.name), None)["statusCode"] in (200, 404)
    assert urls == []


def with_target(value: object, target: str) -> object:
    if isinstance(value, list):
        return [target]
    return target if isinstance(value, str) else value


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("endpoint", WITH_BODY)
def test_a_url_in_a_field_leads_nowhere(account: Account, table: Table, endpoint: Function, target: str) -> None:
    body: Mapping[str, object] = endpoint.body or {}
    with watched(table) as urls:
        for name in body:
            if name != "accountSlug":
                account.call(endpoint.name, body={**body, name: with_target(body[name], target)})
        account.call(endpoint.name, body={**body, "callback_url": target, "webhook": {"url": target}})
    assert urls


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_url_in_a_path_a_query_or_a_header_leads_nowhere(account: Account, table: Table, endpoint: Function) -> None:
    with watched(table) as urls:
        for target in TARGETS:
            account.call(endpoint.name, headers=dict.fromkeys(HEADERS, target), body={"accountSlug": account.slug})
            account.call(endpoint.name, query={"cursor": target, "url": target})
            if endpoint.path:
                reply = account.call(endpoint.name, *[target] * len(endpoint.path))
                assert reply.status in (400, 404)
                assert "location" not in reply.headers
    assert urls
