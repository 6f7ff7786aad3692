from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pytest

from assistants_api import auth
from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, Reply, change_key, new_key, race

FROM_NOW = Callable[[timedelta], None]


@pytest.fixture
def from_now(monkeypatch: pytest.MonkeyPatch) -> FROM_NOW:
    """Makes authentication see a later time than it is, counted from now."""
    began = datetime.now(UTC)

    def later(wait: timedelta) -> None:
        class Clock(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Any:
                return began + wait

        monkeypatch.setattr("assistants_api.endpoint.datetime", Clock)

    return later


@pytest.fixture
def other_key(account: Account) -> Account:
    return new_key(account.slug, account.id, name="Other", scopes=["assistants:*"], rate_limit_per_hour=50)


def rotate(account: Account, key: Account, **body: object) -> Reply:
    """Without grace, unless the body says otherwise."""
    return account.call("rotate_api_key", key.key_id, body={"grace_seconds": 0, **body})


def caller(account: Account, reply: Reply) -> Account:
    return Account(account.slug, account.id, reply.json["full_key"], reply.json["api_key"]["id"])


def works(key: Account) -> bool:
    reply = key.call("test_api_key")
    assert reply.status in (200, 401)
    return reply.status == 200


def shown(account: Account, key: Account) -> Any:
    (found,) = (each for each in account.call("list_api_keys").json["api_keys"] if each["id"] == key.key_id)
    return found


def test_a_new_key_like_the_old_one_takes_its_place(account: Account, other_key: Account) -> None:
    before = shown(account, other_key)
    reply = rotate(account, other_key)
    token, key = reply.json["full_key"], reply.json["api_key"]
    assert (reply.status, reply.json.keys()) == (200, {"success", "full_key", "api_key"})
    fresh = {"id": f"key_{auth.digest(token)}", "key_prefix": token[:38], "created_at": key["created_at"]}
    assert key == {**before, **fresh}
    assert (key["last_used_at"], key["expires_at"]) == (None, None)
    assert token != other_key.token
    new = caller(account, reply)
    assert (works(new), works(other_key)) == (True, False)
    assert shown(account, new) == key | {"last_used_at": shown(account, new)["last_used_at"]}


def test_the_new_token_is_shown_once_and_stored_nowhere(account: Account, other_key: Account, stored: Stored) -> None:
    reply = rotate(account, other_key)
    secret = reply.json["full_key"][34:]
    assert reply.text.count(reply.json["full_key"]) == 1
    for text in (account.call("list_api_keys").text, str(stored.items())):
        assert all(secret[start : start + 5] not in text for start in range(28))


def test_without_grace_the_old_key_is_dead_at_once(account: Account, other_key: Account) -> None:
    new = caller(account, rotate(account, other_key, grace_seconds=0))
    refused = other_key.call("test_api_key")
    assert (refused.status, "expired" in refused.json["error"]) == (401, True)
    assert works(new)


@pytest.mark.parametrize("raw", ["", "{}"])
def test_left_out_the_grace_is_ten_minutes(account: Account, other_key: Account, from_now: FROM_NOW, raw: str) -> None:
    assert account.call("rotate_api_key", other_key.key_id, raw=raw).status == 200
    from_now(timedelta(seconds=598))
    assert works(other_key)
    from_now(timedelta(seconds=610))
    assert not works(other_key)


@pytest.mark.parametrize("seconds", [60, 3600, 7 * 24 * 60 * 60])
def test_the_old_key_works_for_the_grace_and_no_longer(
    account: Account, other_key: Account, from_now: FROM_NOW, seconds: int
) -> None:
    new = caller(account, rotate(account, other_key, grace_seconds=seconds))
    from_now(timedelta(seconds=seconds - 2))
    assert (works(other_key), works(new)) == (True, True)
    from_now(timedelta(seconds=seconds + 10))
    assert (works(other_key), works(new)) == (False, True)


def test_the_end_of_the_grace_shows_as_the_old_keys_expiry(account: Account, other_key: Account) -> None:
    before = datetime.now(UTC)
    rotate(account, other_key, grace_seconds=3600)
    ends = datetime.fromisoformat(shown(account, other_key)["expires_at"])
    assert timedelta(seconds=3599) < ends - before < timedelta(seconds=3660)


def test_a_key_that_would_expire_earlier_still_does_and_so_does_the_new_one(
    account: Account, other_key: Account, table: Table, from_now: FROM_NOW
) -> None:
    expires = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    change_key(table, other_key, expires_at=expires)
    reply = rotate(account, other_key, grace_seconds=7200)
    assert (shown(account, other_key)["expires_at"], reply.json["api_key"]["expires_at"]) == (expires, expires)
    from_now(timedelta(seconds=3700))
    assert (works(other_key), works(caller(account, reply))) == (False, False)


def test_a_later_expiry_stays_that_of_the_new_key(account: Account, other_key: Account, table: Table) -> None:
    change_key(table, other_key, expires_at="2099-01-15T10:00:00Z")
    reply = rotate(account, other_key, grace_seconds=60)
    assert reply.json["api_key"]["expires_at"] == "2099-01-15T10:00:00Z"
    assert shown(account, other_key)["expires_at"] < "2099"


def test_a_key_can_rotate_itself(account: Account) -> None:
    new = caller(account, rotate(account, account))
    assert (works(account), works(new)) == (False, True)
    assert new.call("list_api_keys").json["count"] == 2


def test_the_new_key_can_be_rotated_in_turn(account: Account, other_key: Account) -> None:
    first = caller(account, rotate(account, other_key))
    second = caller(account, rotate(account, first))
    assert [works(key) for key in (other_key, first, second)] == [False, False, True]


@pytest.mark.parametrize("grace", [0, 3600])
def test_a_key_is_rotated_only_once(account: Account, other_key: Account, stored: Stored, grace: int) -> None:
    rotate(account, other_key, grace_seconds=grace)
    before = stored.items()
    again = rotate(account, other_key, grace_seconds=grace)
    assert (again.status, again.code) == (409, "api_key_not_active")
    assert stored.items() == before


@pytest.mark.parametrize("fields", [{"is_active": False}, {"expires_at": "2024-01-15T10:00:00Z"}])
def test_a_revoked_or_expired_key_is_not_brought_back(
    account: Account, other_key: Account, table: Table, stored: Stored, fields: Any
) -> None:
    change_key(table, other_key, **fields)
    before = stored.items()
    reply = rotate(account, other_key)
    assert (reply.status, reply.code) == (409, "api_key_not_active")
    assert stored.items() == before


@pytest.mark.parametrize("scopes", [["*"], ["assistants:read"], ["api_keys:*", "calls:route"], ["phone_numbers:*"]])
def test_a_key_cannot_rotate_one_with_scopes_that_it_lacks(account: Account, stored: Stored, scopes: list[str]) -> None:
    weak = new_key(account.slug, account.id, scopes=["api_keys:*"])
    strong = new_key(account.slug, account.id, scopes=scopes)
    before = stored.items()
    reply = rotate(weak, strong)
    assert (reply.status, reply.code) == (403, "missing_scope")
    assert "full_key" not in reply.json
    assert stored.items() == before
    assert works(strong)


def test_a_key_of_nobody_or_of_another_account_is_not_found(
    account: Account, other_account: Account, stored: Stored
) -> None:
    before = stored.items()
    for key_id in (f"key_{'0' * 64}", other_account.key_id):
        reply = account.call("rotate_api_key", key_id, body={})
        assert (reply.status, reply.code) == (404, "api_key_not_found")
    assert stored.items() == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("grace_seconds", -1), ("grace_seconds", 604_801), ("grace_seconds", "60"), ("grace_seconds", 1.5),
        ("grace_seconds", True), ("grace", 60), ("scopes", ["*"]), ("name", "x"),
    ],
)  # fmt: skip
def test_a_bad_field_is_refused_and_nothing_changes(
    account: Account, other_key: Account, stored: Stored, field: str, value: object
) -> None:
    before = stored.items()
    reply = rotate(account, other_key, **{field: value})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, f"/{field}")
    assert stored.items() == before


def test_two_rotations_at_once_make_one_new_key(account: Account, other_key: Account, table: Table) -> None:
    replies = list[Reply]()
    race(table, "TransactWriteItems", lambda: replies.append(rotate(account, other_key, grace_seconds=60)))
    replies.append(rotate(account, other_key, grace_seconds=60))
    assert [reply.status for reply in replies] == [200, 409]
    assert account.call("list_api_keys").json["count"] == 3


def test_a_key_deleted_meanwhile_gets_no_successor(account: Account, other_key: Account, table: Table) -> None:
    race(table, "TransactWriteItems", lambda: account.call("delete_api_key", other_key.key_id))
    assert rotate(account, other_key).code == "api_key_not_active"
    assert account.call("list_api_keys").json["count"] == 1
