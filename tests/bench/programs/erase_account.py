"""Erases a large account in DynamoDB Local, while the process that does it is killed again and again.

    ASSISTANTS=10000 VERSIONS=100 KILLS=20 PYTHONPATH=layers/shared:. .venv/bin/python \
        tests/bench/programs/erase_account.py

Prints how many invocations it took and the most memory that one had, and fails if anything of the account is left, or
anything of another account is gone. Needs Java and Maven, as `make dynamodb` does. The numbers above are the default.
"""

import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import batched
from typing import Any
from uuid import uuid4

import boto3

from assistants_api.models.ids import new_ulid
from assistants_api.storage import account_erasure, keys
from local.stack.dynamodb_local import engine
from local.stack.template import Template, create_table
from tests.harness import admin

ASSISTANTS, VERSIONS, KILLS = (int(os.environ.get(it) or most) for it, most in
                               (("ASSISTANTS", 10_000), ("VERSIONS", 100), ("KILLS", 20)))  # fmt: skip
MAX_INVOCATIONS = 100_000
SLUG, OTHER = "large", "small"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def erase() -> int:
    """Invokes the function until it is done, a line for each invocation."""
    account_erasure.QUIET_SECONDS = -1
    for _ in range(MAX_INVOCATIONS):
        answer = admin("erase_account", slug=SLUG)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        sys.stdout.write(
            json.dumps([sum(answer.get("erased", {}).values()), memory, answer.get("done", answer)]) + "\n"
        )
        sys.stdout.flush()
        if answer["done"]:
            return 0
    return 1


def items(account_id: str) -> Iterator[dict[str, Any]]:
    partition = {"S": keys.partition(account_id)}
    for _ in range(ASSISTANTS):
        assistant = f"asst_{new_ulid()}"
        yield {"PK": partition, "SK": {"S": f"{keys.ASSISTANT}{assistant}"}}
        for version in range(1, VERSIONS + 1):
            yield {"PK": partition, "SK": {"S": f"{keys.versions(assistant)}{version:08}"}}


def fill(client: Any, table: str, account_id: str) -> int:
    def write(batch: Any) -> int:
        unwritten = {table: [{"PutRequest": {"Item": item}} for item in batch]}
        assert not client.batch_write_item(RequestItems=unwritten)["UnprocessedItems"]
        return len(batch)

    written = 0
    with ThreadPoolExecutor(4) as threads:
        for some in batched(batched(items(account_id), 25, strict=False), 400, strict=False):  # not all at once
            written += sum(threads.map(write, some))
    return written


def run_until_killed(seconds: float | None) -> list[list[Any]]:
    """What each invocation said, of a process that is killed so many seconds later, or ends by itself."""
    command = [sys.executable, __file__, "erase"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
    return [json.loads(line) for line in output.splitlines() if line.startswith("[") and line.endswith("]")]


def main() -> int:
    with engine() as endpoint:
        os.environ |= Template().environment
        os.environ |= {"AWS_ENDPOINT_URL_DYNAMODB": endpoint, "TABLE_NAME": f"erase-{uuid4()}"}
        os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
        client, table = boto3.client("dynamodb"), os.environ["TABLE_NAME"]
        create_table(client, table)
        admin("create_account", slug=OTHER, name=OTHER)
        others = client.scan(TableName=table)["Items"]
        began = time.monotonic()
        count = fill(client, table, admin("create_account", slug=SLUG, name=SLUG)["account"]["id"])
        say(f"{count:,} items of {ASSISTANTS:,} assistants, in {time.monotonic() - began:.0f} s")
        assert admin("suspend_account", slug=SLUG)["ok"]
        began, said = time.monotonic(), list[list[Any]]()
        for _ in range(KILLS):
            said += run_until_killed(random.uniform(1, 10))  # noqa: S311
        said += run_until_killed(None)
        say(f"erased in {time.monotonic() - began:.0f} s; {len(said):,} invocations ended, {KILLS} processes killed")
        say(f"{sum(line[0] for line in said):,} items reported, at most {max(line[1] for line in said)} MiB")
        left = client.scan(TableName=table)["Items"]
        assert sorted(left, key=str) == sorted(others, key=str), left[:3]
    return 0


if __name__ == "__main__":
    sys.exit(erase() if sys.argv[1:] == ["erase"] else main())
