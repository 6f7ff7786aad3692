"""`make bench-http`: the local stack under load, and how the cost of a request grows with what is stored and sent.

REQUESTS (600) of each kind, at each number of clients. The database is that of AWS_ENDPOINT_URL_DYNAMODB, else a
DynamoDB Local of its own, else moto, whose capacity units and growth are its own and not DynamoDB's.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from http.client import HTTPConnection
from itertools import batched, cycle
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import boto3

from assistants_api import auth, templates
from assistants_api.models.assistant_requests import NewAssistant
from assistants_api.models.phone_number import NewPhoneNumber
from assistants_api.storage import assistants, keys
from assistants_api.storage.values import pack
from local.stack.dynamodb_local import EngineError, engine
from tests.bench.child import Child, child
from tests.bench.machine import machine
from tests.bench.packages import FOLDER
from tests.bench.report import markdown

RESULTS = Path(__file__).with_name("results")
ENOUGH = 600  # requests, for results worth keeping
CLIENTS = (1, 4, 16, 64)
SIZES = (1, 100, 10_000)  # assistants in the account
PAGES = 50  # before a page that is deep in the list
FILTERS = (
    "By a name that few have, AWS reads a megabyte at a time and the list ends a page after 8; DynamoDB Local ends one "
    "after a megabyte of what matches, and so reads all at once."
)
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

    def __init__(self, url: str, token: str = "", slug: str = "") -> None:
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._url, self._token, self.slug = url, token, slug

    @property
    def account_id(self) -> str:
        return auth.parse(f"Bearer {self._token}").account_id

    def again(self) -> "Client":
        """The same caller on a connection of its own."""
        return Client(self._url, self._token, self.slug)

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Raises RuntimeError unless it succeeds."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        self._connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status != 200:
            raise RuntimeError(f"{method} {path[:80]}: {response.status} {content.decode()[:300]}")
        return json.loads(content)

    def get(self, assistant_id: str) -> Any:
        return self.send("GET", f"/api/assistants/{assistant_id}")

    def patch(self, assistant_id: str, **changes: Any) -> Any:
        return self.send("PATCH", f"/api/assistants/{assistant_id}", {"accountSlug": self.slug, **changes})

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
        admin.send("POST", ADMIN, {"action": "create_account", "slug": slug, "name": slug})
        key = {"name": "bench", "environment": "test", "scopes": ["*"], "rate_limit_per_hour": None}
        created = admin.send("POST", ADMIN, {"action": "create_api_key", "slug": slug, **key})
        return Client(self._stack.hello["url"], created["full_key"], slug)

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
                _p99(times),
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
        self.loads.append(Load(what, clients, len(times) / seconds, median(times), _p99(times)))
        say(f"{what}, {clients} clients")


def under_load(bench: Bench) -> None:
    client = bench.account()
    (assistant_id,) = bench.assistants(client, 1)
    for clients in CLIENTS:
        bench.load("GET", clients, client, lambda one: one.get(assistant_id))
    for clients in CLIENTS:
        bench.load("PATCH", clients, client, lambda one: one.patch(assistant_id, first_message=uuid4().hex))


def by_assistants(bench: Bench) -> None:
    for size in SIZES:
        client = bench.account()
        ids = bench.assistants(client, size)
        some = cycle(ids[:: max(1, size // 50)])
        bench.cost(f"GET, {size:,} assistants", lambda: client.get(next(some)))  # noqa: B023
        bench.cost(f"list 20 by a name that none of {size:,} has", partial(client.page, 20, name="zzz"), share=20)
        for limit in (1, 20, 100):
            if limit <= size:
                bench.cost(f"list {limit}, {size:,} assistants", partial(client.page, limit), share=2)
    cursor = client.page(100)["next_cursor"]
    for _ in range(PAGES - 1):
        cursor = client.page(100, cursor=cursor)["next_cursor"]
    bench.cost(f"list 20, {size:,} assistants, page {PAGES * 5}", lambda: client.page(20, cursor=cursor), share=2)


def by_numbers(bench: Bench) -> None:
    client = bench.account()
    (assistant_id,) = bench.assistants(client, 1)
    numbers = bench.numbers(client, 99)
    release = partial(client.assign, assistant_id, [])
    for count in (1, 10, 99):
        bench.cost(f"assign {count}", partial(client.assign, assistant_id, numbers[:count]), release, share=3)
    hold = partial(client.assign, assistant_id, numbers[:98])
    bench.cost("assign 1 more beside 98", partial(client.assign, assistant_id, numbers), hold, share=3)


def by_prompt(bench: Bench) -> None:
    client = bench.account()
    (assistant_id,) = bench.assistants(client, 1)
    for size in (1, 10, 60):
        prompts = (uuid4().hex + "x" * (size * 1024 - 32) for _ in iter(int, 1))
        bench.cost(f"PATCH, prompt of {size} KB", lambda: client.patch(assistant_id, system_prompt=next(prompts)))  # noqa: B023
        bench.cost(f"GET, prompt of {size} KB", lambda: client.get(assistant_id))


@contextmanager
def database() -> Iterator[tuple[str, str]]:
    """What it is called, and its endpoint, none if the stack is to have its own."""
    named = os.environ.get("AWS_ENDPOINT_URL_DYNAMODB")
    if named:
        yield named, named
        return
    try:
        with engine() as endpoint:
            yield "DynamoDB Local", endpoint
    except EngineError as error:
        say(f"{error}\nSo it is moto: its capacity units and its growth say nothing of DynamoDB's.")
        yield "moto", ""


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _p99(values: list[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[98]


def main() -> int:
    requests = int(os.environ.get("REQUESTS") or ENOUGH)
    facts = machine()
    table = f"bench-{uuid4().hex}"
    harmless = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_DEFAULT_REGION": "us-east-1"}
    os.environ.update(harmless)
    with database() as (name, endpoint):
        variables = {**os.environ, "TABLE_NAME": table, "AWS_ENDPOINT_URL_DYNAMODB": endpoint}
        with child("tests.bench.stack", environment=variables) as stack:
            bench = Bench(stack, requests)
            for part in (under_load, by_assistants, by_numbers, by_prompt):
                part(bench)
        if endpoint:
            boto3.client("dynamodb", endpoint_url=endpoint).delete_table(TableName=table)
    text = report(bench, f"{facts['date']}, {facts['machine']}, {name}, load {facts['load'][0]}")
    sys.stdout.write(text)
    folder = RESULTS if requests >= ENOUGH else FOLDER / "results"
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        **facts,
        "database": name,
        "requests": requests,
        "load_by_clients": [asdict(it) for it in bench.loads],
        "cost_per_request": [asdict(it) for it in bench.costs],
        "failures": bench.failures,
    }
    (folder / "http.json").write_text(json.dumps(content, indent=1) + "\n")
    (folder / "http.md").write_text(text)
    say(f"Written to {folder}")
    return 0


def report(bench: Bench, caption: str) -> str:
    loads = [
        [it.what, str(it.clients), f"{it.per_second:,.0f}", f"{it.p50:.1f}", f"{it.p99:.1f}"] for it in bench.loads
    ]
    costs = [
        [
            it.what,
            f"{it.p50:.1f}",
            f"{it.p99:.1f}",
            *(f"{value:.2f}" for value in (it.round_trips, it.calls, it.read_units, it.write_units, it.refused)),
        ]
        for it in bench.costs
    ]
    heads = ["", "p50 ms", "p99 ms", "round trips", "calls", "read units", "write units", "refused writes"]
    parts = [
        caption,
        markdown(["", "clients", "requests/s", "p50 ms", "p99 ms"], loads),
        markdown(heads, costs),
        FILTERS,
        *bench.failures,
    ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.exit(main())
