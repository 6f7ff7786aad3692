import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Barrier, Event
from types import SimpleNamespace
from typing import Any

import pytest

from assistants_api.storage import rate_limits
from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.faults import injection
from tests.faults.injection import COUNTING, injected
from tests.harness import Account, admin, change_key, new_key, signed

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


# The headers


def test_every_success_says_how_many_requests_are_left(limited: Account) -> None:
    left = []
    for _ in range(5):
        reply = limited.call("list_templates")
        assert (reply.status, reply.headers["ratelimit-policy"]) == (200, POLICY)
        left.append(reply.headers["ratelimit"])
    assert left == [f'"hour";r={left};t=3000' for left in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    ("function", "path", "sent", "status"),
    [
        ("get_assistant", [UNKNOWN], {}, 404),
        ("get_assistant", ["x"], {}, 400),
        ("list_assistants", [], {"query": {"limit": "0"}}, 400),
        ("create_assistant", [], {"raw": "{"}, 400),
        ("create_assistant", [], {"body": {"accountSlug": "other-team", "name": "x"}}, 403),
        ("create_assistant", [], {"headers": {"content-type": "text/plain"}}, 415),
        ("delete_api_key", [f"key_{'0' * 64}"], {}, 404),
        ("create_api_key", [], {}, 403),
    ],
)
def test_so_does_every_refusal_of_a_known_caller(
    account: Account, function: str, path: list[str], sent: dict[str, Any], status: int
) -> None:
    scopes = ["assistants:*", "api_keys:write"]
    reply = new_key(account.slug, account.id, rate_limit_per_hour=5, scopes=scopes).call(function, *path, **sent)
    assert reply.status == status
    assert (reply.headers["ratelimit-policy"], reply.headers["ratelimit"]) == (POLICY, '"hour";r=4;t=3000')


def without_headers(headers: Any) -> bool:
    return not {"ratelimit", "ratelimit-policy"} & set(headers)


def test_an_unlimited_caller_is_told_of_no_limit(account: Account) -> None:
    assert without_headers(account.call("list_templates").headers)
    assert without_headers(account.call("get_assistant", UNKNOWN).headers)


@pytest.mark.parametrize("case", ["no token", "malformed", "unknown", "revoked", "expired"])
def test_an_unknown_caller_is_told_of_no_limit(limited: Account, table: Table, case: str) -> None:
    if case == "revoked":
        admin("revoke_api_key", slug=limited.slug, id=limited.key_id)
    if case == "expired":
        change_key(table, limited, expires_at="2024-01-15T10:00:00Z")
    unknown = limited.token[:34] + "0" * 32
    authorization = {
        "no token": None, "malformed": "Bearer x", "unknown": f"Bearer {signed(unknown)}",
    }.get(case, f"Bearer {limited.token}")  # fmt: skip
    reply = limited.call("list_templates", headers={"authorization": authorization})
    assert reply.status == 401
    assert without_headers(reply.headers)


# The limit


def test_the_request_over_the_limit_is_refused_and_nothing_is_done(
    limited: Account, table: Table, stored: Stored, calls: list[str]
) -> None:
    for _ in range(5):
        assert limited.call("create_assistant").status == 200
    before = stored.items()
    calls.clear()
    for _ in range(2):
        reply = limited.call("create_assistant")
        assert (reply.status, reply.code, reply.headers["retry-after"]) == (429, "rate_limited", "3000")
        assert "5 requests" in reply.json["error"]
        assert (reply.headers["ratelimit-policy"], reply.headers["ratelimit"]) == (POLICY, '"hour";r=0;t=3000')
    assert calls == ["BatchGetItem"] * 2
    assert stored.items() == before
    assert counters(table, limited) == {0: 5}


def test_over_the_limit_a_bad_request_is_refused_for_the_limit(limited: Account, account: Account) -> None:
    for _ in range(5):
        limited.call("list_templates")
    assert limited.call("create_assistant", raw="{").code == "rate_limited"
    assert limited.call("get_assistant", UNKNOWN).code == "rate_limited"


def test_refused_requests_count_until_the_limit(limited: Account) -> None:
    codes = [limited.call("get_assistant", UNKNOWN).code for _ in range(6)]
    assert codes == ["assistant_not_found"] * 5 + ["rate_limited"]


def test_each_key_has_a_limit_of_its_own(account: Account, limited: Account) -> None:
    other = new_key(account.slug, account.id, rate_limit_per_hour=5)
    for _ in range(6):
        limited.call("list_templates")
    reply = other.call("list_templates")
    assert (reply.status, reply.headers["ratelimit"]) == (200, '"hour";r=4;t=3000')
    assert account.call("list_templates").status == 200


def test_of_20_requests_at_once_just_the_5_that_are_left_pass(limited: Account, table: Table) -> None:
    start = Barrier(20)

    def request(_: int) -> int:
        start.wait(30)
        return limited.call("list_templates").status

    with ThreadPoolExecutor(20) as threads:
        statuses = list(threads.map(request, range(20)))
    assert (statuses.count(200), statuses.count(429)) == (5, 15)
    assert counters(table, limited) == {0: 5}


