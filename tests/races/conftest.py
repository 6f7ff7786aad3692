"""Storms: many callers at once over HTTP, on the local stack with DynamoDB Local. An audit of the table follows."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

import boto3
import httpx
import pytest

from local.proofs.audit import scan, violations
from tests.engines import on
from tests.http.conftest import Api, Deployment, Invoke, caller, invoking, local_stack

CALLERS = 16

Result = TypeVar("Result")


def storm(acts: Sequence[Callable[[], Result]], callers: int = CALLERS) -> list[Result]:
    """The results of the acts, made by so many callers that start together; each takes every so-manieth."""
    start = Barrier(callers)

    def run(number: int) -> list[Result]:
        start.wait(30)
        return [act() for act in acts[number::callers]]

    with ThreadPoolExecutor(callers) as threads:
        shares = list(threads.map(run, range(callers)))
    return [shares[index % callers][index // callers] for index in range(len(acts))]


def statuses(replies: Sequence[httpx.Response]) -> set[int]:
    """All that came; a 500 or a 503 shows what it said."""
    assert [reply.text for reply in replies if reply.status_code >= 500] == []
    return {reply.status_code for reply in replies}


@pytest.fixture(scope="module")
def table_name(real_engine: str) -> Iterator[str]:
    with on(real_engine) as name:
        yield name


@pytest.fixture(scope="module")
def deployment(table_name: str) -> Iterator[Deployment]:
    with local_stack() as deployment:
        yield deployment


@pytest.fixture(scope="module")
def invoke(deployment: Deployment) -> Iterator[Invoke]:
    with invoking(deployment) as invoke:
        yield invoke


@pytest.fixture(autouse=True)
def audited(deployment: Deployment, table_name: str, real_engine: str) -> Iterator[None]:
    yield
    client = boto3.client("dynamodb", endpoint_url=real_engine)
    assert list(violations(scan(client, table_name))) == []
    client.close()


class Team:
    """An account of its own, with a caller whose key has no limit."""

    def __init__(self, deployment: Deployment, invoke: Invoke) -> None:
        self.slug = f"team-{secrets.token_hex(8)}"
        self._deployment, self._invoke = deployment, invoke
        self.account: dict[str, Any] = self.operate("create_account", name="Team")["account"]

    def operate(self, action: str, **payload: object) -> Any:
        return self._invoke("AdminFunction", {"action": action, "slug": self.slug, **payload})

    def new_key(self, **fields: object) -> Any:
        """The answer that shows a new API key."""
        key = {"name": "storm", "environment": "test", "scopes": ["*"], "rate_limit_per_hour": None, **fields}
        return self.operate("create_api_key", **key)

    def caller(self, token: str) -> Any:
        return caller(self._deployment, token, self.slug)


@pytest.fixture
def new_team(deployment: Deployment, invoke: Invoke) -> Callable[[], Team]:
    return lambda: Team(deployment, invoke)


@pytest.fixture
def team(new_team: Callable[[], Team]) -> Team:
    return new_team()


@pytest.fixture
def api(team: Team) -> Iterator[Api]:
    with team.caller(team.new_key()["full_key"]) as api:
        yield api
