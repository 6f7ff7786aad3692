from dataclasses import dataclass

import pytest

from assistants_api.storage import rate_limits
from assistants_api.storage.table import Table
from tests.harness import Account, new_key


@dataclass
class Process:
    """Another process: it has leases of its own."""

    table: Table

    def __enter__(self) -> None:
        self._own = rate_limits._leases(self.table.client)
        rate_limits._leases.cache_clear()

    def __exit__(self, *_: object) -> None:
        rate_limits._leases.cache_clear()


@pytest.mark.long
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
