"""`make bench-http`: the local stack under load, and how the cost of a request grows with what is stored and sent; then
what the database of `make run`, in memory, takes when it is used for long.

REQUESTS (600) of each kind, at each number of clients. The database is that of AWS_ENDPOINT_URL_DYNAMODB, else a
DynamoDB Local of its own, else moto, whose capacity units and growth are its own and not DynamoDB's.
"""

import json
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3

from local.stack.dynamodb_local import EngineError, engine
from tests.bench.child import child
from tests.bench.clients import Bench, Client, say
from tests.bench.in_memory import ASSISTANTS, Use, used
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


def under_load(bench: Bench) -> None:
    client = bench.account()
    ids = cycle(bench.assistants(client, max(CLIENTS)))  # changes of one assistant would race each other
    for clients in CLIENTS:
        bench.load("GET", clients, client, lambda one: one.get(next(ids)))
    for clients in CLIENTS:
        bench.load("PATCH", clients, client, lambda one: one.patch(next(ids), first_message=uuid4().hex))


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
    dice = random.Random(0)  # noqa: S311
    words = [uuid4().hex[: dice.randint(2, 9)] for _ in range(1_000)]
    for size in (2, 10, 60):
        what = f"prompt of {size} KB"
        prompts = (" ".join(dice.choices(words, k=size * 160))[: size * 1024] for _ in iter(int, 1))
        bench.cost(f"PATCH of the prompt, {what}", lambda: client.patch(assistant_id, system_prompt=next(prompts)))  # noqa: B023
        bench.cost(f"PATCH of another field, {what}", lambda: client.patch(assistant_id, voice_name=uuid4().hex))
        bench.cost(f"the same with an Idempotency-Key, {what}", lambda: once(client, assistant_id))
        bench.cost(f"GET, {what}", lambda: client.get(assistant_id))


def once(client: Client, assistant_id: str) -> Any:
    return client.patch(assistant_id, {"Idempotency-Key": uuid4().hex}, voice_name=uuid4().hex)


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
    uses = used(requests)
    text = report(bench, uses, f"{facts['date']}, {facts['machine']}, {name}, load {facts['load'][0]}")
    sys.stdout.write(text)
    folder = RESULTS if requests >= ENOUGH else FOLDER / "results"
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        **facts,
        "database": name,
        "requests": requests,
        "load_by_clients": [asdict(it) for it in bench.loads],
        "cost_per_request": [asdict(it) for it in bench.costs],
        "in_memory": [asdict(it) for it in uses],
        "failures": bench.failures,
    }
    (folder / "http.json").write_text(json.dumps(content, indent=1) + "\n")
    (folder / "http.md").write_text(text)
    say(f"Written to {folder}")
    return 0


def report(bench: Bench, uses: list[Use], caption: str) -> str:
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
        f"In memory, as `make run` has it, with {ASSISTANTS:,} assistants:",
        markdown(
            ["assignments", "p50 ms", "p99 ms", "MB"],
            [[str(it.assignments), f"{it.p50:.1f}", f"{it.p99:.1f}", f"{it.megabytes:.0f}"] for it in uses],
        ),
        *bench.failures,
    ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.exit(main())