@pytest.mark.parametrize("key", ["limited", "unlimited"])
def test_a_revoked_key_that_used_up_its_limit_is_refused_as_revoked(account: Account, table: Table, key: str) -> None:
    caller = new_key(account.slug, account.id, rate_limit_per_hour=1 if key == "limited" else None)
    caller.call("list_templates")
    admin("revoke_api_key", slug=caller.slug, id=caller.key_id)
    assert caller.call("list_templates").status == 401


# What is written


def test_a_malformed_or_unknown_token_writes_nothing(limited: Account, raw: Callable[[], Any]) -> None:
    limited.call("list_templates")
    before = raw()
    for secret in ("0" * 32, "z" * 32):
        unknown = limited.token[:34] + secret
        assert replace(limited, token=signed(unknown)).call("list_templates").status == 401
    nowhere = "tk_test_" + "0" * 58
    assert replace(limited, token=signed(nowhere)).call("list_templates").status == 401
    for malformed in (limited.token[:-1], limited.token + "x", "x", ""):
        assert replace(limited, token=malformed).call("list_templates").status == 401
    assert raw() == before


@pytest.mark.parametrize("fields", [{"is_active": False}, {"expires_at": "2024-01-15T10:00:00Z"}])
@pytest.mark.parametrize("limit", [5, None])
def test_a_revoked_or_expired_key_is_not_counted(
    account: Account, table: Table, raw: Callable[[], Any], fields: Any, limit: int | None
) -> None:
    key = new_key(account.slug, account.id, rate_limit_per_hour=limit)
    change_key(table, key, **fields)
    before = raw()
    assert key.call("list_templates").status == 401
    assert raw() == before


def test_a_key_without_a_limit_is_noted_once_an_hour(
    account: Account, clock: Clock, updates: list[str], table: Table
) -> None:
    for hour in range(3):
        clock.now = BEGAN + hour * HOUR + 5
        updates.clear()
        for _ in range(3):
            assert account.call("list_templates").status == 200
        account.call("create_assistant", raw="{")
        assert len(updates) == 1
    assert counters(table, account) == {}


@pytest.mark.parametrize("limit", [5, None])
def test_the_last_use_is_told_to_the_hour(account: Account, table: Table, clock: Clock, limit: int | None) -> None:
    key = new_key(account.slug, account.id, rate_limit_per_hour=limit)
    for hour in range(3):
        clock.now = BEGAN + hour * HOUR + 1234.5
        own = key.call("test_api_key").json["api_key"]
        expected = datetime.fromtimestamp(BEGAN + hour * HOUR, UTC).strftime("%Y-%m-%dT%H:00:00Z")
        assert (own["last_used_at"], last_use(table, key)) == (expected, expected)
        shown = {each["id"]: each["last_used_at"] for each in account.call("list_api_keys").json["api_keys"]}
        assert shown[key.key_id] == expected
        renamed = account.call("update_api_key", key.key_id, body={"name": f"hour {hour}"})
        assert renamed.json["api_key"]["last_used_at"] == expected


@pytest.fixture
def updates(table: Table) -> list[str]:
    """The table's UpdateItem calls from here on."""
    seen: list[str] = []
    table.client.meta.events.register("before-call.dynamodb.UpdateItem", lambda model, **_: seen.append(model.name))
    return seen


def test_a_key_that_gets_a_limit_is_counted_from_the_next_request_on(account: Account, table: Table) -> None:
    key = new_key(account.slug, account.id, rate_limit_per_hour=None)
    for _ in range(2):
        assert without_headers(key.call("list_templates").headers)
    change_key(table, key, rate_limit_per_hour=2)
    replies = [key.call("list_templates") for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 200, 429, 429]
    assert replies[0].headers["ratelimit"] == '"hour";r=1;t=3000'


# Leases


@dataclass
class Process:
    """Another process: it has leases of its own."""

    table: Table

    def __enter__(self) -> None:
        self._own = rate_limits._leases(self.table.client)
        rate_limits._leases.cache_clear()

    def __exit__(self, *_: object) -> None:
        rate_limits._leases.cache_clear()


def test_a_burst_costs_few_writes_and_ends_at_the_limit(account: Account, table: Table, updates: list[str]) -> None:
    key = new_key(account.slug, account.id, rate_limit_per_hour=1000)
    statuses = [key.call("test_api_key").status for _ in range(1010)]
    assert (statuses.count(200), statuses.count(429)) == (1000, 10)
    assert len(updates) <= 200
    assert statuses[:1000] == [200] * 1000


def test_leases_grow_with_their_use_and_shrink_towards_the_limit() -> None:
    lease, sizes, reserved, limit = rate_limits.Lease(0), list[int](), 0, 1000
    while reserved < limit:
        size = lease.next_size(limit)
        reserved += size
        sizes.append(size)
        lease.add(size, reserved, limit)
    assert sizes[:6] == [1, 2, 4, 8, 16, 32]
    assert max(sizes) <= 1000 // rate_limits.SHARE
    assert sizes[-10:] == [1] * 10
    assert lease.unused == limit


