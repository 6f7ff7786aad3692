"""What the database of `make run` takes in memory when it is used for long."""

import os
import subprocess
import time
from dataclasses import dataclass
from statistics import median

from tests.bench.child import child
from tests.bench.clients import Bench, p99, say

ASSISTANTS = 5_000
PARTS = 6


@dataclass(frozen=True)
class Use:
    """Of the last part of so many assignments; megabytes are those of the stack's process after it."""

    assignments: int
    p50: float
    p99: float
    megabytes: float


def used(requests: int) -> list[Use]:
    """So many requests that assign a number or release it, to one of many assistants."""
    variables = {name: value for name, value in os.environ.items() if name != "AWS_ENDPOINT_URL_DYNAMODB"}
    with child("tests.bench.stack", environment=variables) as stack:
        bench = Bench(stack, requests)
        client = bench.account()
        ids = bench.assistants(client, ASSISTANTS)
        numbers = bench.numbers(client, 1)
        client.assign(ids[0], [])
        uses = []
        for part in range(PARTS):
            times = []
            for number in range(max(2, requests // PARTS)):
                began = time.perf_counter()
                client.assign(ids[part], [] if number % 2 else numbers)
                times.append(1000 * (time.perf_counter() - began))
            client.assign(ids[part], [])
            stack.ask()  # so that its notes go
            uses.append(Use((part + 1) * len(times), median(times), p99(times), _megabytes(stack.pid)))
        say("in memory")
    return uses


def _megabytes(pid: int) -> float:
    command = ["ps", "-o", "rss=", "-p", str(pid)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) / 1024  # noqa: S603
