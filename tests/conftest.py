"""Every test gets a table of its own, made from template.yaml, on the engine that --engine names."""

import io
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from functools import partial
from typing import Any

import pytest
from botocore.config import Config
from botocore.retries.quota import RetryQuota

from assistants_api import http
from assistants_api.models import clock
from assistants_api.models.account import COUNTABLES
from assistants_api.storage import client, table as storage
from assistants_api.storage.client import CONFIG
from assistants_api.storage.table import Table
from local.proofs import iam
from local.stack.dynamodb_local import engine
from local.stack.kms_moto import kms
from local.stack.template import Template
from tests import carriers
from tests.catalogue import Sample
from tests.engines import DYNAMODB_LOCAL, new_table, once
from tests.harness import Account, all_items, counts, new_account, races

# The functions' variables as template.yaml has them, and nobody's real credentials or database.
os.environ |= Template().environment | {"AWS_ENDPOINT_URL_DYNAMODB": ""}
os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
storage.COUNT_SECONDS = 30  # a count that is late fails open, and a busy machine would make it so


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=["moto", "dynamodb-local"], default="moto", help="the tests' DynamoDB")


def pytest_configure(config: pytest.Config) -> None:
    """One engine for all workers: the first process starts it, and they inherit its environment."""
    config.pluginmanager.register(iam)
    serving = ExitStack()
    config.add_cleanup(serving.close)
    serving.enter_context(carriers.served())
    if config.getoption("engine") == "dynamodb-local" and not hasattr(config, "workerinput"):
        running = ExitStack()
        config.add_cleanup(running.close)
        os.environ[DYNAMODB_LOCAL] = running.enter_context(engine())
        os.environ["AWS_ENDPOINT_URL_KMS"] = running.enter_context(kms(os.environ["AWS_DEFAULT_REGION"]))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What needs the real engine is left out without it."""
    if config.getoption("engine") == "moto":
        needing = [item for item in items if "real_engine" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=needing)
        items[:] = [item for item in items if item not in needing]


def pytest_make_parametrize_id(val: object) -> str | None:
    return val.name if isinstance(val, Sample) else None


@pytest.fixture
def table() -> Iterator[Table]:
    races.clear()
    with new_table() as table:
        yield table
    assert not any(races), "A rival never acted, so nothing raced."


@pytest.fixture(scope="session")
def real_engine() -> str:
    """The endpoint of DynamoDB Local, for what moto cannot show."""
    return os.environ[DYNAMODB_LOCAL]


@pytest.fixture(scope="session")
def new_my_team() -> Callable[[Table], Account]:
    return once(lambda table: new_account("my-team"))


@pytest.fixture(scope="session")
def new_other_team() -> Callable[[Table], Account]:
    return once(lambda table: new_account("other-team"))


@pytest.fixture
def account(table: Table, new_my_team: Callable[[Table], Account]) -> Account:
    return new_my_team(table)


@pytest.fixture
def other_account(table: Table, new_other_team: Callable[[Table], Account]) -> Account:
    return new_other_team(table)


@pytest.fixture
def stored(table: Table) -> "Stored":
    return Stored(table)


@pytest.fixture
def calls(table: Table) -> list[str]:
    """The DynamoDB calls made from here on, by name; but for the counting of requests, which goes beside the first."""
    names: list[str] = []

    def note(model: Any, params: dict[str, Any], **_: object) -> None:
        if not counts(params):
            names.append(model.name)

    table.client.meta.events.register("before-call.dynamodb", note)
    return names


@pytest.fixture
def set_today(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets the day of the requests from here on, such as 2026-11-25."""

    return lambda day: monkeypatch.setattr(clock, "today", lambda: date.fromisoformat(day))


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """All that was logged since the test began, and printed since the last call: metrics are printed."""
    logged = io.StringIO()
    (handler,) = (each for each in http.logger.handlers if type(each) is logging.StreamHandler)
    monkeypatch.setattr(handler, "stream", logged)
    return lambda: logged.getvalue() + capsys.readouterr().out


@pytest.fixture
def without_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries again at once."""
    monkeypatch.setattr(client, "BACKOFF_BASE", 0)


@pytest.fixture
def without_waiting(without_backoff: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does it try more than ten times, or for over two seconds. To be named before the table."""
    monkeypatch.setattr(storage, "RetryQuota", partial(RetryQuota, initial_capacity=10 * client.RETRY_COST))
    monkeypatch.setattr(storage, "REQUEST_SECONDS", 2)


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """For much data: a busy machine takes longer over it than a request may, or than a call of a client made later."""
    monkeypatch.setattr("assistants_api.storage.table.REQUEST_SECONDS", 60)
    monkeypatch.setattr("assistants_api.storage.client.CONFIG", CONFIG.merge(Config(read_timeout=60)))


class Stored:
    """What is in the table, all of it but what is counted."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def items(self) -> list[dict[str, Any]]:
        items = [
            {name: value for name, value in item.items() if name not in COUNTABLES}
            for item in all_items(self._table.client, self._table.name)
            if not item["PK"]["S"].startswith("USAGE#")
        ]
        return sorted(items, key=lambda item: (item["PK"]["S"], item["SK"]["S"]))
