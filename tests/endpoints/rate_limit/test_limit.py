from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.endpoints.rate_limit.conftest import BEGAN, HOUR, POLICY, UNKNOWN, Clock, counters
from tests.harness import Account, admin, new_key


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


def test_rotation_keeps_the_count_of_the_hour(account: Account, table: Table) -> None:
    key, statuses = new_key(account.slug, account.id, rate_limit_per_hour=5), list[int]()
    for _ in range(12):
        statuses += [key.call("test_api_key").status for _ in range(5)]
        rotated = account.call("rotate_api_key", key.key_id, body={"grace_seconds": 600}).json
        old, key = key, Account(account.slug, account.id, rotated["full_key"], rotated["api_key"]["id"])
        statuses.append(old.call("test_api_key").status)
    assert (statuses.count(200), statuses.count(429)) == (5, len(statuses) - 5)


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
