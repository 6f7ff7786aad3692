"""Black box: everything here knows the API by its URL alone.

BASE_URL and API_TOKEN name a deployment, ACCOUNT_SLUG its account (my-team); what it keeps from run to run is no
hindrance. An emulator also needs INVOKE_URL and ADMIN_FUNCTION, Lambda's API there and the function's name, or its
operator's tests are skipped. Without them all the local stack runs for the session. A run makes some 700 requests.
"""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config

from tests.engines import dynamodb_local
from tests.harness import ROOT

pytest.register_assert_rewrite("tests.http.wire")


@dataclass(frozen=True)
class Deployment:
    base_url: str
    token: str
    slug: str
    is_foreign: bool


@dataclass(frozen=True)
class Api:
    """A caller with an API key of an account, which `client` sends along."""

    client: httpx.Client
    token: str
    slug: str

    def get(self, path: str, **query: str) -> httpx.Response:
        return self.client.get(path, params=query or None)

    def post(self, path: str, **fields: object) -> httpx.Response:
        return self.client.post(path, json={"accountSlug": self.slug, **fields})

    def patch(self, path: str, **fields: object) -> httpx.Response:
        return self.client.patch(path, json={"accountSlug": self.slug, **fields})

    def new_assistant(self, template: str = "custom") -> str:
        """The path of a new assistant."""
        reply = self.post("/api/assistants", name="Black box", templateId=template).raise_for_status()
        return f"/api/assistants/{reply.json()['assistant']['id']}"

    def assistant(self, path: str) -> dict[str, Any]:
        assistant: dict[str, Any] = self.get(path).raise_for_status().json()["assistant"]
        return assistant

    def assign(self, assistant: str, numbers: list[str], **fields: object) -> httpx.Response:
        return self.patch(f"{assistant}/telephony/phone-numbers", phoneNumberIds=numbers, **fields)

    def route(self, number: str, exact: bool = False) -> dict[str, Any]:
        """The answer for a call to the number with this id."""
        query = "?exact=true" if exact else ""
        answer: dict[str, Any] = self.get(f"/api/routes/{number.replace('pn_', '+')}{query}").raise_for_status().json()
        return answer


Invoke = Callable[[str, object], Any]
Connect = Callable[[], HTTPConnection]


@pytest.fixture(scope="session")
def deployment() -> Iterator[Deployment]:
    url, token = os.environ.get("BASE_URL"), os.environ.get("API_TOKEN")
    if url and token:
        yield Deployment(url.rstrip("/"), token, os.environ.get("ACCOUNT_SLUG") or "my-team", is_foreign=True)
    else:
        with local_stack() as deployment:
            yield deployment


@contextmanager
def local_stack() -> Iterator[Deployment]:
    """`python -m local`, a process of its own: every mock_aws() of a test in this one would empty moto's tables."""
    command = [sys.executable, "-m", "local"]
    environment = os.environ | {"PORT": "0", "HOST": "127.0.0.1"}
    if endpoint := dynamodb_local():
        environment["AWS_ENDPOINT_URL_DYNAMODB"] = endpoint
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            exports = dict[str, str]()
            while len(exports) < 2 and (line := process.stdout.readline() if process.stdout else ""):
                if line.startswith("export "):
                    name, _, value = line.removeprefix("export ").strip().partition("=")
                    exports[name] = value
            assert len(exports) == 2, "The local stack did not start; its words are on stderr."
            yield Deployment(exports["BASE_URL"], exports["API_TOKEN"], "my-team", is_foreign=False)
        finally:
            process.terminate()


@contextmanager
def caller(deployment: Deployment, token: str, slug: str) -> Iterator[Api]:
    headers = {"Authorization": f"Bearer {token}"}
    url, proxied = deployment.base_url, deployment.is_foreign
    with httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=proxied) as client:
        yield Api(client, token, slug)


@pytest.fixture(scope="session")
def api(deployment: Deployment) -> Iterator[Api]:
    with caller(deployment, deployment.token, deployment.slug) as api:
        yield api


@pytest.fixture
def assistant(api: Api) -> str:
    """The path of an assistant of one's own."""
    return api.new_assistant()


@pytest.fixture
def new_number(api: Api) -> Iterator[Callable[[], str]]:
    """Imports a number nobody has and gives its id; at the end all of them are free again."""
    numbers: list[str] = []

    def imported() -> str:
        reply = api.post("/api/phone-numbers", phoneNumber=unheard_of_number()).raise_for_status()
        numbers.append(reply.json()["phone_number"]["id"])
        return numbers[-1]

    yield imported
    holders = {api.route(number)["phone_number"]["assistant_id"] for number in numbers}
    for holder in holders - {None}:
        api.assign(f"/api/assistants/{holder}", []).raise_for_status()


def unheard_of_number() -> str:
    return f"+1999{secrets.randbelow(10**10):010}"


@pytest.fixture
def connect(deployment: Deployment) -> Iterator[Connect]:
    """Opens plain connections, for what httpx mends or refuses to send."""
    url = httpx.URL(deployment.base_url)
    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    connections: list[HTTPConnection] = []

    def connected() -> HTTPConnection:
        connections.append(kind(url.host, url.port, timeout=30))
        return connections[-1]

    yield connected
    for connection in connections:
        connection.close()


@pytest.fixture
def connection(connect: Connect) -> HTTPConnection:
    return connect()


@pytest.fixture(scope="session")
def invoke(deployment: Deployment) -> Iterator[Invoke]:
    """Invokes a function through Lambda's API, as `aws lambda invoke` does."""
    if deployment.is_foreign and "INVOKE_URL" not in os.environ:
        pytest.skip("BASE_URL names a deployment, and no INVOKE_URL names its Lambda API.")
    with invoking(deployment) as invoke:
        yield invoke


@contextmanager
def invoking(deployment: Deployment) -> Iterator[Invoke]:
    session = boto3.Session("local", "local", region_name="us-east-1")
    url, names = deployment.base_url, dict[str, str]()
    if deployment.is_foreign:
        url, names = os.environ["INVOKE_URL"], {"AdminFunction": os.environ["ADMIN_FUNCTION"]}
    client = session.client("lambda", endpoint_url=url, config=Config(proxies={}))

    def result(function: str, payload: object) -> Any:
        answer = client.invoke(FunctionName=names.get(function, function), Payload=json.dumps(payload))
        content = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, content
        return content

    yield result
    client.close()


@pytest.fixture
def other(deployment: Deployment, invoke: Invoke) -> Iterator[Api]:
    """A caller of another account."""
    slug = f"other-{secrets.token_hex(8)}"
    invoke("AdminFunction", {"action": "create_account", "slug": slug, "name": "Other"})
    with caller(deployment, new_key(invoke, slug)["full_key"], slug) as other:
        yield other


def new_key(invoke: Invoke, slug: str, *scopes: str) -> Any:
    """The answer that shows a new API key of the account."""
    key = {"action": "create_api_key", "slug": slug, "name": "tests", "environment": "test", "scopes": scopes or ["*"]}
    return invoke("AdminFunction", key)
