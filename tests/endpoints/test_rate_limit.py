from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest

from assistants_api import auth
from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, admin, change_key, new_key

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
    monkeypatch.setattr("assistants_api.storage.rate_limits.time", SimpleNamespace(time=clock.time))
    return clock


@pytest.fixture
def limited(account: Account) -> Account:
    """A caller who may make five requests an hour."""
    return new_key(account.slug, account.id, rate_limit_per_hour=5)


@pytest.fixture
def raw(table: Table) -> Callable[[], Any]:
    """All that is stored, the counts too."""
    return lambda: sorted(table.client.scan(TableName=table.name)["Items"], key=str)


def key_item(table: Table, caller: Account) -> dict[str, Any]:
    key = {"PK": {"S": f"ACCOUNT#{caller.id}"}, "SK": {"S": caller.key_id.replace("key_", "APIKEY#")}}
    item: dict[str, Any] = table.client.get_item(TableName=table.name, Key=key, ConsistentRead=True)["Item"]
    return item


def counters(table: Table, caller: Account) -> dict[int, int]:
    """What is counted, by the hour since BEGAN."""
    item = key_item(table, caller).items()
    found = {name.partition("_")[2]: int(value["N"]) for name, value in item if name.startswith("requests_")}
    return {int(hour) - BEGAN // HOUR: count for hour, count in found.items()}


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
        "no token": None, "malformed": "Bearer x", "unknown": f"Bearer {unknown}{auth.checksum(unknown)}",
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
        assert replace(limited, token=unknown + auth.checksum(unknown)).call("list_templates").status == 401
    nowhere = "tk_test_" + "0" * 58
    assert replace(limited, token=nowhere + auth.checksum(nowhere)).call("list_templates").status == 401
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


def test_an_unlimited_key_is_written_once_an_hour(account: Account, table: Table, clock: Clock) -> None:
    first = key_item(table, account)
    account.call("list_templates")
    noted = key_item(table, account)
    assert noted != first
    clock.now = BEGAN + HOUR - 0.5
    account.call("list_templates")
    account.call("create_assistant", raw="{")
    assert key_item(table, account) == noted
    clock.now = BEGAN + HOUR
    account.call("list_templates")
    assert key_item(table, account)["last_used_at"] != noted["last_used_at"]


@pytest.mark.parametrize("limit", [5, None])
def test_the_last_use_is_told_to_the_hour(account: Account, table: Table, clock: Clock, limit: int | None) -> None:
    key = new_key(account.slug, account.id, rate_limit_per_hour=limit)
    for hour in range(3):
        clock.now = BEGAN + hour * HOUR + 1234.5
        key.call("list_templates")
        expected = datetime.fromtimestamp(BEGAN + hour * HOUR, UTC).strftime("%Y-%m-%dT%H:00:00Z")
        assert key_item(table, key)["last_used_at"] == {"S": expected}
        shown = {each["id"]: each["last_used_at"] for each in account.call("list_api_keys").json["api_keys"]}
        assert shown[key.key_id] == expected


@pytest.fixture
def updates(table: Table) -> list[str]:
    """The table's UpdateItem calls from here on."""
    seen: list[str] = []
    table.client.meta.events.register("before-call.dynamodb.UpdateItem", lambda model, **_: seen.append(model.name))
    return seen


def test_of_an_unlimited_key_no_more_than_the_first_request_of_an_hour_asks_to_be_noted(
    account: Account, clock: Clock, updates: list[str]
) -> None:
    for hour in range(3):
        clock.now = BEGAN + hour * HOUR + 5
        updates.clear()
        for _ in range(3):
            assert account.call("list_templates").status == 200
        assert len(updates) == 1


def test_a_key_that_gets_a_limit_is_counted_from_the_next_request_on(account: Account, table: Table) -> None:
    key = new_key(account.slug, account.id, rate_limit_per_hour=None)
    for _ in range(2):
        assert without_headers(key.call("list_templates").headers)
    noted = counters(table, key)[0]
    change_key(table, key, rate_limit_per_hour=noted + 2)
    replies = [key.call("list_templates") for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 200, 429, 429]
    assert replies[0].headers["ratelimit"] == '"hour";r=1;t=3000'


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


@pytest.mark.parametrize("limit", [5, None])
@pytest.mark.parametrize("hours", [1, 24, 1000])
def test_the_counts_of_old_hours_are_removed(
    account: Account, table: Table, clock: Clock, limit: int | None, hours: int
) -> None:
    key = new_key(account.slug, account.id, rate_limit_per_hour=limit)
    most = 0
    for step in range(4):
        clock.now = BEGAN + step * hours * HOUR
        key.call("list_templates")
        key.call("list_templates")
        most = max(most, len(counters(table, key)))
    assert 3 * hours in counters(table, key)
    assert most <= 2


def test_the_count_of_an_hour_outlives_the_removal_of_the_one_before(
    limited: Account, table: Table, clock: Clock
) -> None:
    limited.call("list_templates")
    clock.now = BEGAN + HOUR
    assert [limited.call("list_templates").status for _ in range(6)] == [200] * 5 + [429]
    assert counters(table, limited)[1] == 5


# The round trip


def test_the_count_is_in_flight_together_with_the_first_read(limited: Account, table: Table) -> None:
    both, met = Barrier(2), list[str]()

    def meet(request: Any, **_: object) -> None:
        both.wait(10)
        met.append(request.headers["X-Amz-Target"].decode().partition(".")[2])

    for operation in ("UpdateItem", "BatchGetItem"):
        table.client.meta.events.register_first(f"before-send.dynamodb.{operation}", meet)
    assert limited.call("get_assistant", UNKNOWN).status == 404
    assert sorted(met) == ["BatchGetItem", "UpdateItem"]