def test_processes_that_reserve_at_once_share_the_limit_to_the_last_request() -> None:
    limit, reserved, granted = 100, 0, 0
    leases = [rate_limits.Lease(0) for _ in range(8)]
    for turn in range(200):
        lease = leases[turn % 8]
        size = lease.next_size(limit)
        reserved += size
        before = lease.unused
        lease.add(size, reserved, limit)
        granted += lease.unused - before
    assert granted == limit


def test_another_process_finds_what_the_first_one_left(limited: Account, table: Table) -> None:
    assert [limited.call("list_templates").status for _ in range(3)] == [200] * 3
    with Process(table):
        replies = [limited.call("list_templates") for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 200, 429, 429]
    assert limited.call("list_templates").status == 429


def test_a_process_that_knows_the_limit_is_used_up_writes_nothing(limited: Account, updates: list[str]) -> None:
    for _ in range(6):
        limited.call("list_templates")
    updates.clear()
    assert [limited.call("list_templates").status for _ in range(5)] == [429] * 5
    assert updates == []


def test_rotation_keeps_the_count_of_the_hour(account: Account, table: Table) -> None:
    key, statuses = new_key(account.slug, account.id, rate_limit_per_hour=5), list[int]()
    for _ in range(12):
        statuses += [key.call("test_api_key").status for _ in range(5)]
        rotated = account.call("rotate_api_key", key.key_id, body={"grace_seconds": 600}).json
        old, key = key, Account(account.slug, account.id, rotated["full_key"], rotated["api_key"]["id"])
        statuses.append(old.call("test_api_key").status)
    assert (statuses.count(200), statuses.count(429)) == (5, len(statuses) - 5)


def test_a_thousand_hours_leave_the_keys_item_as_it_was(account: Account, table: Table, clock: Clock) -> None:
    key = new_key(account.slug, account.id, rate_limit_per_hour=5)

    def item() -> Any:
        keys = {"PK": {"S": f"ACCOUNT#{key.id}"}, "SK": {"S": key.key_id.replace("key_", "APIKEY#")}}
        return table.client.get_item(TableName=table.name, Key=keys, ConsistentRead=True)["Item"]

    before = item()
    for hour in range(1000):
        clock.now = BEGAN + hour * HOUR
        rate_limits._leases.cache_clear()
        assert key.call("test_api_key").status == 200
    assert item() == before


def test_the_count_of_an_hour_expires_after_it(limited: Account, table: Table) -> None:
    limited.call("list_templates")
    (count,) = [item for key, item in usage(table, limited).items() if not key.startswith("LAST#")]
    assert int(count["ttl"]["N"]) == BEGAN + 2 * HOUR


# Counting fails open


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (injection.refused("ProvisionedThroughputExceededException"), "ProvisionedThroughputExceededException"),
        (injection.refused("AccessDeniedException"), "AccessDeniedException"),
        (injection.lost_request(), "EndpointConnectionError"),
        (injection.lost_reply(), "ReadTimeoutError"),
    ],
)
@pytest.mark.parametrize("function", ["get_assistant", "route_call", "create_assistant", "test_api_key"])
@pytest.mark.parametrize("limit", [5, None])
def test_a_count_that_fails_refuses_nothing_and_is_logged(
    account: Account,
    table: Table,
    output: Callable[[], str],
    function: str,
    fault: injection.Fault,
    reason: str,
    limit: int | None,
) -> None:
    account.new_number()
    key = new_key(account.slug, account.id, rate_limit_per_hour=limit)
    path = [account.new_assistant()["id"]] if function == "get_assistant" else []
    with injected(table.client, fault, injection.ALWAYS, COUNTING):
        reply = key.call(function, *path)
    assert reply.status == 200
    assert without_headers(reply.headers)
    assert f'"reason":"{reason}"' in output()
    assert key.call(function, *path).status == 200


def test_a_count_that_hangs_holds_up_no_request(
    limited: Account, table: Table, monkeypatch: pytest.MonkeyPatch, updates: list[str]
) -> None:
    monkeypatch.setattr(rate_limits, "COUNT_SECONDS", 0.05)
    released = Event()

    def hang(**_: object) -> None:
        released.wait(30)

    table.client.meta.events.register_first("before-send.dynamodb.UpdateItem", hang)
    try:
        assert limited.call("list_templates").status == 200
        updates.clear()
        assert [limited.call("list_templates").status for _ in range(10)] == [200] * 10
        assert updates == []
        assert not released.is_set()
    finally:
        released.set()


# The hours


def test_a_new_hour_starts_with_the_whole_limit(limited: Account, table: Table, clock: Clock) -> None:
    for _ in range(6):
        limited.call("list_templates")
    clock.now = BEGAN + HOUR - 0.001
    refused = limited.call("list_templates")
    assert (refused.status, refused.headers["retry-after"], refused.headers["ratelimit"]) == (
        429,
        "1",
        '"hour";r=0;t=1',
    )
    clock.now = BEGAN + HOUR
    reply = limited.call("list_templates")
    assert (reply.status, reply.headers["ratelimit"]) == (200, '"hour";r=4;t=3600')
