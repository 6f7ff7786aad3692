from http.client import HTTPConnection

from tests.http.conftest import Api, Connect
from tests.http.wire import LIST, MEBIBYTE, Headers, authorized, received, renaming, send


def test_a_connection_outlives_its_refusals(api: Api, connection: HTTPConnection, assistant: str) -> None:
    as_json = ("Content-Type", "application/json")
    requests: list[tuple[int, str, str, Headers, bytes | None]] = [
        (200, "GET", assistant, authorized(api), None),
        (401, "GET", assistant, [], None),
        (401, "PATCH", assistant, [as_json], b"{" * 1_000),
        (405, "PUT", assistant, authorized(api), b"ignored"),
        (404, "POST", "/nowhere", authorized(api, as_json), b"GET / HTTP/1.1\r\n\r\n"),
        (400, "PATCH", assistant, authorized(api, as_json), b"[" * 100_000),
        (415, "PATCH", assistant, authorized(api, ("Content-Type", "text/plain")), b"name=x"),
        (413, "PATCH", assistant, authorized(api, as_json), b" " * 2 * MEBIBYTE),
        (200, "HEAD", assistant, authorized(api), None),
        (404, "HEAD", "/nowhere", authorized(api), None),
        (405, "OPTIONS", assistant, authorized(api), None),
        (200, "GET", LIST, authorized(api), b'{"a body": "that nobody asked for"}'),
        (200, "PATCH", assistant, authorized(api, as_json), renaming(api, "Still here")),
    ]
    sockets = set()
    for status, method, target, headers, body in requests:
        assert send(connection, method, target, headers, body).status == status
        sockets.add(connection.sock)
    assert len(sockets) == 1
    assert None not in sockets


def test_one_client_sees_its_own_writes_at_once(api: Api, assistant: str) -> None:
    for count in range(10):
        name = f"Version {count}"
        assert api.patch(assistant, name=name).status_code == 200
        assert api.assistant(assistant)["name"] == name


def test_many_connections_at_once_are_served(api: Api, connect: Connect) -> None:
    connections = [connect() for _ in range(16)]
    for connection in connections:
        connection.putrequest("GET", LIST)
        connection.putheader("Authorization", f"Bearer {api.token}")
        connection.endheaders()
    assert [received(connection.getresponse()).status for connection in connections] == [200] * 16


def test_a_client_that_gives_up_halfway_harms_nobody(api: Api, connect: Connect, assistant: str) -> None:
    broken = connect()
    broken.putrequest("PATCH", assistant)
    broken.putheader("Authorization", f"Bearer {api.token}")
    broken.putheader("Content-Length", "1000")
    broken.endheaders(b'{"accountSlug": ')
    broken.close()
    assert api.patch(assistant, name="Whole").status_code == 200
    assert api.assistant(assistant)["version"] == 2


def test_a_client_may_ask_for_its_connection_to_be_closed(api: Api, connection: HTTPConnection) -> None:
    answer = send(connection, "GET", LIST, authorized(api, ("Connection", "close")))
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert connection.sock is None
