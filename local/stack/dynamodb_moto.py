"""A stand-in for DynamoDB in this process: moto, served over HTTP."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import moto.dynamodb.models
from moto.backends import get_backend
from moto.core.serialize import ResponseSerializer
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table
from moto.moto_server.werkzeug_app import create_backend_app

from local.stack.server import Server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@contextmanager
def dynamodb() -> Iterator[str]:
    """The endpoint of an empty DynamoDB. Its data is deleted at the end."""
    app = one_at_a_time(create_backend_app("dynamodb"))
    with without_copies_of_tables(), without_history(), without_absent_fields(), Server(app) as server:
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


@contextmanager
def without_history() -> Iterator[None]:
    """moto keeps each item and table that it ever made, for a dashboard. Here it keeps what is stored."""
    nothing: deque[object] = deque(maxlen=0)
    with patch.object(Item, "instances_tracked", nothing), patch.object(Table, "instances_tracked", nothing):
        yield


@contextmanager
def without_absent_fields() -> Iterator[None]:
    """moto asks each part of an answer for every field that it might have, under some six names, since models of other
    services call it otherwise. In answers of DynamoDB what is there has one name: asking for that alone saves a quarter
    of the time of a read.
    """
    serialize = ResponseSerializer._serialize_type_structure

    def serialize_present(serializer: ResponseSerializer, to: Any, value: Any, shape: Any, key: str) -> None:
        if not isinstance(value, dict):
            serialize(serializer, to, value, shape, key)
            return
        found = serializer.MAP_TYPE() if key else to
        for name, part in value.items():
            if part is not None and name in shape.members:
                serializer._serialize(found, part, shape.members[name], name)
        if key:
            serializer._default_serialize(to, found, shape, key)

    with patch.object(ResponseSerializer, "_serialize_type_structure", serialize_present):
        yield


@contextmanager
def without_copies_of_tables() -> Iterator[None]:
    """To undo a transaction moto copies the whole table, once for each action. Here it undoes the actions instead."""
    transact = DynamoDBBackend.transact_write_items

    def transact_write_items(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        with ExitStack() as undo:
            for action in transact_items:
                for details in action.values():
                    if table := backend.tables.get(details.get("TableName")):
                        undo.callback(_put_back(backend, table, details.get("Key") or details["Item"]))
            transact(backend, transact_items)
            undo.pop_all()

    copy = SimpleNamespace(deepcopy=lambda it: it if isinstance(it, Table) else deepcopy(it))
    with (
        patch.object(moto.dynamodb.models, "copy", copy),
        patch.object(DynamoDBBackend, "transact_write_items", transact_write_items),
    ):
        yield


def _put_back(backend: DynamoDBBackend, table: Table, key: dict[str, Any]) -> Callable[[], None]:
    """What makes the item with this key be again as it is now."""
    hash_key, range_key = backend.get_keys_value(table, key)
    item = deepcopy(table.get_item(hash_key, range_key))

    def put_back() -> None:
        table.delete_item(hash_key, range_key)
        if item:
            table.items[hash_key][range_key] = item

    return put_back
