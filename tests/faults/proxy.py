"""A TCP proxy in front of DynamoDB that breaks connections, as botocore's events cannot: underneath it."""

import socket
import socketserver
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

PATIENCE = 30  # seconds, for every wait

# What becomes of a request. It is forwarded, or it is not; its reply arrives whole, or something else happens.
PASS = "pass"
LOSE_REQUEST = "lose the request"
LOSE_REPLY = "lose the reply"
CUT_REPLY = "cut the reply"
GARBAGE = "garbage, which is not even HTTP"
SLOW = "slow"
HANG = "hang"
HANG_AFTER = "hang when it is done"

Plan = Callable[[bytes], str]


class Proxy(socketserver.ThreadingTCPServer):
    """Does with each HTTP request what the plan says, from `with` until its end.

    `seen` lists the operations, `opened` counts the connections.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, endpoint: str, plan: Plan) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        url = urlsplit(endpoint)
        self.target = (url.hostname or "", url.port or 80)
        self.plan = plan
        self.seen: list[str] = []
        self.opened = 0
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.shutdown()
        self.server_close()
        self._thread.join(PATIENCE)


class Connection(socketserver.BaseRequestHandler):
    server: Proxy
    request: socket.socket

    def handle(self) -> None:
        self.server.opened += 1
        with suppress(OSError), socket.create_connection(self.server.target, PATIENCE) as database:
            self.request.settimeout(PATIENCE)
            while request := _message(self.request):
                if not self._treat(request, database):
                    return

    def _treat(self, request: bytes, database: socket.socket) -> bool:
        """Whether the connection lives on."""
        server = self.server
        server.seen.append(request.partition(b"DynamoDB_20120810.")[2].partition(b"\r\n")[0].decode())
        fate = server.plan(request)
        if fate == HANG:
            server.ended.wait(PATIENCE)
        if fate == GARBAGE:
            self.request.sendall(b"\x16\x03\x01 nobody expects this\r\n\r\n")
        if fate in (HANG, GARBAGE, LOSE_REQUEST):
            return False
        database.sendall(request)
        reply = _message(database)
        if fate == HANG_AFTER:
            server.ended.wait(PATIENCE)
        if fate == SLOW:
            time.sleep(1.5)
        if fate == CUT_REPLY:
            self.request.sendall(reply[:-1])
        if fate in (PASS, SLOW):
            self.request.sendall(reply)
        return fate in (PASS, SLOW)


def _message(stream: socket.socket) -> bytes:
    """One HTTP request or response with its body, as it came; empty when the connection ends."""
    message = b""
    while b"\r\n\r\n" not in message:
        part = stream.recv(65536)
        if not part:
            return b""
        message += part
    head, _, body = message.partition(b"\r\n\r\n")
    lengths = [line.partition(b":")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    missing = (int(lengths[0]) if lengths else 0) - len(body)
    while missing > 0:
        part = stream.recv(65536)
        if not part:
            return b""
        message += part
        missing -= len(part)
    return message
