from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from assistants_api.storage import rate_limits
from assistants_api.storage.table import Table
from tests.endpoints.rate_limit.conftest import BEGAN, HOUR, Clock, counters, last_use, usage, without_headers
from tests.harness import Account, change_key, new_key, signed


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


def test_a_key_that_gets_a_limit_is_counted_from_the_next_request_on(account: Account, table: Table) -> None:
    key = new_key(account.slug, account.id, rate_limit_per_hour=None)
    for _ in range(2):
        assert without_headers(key.call("list_templates").headers)
    change_key(table, key, rate_limit_per_hour=2)
    replies = [key.call("list_templates") for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 200, 429, 429]
    assert replies[0].headers["ratelimit"] == '"hour";r=1;t=3000'


@pytest.mark.long
def test_300_hours_leave_the_keys_item_as_it_was(account: Account, table: Table, clock: Clock) -> None:
    key = new_key(account.slug, account.id, rate_limit_per_hour=5)

    def item() -> Any:
        keys = {"PK": {"S": f"ACCOUNT#{key.id}"}, "SK": {"S": key.key_id.replace("key_", "APIKEY#")}}
        return table.client.get_item(TableName=table.name, Key=keys, ConsistentRead=True)["Item"]

    before = item()
    for hour in range(300):
        clock.now = BEGAN + hour * HOUR
        rate_limits._leases.cache_clear()
        assert key.call("test_api_key").status == 200
    assert item() == before


def test_the_count_of_an_hour_expires_after_it(limited: Account, table: Table) -> None:
    limited.call("list_templates")
    (count,) = [item for key, item in usage(table, limited).items() if not key.startswith("LAST#")]
    assert int(count["ttl"]["N"]) == BEGAN + 2 * HOUR
