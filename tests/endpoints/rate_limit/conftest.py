import time
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from assistants_api.storage.table import Table
from tests.harness import Account, new_key

UNKNOWN = "asst_01jd5xexamp1e0000000000000"
HOUR = 3600
BEGAN = 1_900_000_800 // HOUR * HOUR  # an hour of the year 2030
POLICY = '"hour";q=5;w=3600'


@dataclass
class Clock:
    now: float

    def time(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time by which requests are counted: ten minutes into an hour."""
    clock = Clock(BEGAN + 600.5)
    monkeypatch.setattr(
        "assistants_api.storage.rate_limits.time", SimpleNamespace(time=clock.time, monotonic=time.monotonic)
    )
    return clock


@pytest.fixture
def limited(account: Account) -> Account:
    """A caller who may make five requests an hour."""
    return new_key(account.slug, account.id, rate_limit_per_hour=5)


@pytest.fixture
def raw(table: Table) -> Callable[[], Any]:
    """All that is stored, the counts too."""
    return lambda: sorted(table.client.scan(TableName=table.name)["Items"], key=str)


@pytest.fixture
def updates(table: Table) -> list[str]:
    """The table's UpdateItem calls from here on."""
    seen: list[str] = []
    table.client.meta.events.register("before-call.dynamodb.UpdateItem", lambda model, **_: seen.append(model.name))
    return seen


def usage(table: Table, caller: Account) -> dict[str, dict[str, Any]]:
    """The items that count the caller's account, by their sort key."""
    items = table.client.query(
        TableName=table.name,
        KeyConditionExpression="PK = :PK",
        ExpressionAttributeValues={":PK": {"S": f"USAGE#{caller.id}"}},
        ConsistentRead=True,
    )["Items"]
    return {item["SK"]["S"]: item for item in items}


def counters(table: Table, caller: Account) -> dict[int, int]:
    """How many requests are reserved, by the hour since BEGAN."""
    sha256 = caller.key_id.removeprefix("key_")
    found = {key.partition("#")[2]: item for key, item in usage(table, caller).items() if key.startswith(f"{sha256}#")}
    return {int(hour) - BEGAN // HOUR: int(item["reserved"]["N"]) for hour, item in found.items()}


def last_use(table: Table, caller: Account) -> str | None:
    item = usage(table, caller).get("LAST#" + caller.key_id.removeprefix("key_"))
    return item["last_used_at"]["S"] if item else None


def without_headers(headers: Any) -> bool:
    return not {"ratelimit", "ratelimit-policy"} & set(headers)
