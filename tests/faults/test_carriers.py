"""Whatever a carrier's API does, the request ends in time, tells the truth, and leaves nothing that `sync` hides.

A fault before the database's write leaves nothing; one after it leaves a number that says what is missing.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from werkzeug.wrappers import Request, Response

from assistants_api.carriers import client
from assistants_api.storage.table import Table
from local.proofs.audit import scan, violations
from tests.carriers import twilio
from tests.conftest import Stored
from tests.faults.injection import ALWAYS, injected, lost_reply, refused
from tests.harness import Account, Reply

NUMBER, NUMBER_ID = "+14155550101", "pn_14155550101"
SECRET = "what-only-the-carrier-knows"
PAGE = f"<html><body>Please sign in to the network {SECRET}</body></html>"

Answer = Callable[[], Response]
FAULTS: dict[str, tuple[Answer, int]] = {
    "it does not know the login": (lambda: Response(SECRET, 401), 409),
    "it forbids": (lambda: Response(SECRET, 403), 409),
    "it knows nothing of that": (lambda: Response(json.dumps({"code": SECRET, "message": SECRET}), 404), 409),
    "it refuses": (lambda: Response(json.dumps({"errors": [{"code": "10015", "detail": SECRET}]}), 422), 409),
    "it is asked too often": (lambda: Response(SECRET, 429), 503),
    "it fails": (lambda: Response(SECRET, 500), 503),
    "it is down": (lambda: Response(PAGE, 503), 503),
    "somebody else answers": (lambda: Response(PAGE, 200), 503),
    "it sends elsewhere": (lambda: Response("", 302, {"location": f"http://127.0.0.1:1/{SECRET}"}), 503),
    "it answers nothing": (lambda: Response("", 204), 503),
    "it answers no text": (lambda: Response(b"\xff\xfe\x00", 200), 503),
    "it answers a list": (lambda: Response("[]", 200), 503),
    "it answers another object": (lambda: Response(json.dumps({"incoming_phone_numbers": SECRET}), 200), 503),
    "it answers too much": (lambda: Response(b" " * (client.MAX_ANSWER_BYTES + 1), 200), 503),
    "it answers deep JSON": (lambda: Response("[" * 100_000, 200), 503),
}
every_fault = pytest.mark.parametrize("fault", FAULTS)


def at(method: str | None, answer: Answer) -> Callable[[Request], Response | None]:
    """The answer to all requests of the method, or to all."""
    return lambda request: answer() if method in (None, request.method) else None


@pytest.fixture
def connection(account: Account) -> str:
    return account.new_connection()


def import_number(account: Account, connection: str) -> Reply:
    body = {"accountSlug": account.slug, "phoneNumber": NUMBER, "connectionId": connection}
    return account.call("import_phone_number", body=body)


def sync_of(reply: Reply) -> dict[str, Any]:
    assert reply.status == 200, reply.text
    sync: dict[str, Any] = reply.json["phone_number"]["sync"]
    return sync


@every_fault
def test_before_the_write_it_is_an_error_and_nothing_is_stored(
    account: Account, connection: str, stored: Stored, output: Callable[[], str], fault: str
) -> None:
    answer, status = FAULTS[fault]
    before = stored.items()
    twilio.fault = at("GET", answer)
    for reply in (import_number(account, connection), account.call("list_carrier_numbers", connection)):
        assert (reply.status, reply.code) == (
            status,
            {409: "carrier_refused", 503: "carrier_unavailable"}[status],
        )
        assert reply.headers.get("retry-after") == ("5" if status == 503 else None)
        assert SECRET not in reply.text
    assert stored.items() == before
    assert twilio.changes() == []
    assert SECRET not in output()


@every_fault
def test_after_the_write_the_number_says_so_and_a_sync_mends_it(
    account: Account, connection: str, table: Table, output: Callable[[], str], fault: str
) -> None:
    answer, _ = FAULTS[fault]
    twilio.fault = at("POST", answer)
    sync = sync_of(import_number(account, connection))
    assert sync["state"] == "failed"
    assert sync["error"]
    assert SECRET not in output() + sync["error"]
    assert list(violations(scan(table.client, table.name))) == []
    assert sync_of(account.call("get_phone_number", NUMBER_ID)) == sync
    twilio.fault = lambda request: None
    assert sync_of(account.call("sync_phone_number", NUMBER_ID))["state"] == "synced"


@every_fault
def test_a_sync_or_a_deletion_ends_all_the_same(account: Account, connection: str, fault: str) -> None:
    import_number(account, connection)
    twilio.fault = at(None, FAULTS[fault][0])
    assert sync_of(account.call("sync_phone_number", NUMBER_ID))["state"] == "failed"
    assert account.call("delete_phone_number", NUMBER_ID).status == 200
    assert account.call("get_phone_number", NUMBER_ID).status == 404


@pytest.mark.parametrize("status", sorted(client.RETRYABLE))
def test_what_fails_once_is_asked_again_and_nothing_is_set_twice(
    account: Account, connection: str, status: int
) -> None:
    left = [Response(status=status)]
    twilio.fault = lambda request: left.pop() if left else None
    assert sync_of(import_number(account, connection))["state"] == "synced"
    assert [it.method for it in twilio.asked] == ["GET", "GET", "POST"]
    left.append(Response(status=status))
    twilio.numbers[NUMBER]["voice_url"] = ""
    twilio.fault = lambda request: left.pop() if left and request.method == "POST" else None
    assert sync_of(account.call("sync_phone_number", NUMBER_ID))["state"] == "failed"
    assert [it.method for it in [*twilio.asked][3:]] == ["GET", "POST"]


@pytest.mark.parametrize("fault", [lost_reply(), refused("ThrottlingException")], ids=["reply lost", "throttled"])
@pytest.mark.usefixtures("without_waiting")
def test_a_database_that_fails_after_the_carrier_was_asked_leaves_calls_where_they_were(
    account: Account, connection: str, table: Table, fault: Any
) -> None:
    with injected(table.client, fault, ALWAYS, "TransactWriteItems"):
        reply = import_number(account, connection)
    assert (reply.status, reply.code) == (503, "unavailable")
    assert twilio.changes() == []
    assert list(violations(scan(table.client, table.name))) == []


@pytest.mark.usefixtures("without_waiting")
def test_a_database_that_fails_after_the_carrier_was_set_leaves_a_number_that_a_sync_mends(
    account: Account, connection: str, table: Table
) -> None:
    def lose(**_: object) -> None:
        if twilio.changes():
            raise EndpointConnectionError(endpoint_url="")

    table.client.meta.events.register("before-call.dynamodb.TransactWriteItems", lose)
    reply = import_number(account, connection)
    table.client.meta.events.unregister("before-call.dynamodb.TransactWriteItems", lose)
    assert (reply.status, len(twilio.changes())) == (503, 1)
    assert sync_of(account.call("get_phone_number", NUMBER_ID))["state"] == "drifted"
    assert sync_of(account.call("sync_phone_number", NUMBER_ID))["state"] == "synced"
    assert len(twilio.changes()) == 1


# What a WSGI application can't do


def drop(peer: socket.socket) -> None:
    pass


def say(text: bytes, peer: socket.socket) -> None:
    peer.recv(65536)
    peer.sendall(text)


def hang(peer: socket.socket) -> None:
    peer.recv(65536)
    while peer.recv(65536):
        pass


def trickle(peer: socket.socket) -> None:
    """Each byte comes in time, and the answer never ends."""
    peer.recv(65536)
    peer.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        peer.sendall(b".")
        time.sleep(0.02)


@contextmanager
def carrier_that(act: Callable[[socket.socket], None], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One that takes connections and does this with each."""

    def serve() -> None:
        while True:
            try:
                peer, _ = listener.accept()
                with peer:
                    act(peer)
            except OSError:
                if listener.fileno() < 0:
                    return

    listener = socket.create_server(("127.0.0.1", 0))
    monkeypatch.setenv("TWILIO_API_URL", f"http://127.0.0.1:{listener.getsockname()[1]}")
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        with socket.socket() as last:  # wakes the thread, which finds the listener closed
            address = listener.getsockname()
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            last.connect_ex(address)
        thread.join()


CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"
HEADERS = b"HTTP/1.1 200 OK\r\n" + b"X-A: 1\r\n" * 200 + b"\r\n"
ACTS: dict[str, Callable[[socket.socket], None]] = {
    "it hangs up": drop,
    "it is silent": hang,
    "it never ends": trickle,
    "it is cut": partial(say, CUT),
    "it is no HTTP": partial(say, b"SSH-2.0-OpenSSH_9.2\r\n"),
    "it has too many headers": partial(say, HEADERS),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_broken_connection_is_a_503_in_time(
    account: Account, connection: str, stored: Stored, monkeypatch: pytest.MonkeyPatch, act: Callable[..., None]
) -> None:
    """It ends because the time does: nothing else would end those that are silent or never end."""
    monkeypatch.setattr(client, "READ_SECONDS", 0.3)
    before = stored.items()
    with carrier_that(act, monkeypatch):
        reply = import_number(account, connection)
    assert (reply.status, reply.code) == (503, "carrier_unavailable")
    assert stored.items() == before


def test_a_carrier_that_nobody_runs_is_a_503(
    account: Account, connection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_API_URL", "http://127.0.0.1:1")
    assert import_number(account, connection).code == "carrier_unavailable"


def test_all_calls_of_a_request_have_one_time(
    account: Account, connection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistants_api.carriers.REQUEST_SECONDS", 0)
    assert import_number(account, connection).code == "carrier_unavailable"
    assert not twilio.asked
