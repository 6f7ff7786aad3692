"""A threaded HTTP/1.1 server for WSGI applications. It keeps connections open, which werkzeug's own does not."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from io import RawIOBase
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self, cast

from werkzeug.exceptions import ClientDisconnected
from werkzeug.serving import DechunkedInput, ThreadedWSGIServer, WSGIRequestHandler, select_address_family
from werkzeug.wrappers import Response
from werkzeug.wsgi import LimitedStream

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BACKLOG = 1024
ANY_ADDRESS = {"0.0.0.0", "::"}  # noqa: S104  of this machine
GRACE_SECONDS = 10  # for requests in flight when the server stops
CHUNK_BYTES = 64 * 1024
# What the application leaves unread of a body is read and dropped. Up to the first limit this happens before the
# response, and the connection stays open. A longer rest is dropped after the response, because a client that is still
# sending when the connection closes may never see the response.
MAX_DRAINED_BEFORE = 1024 * 1024
MAX_DRAINED_AFTER = 1024 * 1024 * 1024


class Handler(WSGIRequestHandler):
    server: "Server"
    protocol_version = "HTTP/1.1"
    timeout = 60  # seconds to wait for the next byte of the client
    # Head and body are two writes. Nagle's algorithm would hold the second until the client acknowledges the first,
    # which takes 40 ms on a connection that stays open.
    disable_nagle_algorithm = True
    error_content_type = "application/json"
    error_message_format = '{"message": "%(message)s"}'

    def run_wsgi(self) -> None:
        with self.server.in_flight():
            try:
                body = self._body()
                self.environ = self.make_environ() | {"wsgi.input": body, "wsgi.input_terminated": True}
            except ValueError:
                self.send_error(HTTPStatus.BAD_REQUEST)
                return
            try:
                response = Response.from_app(self.server.app, self.environ, buffered=True)
            except (OSError, ClientDisconnected):  # the body is malformed or incomplete
                self.send_error(HTTPStatus.BAD_REQUEST)
                return
            is_drained = self._drain(body, MAX_DRAINED_BEFORE)
            if self.server.stopping or not is_drained:
                self.close_connection = True
            self._send(response)
            if not is_drained:
                self._drain(body, MAX_DRAINED_AFTER)

    def _body(self) -> RawIOBase:
        """The body, up to the next request. Raises ValueError if its end is ambiguous."""
        lengths = set(self.headers.get_all("Content-Length", []))
        stream = cast("IO[bytes]", self.rfile)
        codings = self.headers.get_all("Transfer-Encoding", [])
        if codings:
            if lengths or [coding.lower() for coding in codings] != ["chunked"]:
                raise ValueError("A body is either chunked or has one length.")
            return DechunkedInput(stream)
        length = lengths.pop() if lengths else "0"
        if lengths or not (length.isascii() and length.isdigit()):
            raise ValueError("Content-Length is one number.")
        return LimitedStream(stream, int(length))

    def _drain(self, body: RawIOBase, max_bytes: int) -> bool:
        """Drops what is left of the body; whether that was all of it."""
        with suppress(OSError, ClientDisconnected):
            for _ in range(max_bytes // CHUNK_BYTES):
                if not body.read(CHUNK_BYTES):
                    return True
        return False

    def _send(self, response: Response) -> None:
        body = response.get_data()
        self.send_response(response.status_code)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in response.headers and response.status_code not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close" if self.close_connection else "keep-alive")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Sends an error that quotes nothing from the request, which the base class would do."""
        super().send_error(code, HTTPStatus(code).phrase)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Logs nothing: the applications log the route."""

    def log_error(self, format: str, *args: Any) -> None:  # noqa: A002
        """Logs nothing: it would report every idle connection that closes."""


class Server(ThreadedWSGIServer):
    """Serves an application inside a `with` block. At its end the requests in flight finish.

    Port 0 stands for any free port; the attribute `port` holds the real one. Raises OSError if the port is taken.
    """

    def __init__(self, app: "WSGIApplication", host: str = "127.0.0.1", port: int = 0) -> None:
        self.stopping = False
        self._in_flight = 0
        self._changed = threading.Condition()
        self._connections: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        family = select_address_family(host, port)
        # Werkzeug itself would print a message and exit if the port is taken.
        with socket.create_server((host, port), family=family, backlog=BACKLOG) as listener:
            super().__init__(host, port, app, Handler, fd=listener.fileno())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping = True
        self.shutdown()
        self._thread.join()  # the thread closes the port
        with self._changed:
            self._changed.wait_for(lambda: self._in_flight == 0, GRACE_SECONDS)
        for connection in tuple(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        with self._changed:
            self._in_flight += 1
        try:
            yield
        finally:
            with self._changed:
                self._in_flight -= 1
                self._changed.notify_all()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._connections.discard(request)


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    with suppress(OSError), socket.create_server((host, port)):
        return True
    return False


def url_host(host: str) -> str:
    """The host for a URL that reaches, on this machine, a server bound to `host`."""
    if host in ANY_ADDRESS:
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
