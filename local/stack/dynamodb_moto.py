"""A stand-in for DynamoDB in this process: moto, served over HTTP."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from moto.backends import get_backend
from moto.moto_server.werkzeug_app import create_backend_app

from local.stack.server import Server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@contextmanager
def dynamodb() -> Iterator[str]:
    """The endpoint of an empty DynamoDB. Its data is deleted at the end."""
    with Server(one_at_a_time(create_backend_app("dynamodb"))) as server:
        yield f"http://127.0.0.1:{server.port}"
    get_backend("dynamodb").reset()


def one_at_a_time(app: "WSGIApplication") -> "WSGIApplication":
    """The app behind a lock. DynamoDB checks a condition and writes in one step, moto in two: without the lock another
    request could come between them.
    """
    lock = threading.Lock()

    def locked(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        with lock:
            return app(environ, start_response)

    return locked
