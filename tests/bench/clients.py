"""Clients of the local stack, what they measure, and what is stored for them."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import batched
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import boto3

from assistants_api import templates
from assistants_api.models.assistant_requests import NewAssistant
from assistants_api.models.phone_number_requests import NewPhoneNumber
from assistants_api.storage import assistants, keys
from assistants_api.storage.values import pack
from tests.bench.child import Child

ADMIN = "/2015-03-31/functions/AdminFunction/invocations"


@dataclass(frozen=True)
class Load:
    """Times in ms."""

    what: str
    clients: int
    per_second: float
    p50: float
    p99: float


@dataclass(frozen=True)
class Cost:
    """Of one request, on average. `refused` are the writes whose condition failed: on AWS each costs its units too, at
    least one, which DynamoDB Local does not tell."""

    what: str
    p50: float
    p99: float
    round_trips: float
    calls: float
    read_units: float
    write_units: float
    refused: float


class Client:
    """A caller with an account of its own, on a connection that stays open."""

    def __init__(self, url: str, token: str = "", slug: str = "", account_id: str = "") -> None:
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._url, self._token, self.slug, self.account_id = url, token, slug, account_id

    def again(self) -> "Client":
        """The same caller on a connection of its own."""
        return Client(self._url, self._token, self.slug, self.account_id)

    def send(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """Raises RuntimeError unless it succeeds."""
        always = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        text = None if body is None else json.dumps(body)
        self._connection.request(method, path, text, {**always, **(headers or {})})
        response = self._connection.getresponse()
        content = response.read()
        if response.status != 200:
            raise RuntimeError(f"{method} {path[:80]}: {response.status} {content.decode()[:300]}")
        return json.loads(content)

    def get(self, assistant_id: str) -> Any:
        return self.send("GET", f"/api/assistants/{assistant_id}")

    def patch(self, assistant_id: str, headers: Mapping[str, str] | None = None, **changes: Any) -> Any:
        body = {"accountSlug": self.slug, **changes}
        return self.send("PATCH", f"/api/assistants/{assistant_id}", body, headers)

    def assign(self, assistant_id: str, numbers: list[str]) -> Any:
        body = {"accountSlug": self.slug, "phoneNumberIds": numbers}
        return self.send("PATCH", f"/api/assistants/{assistant_id}/telephony/phone-numbers", body)

    def page(self, limit: int, **query: str) -> Any:
        return self.send("GET", "&".join([f"/api/assistants?limit={limit}", *(f"{k}={v}" for k, v in query.items())]))


class Bench:
    def __init__(self, stack: Child, requests: int) -> None:
        self._stack = stack
        self._requests = requests
        self._database = boto3.client("dynamodb", endpoint_url=stack.hello["endpoint"])
        self.costs: list[Cost] = []
        self.loads: list[Load] = []
        self.failures: list[str] = []  # what the stack could not do at all

    def account(self) -> Client:
        slug, admin = f"bench-{uuid4().hex[:12]}", Client(self._stack.hello["url"])
        account = admin.send("POST", ADMIN, {"action": "create_account", "slug": slug, "name": slug})["account"]
        key = {"name": "bench", "environment": "test", "scopes": ["*"], "rate_limit_per_hour": None}
        created = admin.send("POST", ADMIN, {"action": "create_api_key", "slug": slug, **key})
        return Client(self._stack.hello["url"], created["full_key"], slug, account["id"])

    def assistants(self, client: Client, count: int) -> list[str]:
        """The ids of so many new ones, written straight into the table."""
        configuration = templates.load("outbound-setter")["configuration"]
        wanted = NewAssistant(account_slug=client.slug, name="Bench", template_id="outbound-setter")
        made = [wanted.to_assistant(client.account_id, configuration) for _ in range(count)]
        self._write(pack(assistants.to_item(it)) for it in made)
        return [it.id for it in made]

    def numbers(self, client: Client, count: int) -> list[str]:
        found = []
        for digits in range(count):
            sent = NewPhoneNumber(account_slug=client.slug, phone_number=f"+1415555{digits:04}")
            number = sent.to_phone_number()
            pk, sk = keys.phone_number(client.account_id, number.id)
            found.append((number.id, pack({"PK": pk, "SK": sk, **number.model_dump()})))
        self._write(item for _, item in found)
        return [number_id for number_id, _ in found]

    def _write(self, items: Iterable[Any]) -> None:
        for batch in batched(items, 25):
            wanted: Any = {self._stack.hello["table"]: [{"PutRequest": {"Item": item}} for item in batch]}
            while wanted:
                wanted = self._database.batch_write_item(RequestItems=wanted).get("UnprocessedItems")

    def cost(self, what: str, act: Callable[[], Any], before: Callable[[], Any] | None = None, share: int = 1) -> None:
        """Measures one request after the other; `before` each of them something that does not count."""
        times, calls = [], []
        for number in range(1 + max(3, self._requests // 10 // share)):
            if before:
                before()
            self._stack.ask()
            began = time.perf_counter()
            try:
                act()
            except RuntimeError as error:
                self.failures.append(f"{what}: {error}")
                return
            if number:  # the first of an hour is noted on the key
                times.append(1000 * (time.perf_counter() - began))
                calls += self._stack.ask()

        def per_request(kind: str) -> float:
            return float(sum(call["units"] for call in calls if call["kind"] == kind)) / len(times)

        self.costs.append(
            Cost(
                what,
                median(times),
                p99(times),
                round_trips=sum(not call["beside"] for call in calls) / len(times),
                calls=len(calls) / len(times),
                read_units=per_request("read"),
                write_units=per_request("write"),
                refused=sum(call["refused"] for call in calls) / len(times),
            )
        )
        say(what)

    def load(self, what: str, clients: int, client: Client, act: Callable[[Client], Any]) -> None:
        """The same number of requests in all, whatever the number of clients."""

        def run(one: Client) -> list[float]:
            times = []
            for _ in range(self._requests // clients or 1):
                began = time.perf_counter()
                act(one)
                times.append(1000 * (time.perf_counter() - began))
            return times

        with ThreadPoolExecutor(clients) as threads:
            began = time.perf_counter()
            times = [it for part in threads.map(run, [client.again() for _ in range(clients)]) for it in part]
            seconds = time.perf_counter() - began
        self.loads.append(Load(what, clients, len(times) / seconds, median(times), p99(times)))
        say(f"{what}, {clients} clients")


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def p99(values: list[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[98]
