"""Spends an API key's requests of this hour with 8 threads, until all are refused. Prints how many were answered.

The token is in API_TOKEN. Each process has leases of its own, as each Lambda environment has.
"""

import os
from concurrent.futures import ThreadPoolExecutor

from assistants_api.storage import table
from tests.harness import Account

MAX_REQUESTS = 400  # of a thread


def spend(caller: Account) -> int:
    for answered in range(MAX_REQUESTS):
        status = caller.call("test_api_key").status
        if status == 429:
            return answered
        assert status == 200, status
    raise AssertionError("The limit has no end.")


if __name__ == "__main__":
    table.COUNT_SECONDS = 60  # a count that is late fails open, and 64 clients on a small machine are slow
    table.from_env()  # before there are threads, each of which would make a client, and with it leases, of its own
    caller = Account("my-team", "", os.environ["API_TOKEN"])
    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(spend, [caller] * 8))
    os.write(1, f"\n{sum(counts)} answered\n".encode())
