import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
from werkzeug.wrappers import Request, Response

from local.stack.server import Server

started = threading.Event()


@Request.application
def app(request: Request) -> Response:
    """Answers with the body, except for three paths."""
    if request.path == "/unread":
        return Response("unread", 413)
    if request.path == "/slow":
        started.set()
        time.sleep(0.3)
        return Response("slow")
    if request.path == "/empty":
        return Response(status=204)
    return Response(request.get_data() or request.headers.get("X-Tag", "nothing"))


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(app) as server:
        yield server


@pytest.fixture
def connection(server: Server) -> Iterator[HTTPConnection]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    yield connection
    connection.close()


def ask(connection: HTTPConnection, path: str, method: str = "POST", body: bytes | None = None) -> tuple[int, bytes]:
    connection.request(method, path, body)
    response = connection.getresponse()
    return response.status, response.read()


def raw(server: Server, request: bytes) -> bytes:
    """All that comes back on one connection until the server closes it."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(request)
        return b"".join(iter(lambda: client.recv(65536), b""))


def test_a_connection_is_kept_for_the_next_request(connection: HTTPConnection) -> None:
    assert ask(connection, "/", body=b"one") == (200, b"one")
    first = connection.sock
    assert ask(connection, "/empty", "GET") == (204, b"")
    assert ask(connection, "/", "HEAD") == (200, b"")
    assert ask(connection, "/", body=b"two") == (200, b"two")
    assert connection.sock is first


def test_a_body_that_was_not_read_does_not_reach_the_next_request(connection: HTTPConnection) -> None:
    assert ask(connection, "/unread", body=b"GET /slow HTTP/1.1\r\n\r\n" * 10_000) == (413, b"unread")
    assert ask(connection, "/", body=b"next") == (200, b"next")


def test_a_chunked_body_ends_where_the_next_request_begins(server: Server) -> None:
    chunked = b"POST %s HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    last = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbye"
    answer = raw(server, chunked % b"/" + chunked % b"/unread" + last)
    assert [part.rpartition(b"\r\n")[2] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"hello", b"unread", b"bye"]


def test_repeated_headers_are_joined_with_a_comma(server: Server) -> None:
    answer = raw(server, b"GET / HTTP/1.1\r\nHost: a\r\nX-Tag: a\r\nConnection: close\r\nx-tag: b\r\n\r\n")
    assert answer.endswith(b"\r\n\r\na,b")


def test_many_small_answers_on_one_connection_are_not_held_back(connection: HTTPConnection) -> None:
    begin = time.perf_counter()
    for _ in range(50):
        ask(connection, "/", body=b"x")
    assert time.perf_counter() - begin < 1  # with Nagle's algorithm: 50 times 40 ms


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 3\r\nContent-Length: 4",
        b"Content-Length: -1",
        b"Content-Length: x",
        b"Content-Length: 3\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: gzip",
    ],
)
def test_a_body_whose_end_is_ambiguous_is_refused_and_the_connection_closed(server: Server, framing: bytes) -> None:
    answer = raw(server, b"POST / HTTP/1.1\r\nHost: a\r\n" + framing + b"\r\n\r\nabc")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(b'{"message": "Bad Request"}')


def test_a_malformed_chunk_is_refused_and_the_connection_closed(server: Server) -> None:
    answer = raw(server, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nnot a length\r\n0\r\n\r\n")
    assert answer.count(b"HTTP/1.1") == 1
    assert answer.startswith(b"HTTP/1.1 400 ")


def test_a_request_in_flight_finishes_when_the_server_stops() -> None:
    answers = []
    started.clear()
    with Server(app) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        thread = threading.Thread(target=lambda: answers.append(ask(connection, "/slow")))
        thread.start()
        started.wait(5)
    thread.join(5)
    connection.close()
    assert answers == [(200, b"slow")]


def test_an_idle_connection_is_closed_when_the_server_stops() -> None:
    with Server(app) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        ask(connection, "/", body=b"x")
    assert connection.sock.recv(1) == b""
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))


def test_a_port_that_is_taken_is_an_os_error(server: Server) -> None:
    with pytest.raises(OSError, match="in use"):
        Server(app, port=server.port)


def test_a_client_that_sends_much_too_much_still_gets_its_answer(connection: HTTPConnection) -> None:
    assert ask(connection, "/unread", body=bytes(100 * 1024 * 1024)) == (413, b"unread")
