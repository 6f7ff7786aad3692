"""The databases that the tests run on: moto, in this process, or DynamoDB Local (pytest --engine=dynamodb-local)."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from functools import cache
from threading import Lock
from typing import Any, TypeVar
from unittest.mock import patch
from uuid import uuid4

import boto3
import botocore.session
from botocore.config import Config
from botocore.hooks import EventAliaser
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table as MotoTable

from assistants_api.storage import client as storage, credentials
from assistants_api.storage.client import new_client
from assistants_api.storage.rate_limits import _leases
from assistants_api.storage.table import Table, from_env
from local.proofs import iam
from local.stack.dynamodb_moto import without_absent_fields, without_copies_of_tables
from local.stack.kms_moto import make_key
from local.stack.template import create_table
from tests import carriers
from tests.harness import all_items, running, write

Made = TypeVar("Made")

DYNAMODB_LOCAL = "TEST_DYNAMODB_LOCAL"  # names the variable with the endpoint of the engine of this run, if it has one


class ValidatingSession(botocore.session.Session):
    """Its clients validate the parameters of each request, which the functions turn off to save time."""

    def create_client(self, *arguments: Any, **options: Any) -> Any:
        options["config"] = (options.get("config") or Config()).merge(Config(parameter_validation=True))
        return super().create_client(*arguments, **options)


# Read once: the description of the API takes longer than most tests do.
_session: botocore.session.Session = ValidatingSession()


def dynamodb_local() -> str | None:
    return os.environ.get(DYNAMODB_LOCAL)


@contextmanager
def new_table() -> Iterator[Table]:
    """An empty table, which the functions use, and carriers that nobody has asked yet."""
    carriers.renew()
    endpoint = dynamodb_local()
    with in_dynamodb_local(endpoint) if endpoint else in_memory():
        table = from_env()
        credentials.from_env().client.meta.events.register("before-parameter-build.kms", _note_for_iam, "note-for-iam")
        table.client.meta.events.register("before-parameter-build.dynamodb", _note_for_iam)
        yield table
        table._threads.shutdown()  # what goes on in the background may write


def _note_for_iam(model: Any, params: dict[str, Any], **_: object) -> None:
    if function := running.get(""):
        iam.note(function, model.name, params)


@contextmanager
def on(endpoint: str) -> Iterator[str]:
    """Makes the functions use the table of this name at the endpoint. If it is there at the end, it is deleted."""
    name = f"test-{uuid4()}"
    with patched_environment(AWS_ENDPOINT_URL_DYNAMODB=endpoint, TABLE_NAME=name):
        yield name
        client = boto3.client("dynamodb", endpoint_url=endpoint)
        with suppress(client.exceptions.ResourceNotFoundException):
            client.delete_table(TableName=name)
        client.close()


@contextmanager
def patched_environment(**variables: str) -> Iterator[None]:
    """Makes the functions look at these variables anew, with a client of their own."""
    with (
        patch.dict(os.environ, variables),
        patch("botocore.session.get_session", lambda: _session),
        patch("assistants_api.storage.table.new_client", new_client),
    ):
        from_env.cache_clear()
        yield
    from_env.cache_clear()


@contextmanager
def in_dynamodb_local(endpoint: str) -> Iterator[None]:
    """Makes the functions use a table there. What a test leaves in it is deleted: another table takes longer."""
    with patch.dict(os.environ, AWS_ENDPOINT_URL_DYNAMODB=endpoint):
        with shared_client() as client:
            if _empty_tables:
                name = _empty_tables.pop()
            else:
                make_table(endpoint, name := f"test-{uuid4()}")
            with patch.dict(os.environ, TABLE_NAME=name):
                yield
        keys = [{"PK": item["PK"], "SK": item["SK"]} for item in all_items(client, name)]
        write(client, name, [{"DeleteRequest": {"Key": key}} for key in keys])
        _empty_tables.append(name)


_empty_tables: list[str] = []


def make_table(endpoint: str, name: str) -> None:
    """By a client that waits: a busy machine takes longer over a table than a request may."""
    client = boto3.client("dynamodb", endpoint_url=endpoint)
    create_table(client, name)
    client.close()


@contextmanager
def in_memory() -> Iterator[None]:
    """Makes the functions use moto, one request to it at a time: its operations are not atomic, as DynamoDB's are, and
    the count of a request goes beside its first read.
    """
    lock, answer = Lock(), BotocoreStubber.process_request

    def one_at_a_time(stubber: BotocoreStubber, request: Any) -> Any:
        with lock:
            return answer(stubber, request)

    with (
        patch("moto.core.models.RESPONSES_METHODS", []),  # the library requests, of which nobody asks anything
        mock_aws(),
        without_copies_of_tables(),
        without_absent_fields(),
        patch.object(BotocoreStubber, "process_request", one_at_a_time),
        shared_client(),
    ):
        name = os.environ["TABLE_NAME"]
        _tables()[name] = deepcopy(empty_table(name))
        make_key(os.environ["AWS_DEFAULT_REGION"])
        yield


@contextmanager
def shared_client() -> Iterator[Any]:
    """A client that tests share, since making one takes longer than most of them do. At the end it is as before."""
    client = _client(os.environ["AWS_ENDPOINT_URL_DYNAMODB"], storage.CONFIG)
    from_env.cache_clear()
    with patch("assistants_api.storage.table.new_client", lambda: client), without_new_handlers(client.meta.events):
        yield client
    from_env.cache_clear()
    _leases.cache_clear()


@cache
def _client(endpoint: str, config: Config) -> Any:
    """With the endpoint of the environment, and the config that a test may have changed."""
    with patch("botocore.session.get_session", lambda: _session):
        return new_client()


@contextmanager
def without_new_handlers(events: EventAliaser) -> Iterator[None]:
    """Forgets at the end what was registered meanwhile."""
    with (
        patch.object(events, "register", wraps=events.register) as register,
        patch.object(events, "register_first", wraps=events.register_first) as register_first,
    ):
        yield
    for call in register.call_args_list + register_first.call_args_list:
        events.unregister(*call.args)


def once(make: Callable[[Table], Made]) -> Callable[[Table], Made]:
    """What does in a test's empty table as `make` did in another: making something takes longer than most tests do, and
    copying it does not.
    """
    with new_table() as first:
        made, items = make(first), list(all_items(first.client, first.name))
        in_memory = None if dynamodb_local() else _tables()[first.name].items

    def copy(table: Table) -> Made:
        if in_memory:
            for partition, by_sort_key in deepcopy(in_memory).items():
                _tables()[table.name].items[partition].update(by_sort_key)
        else:
            write(table.client, table.name, [{"PutRequest": {"Item": item}} for item in items])
        return made

    return copy


@cache
def empty_table(name: str) -> MotoTable:
    """As template.yaml has it, in moto. Each test has its own: copying this one is faster than making another."""
    client = boto3.client("dynamodb")
    create_table(client, name)
    client.close()
    return deepcopy(_tables()[name])


def _tables() -> dict[str, MotoTable]:
    return dynamodb_backends[DEFAULT_ACCOUNT_ID][os.environ["AWS_DEFAULT_REGION"]].tables
