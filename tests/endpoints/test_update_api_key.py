from typing import Any

import pytest

from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, Reply, change_key, new_key, race


@pytest.fixture
def other_key(account: Account) -> Account:
    """Another key of the account, which may manage no keys."""
    return new_key(account.slug, account.id, name="Other", scopes=["assistants:*"], rate_limit_per_hour=50)


def get(account: Account, key: Account) -> Any:
    (shown,) = (each for each in account.call("list_api_keys").json["api_keys"] if each["id"] == key.key_id)
    return shown


def update(account: Account, key: Account, **body: object) -> Reply:
    return account.call("update_api_key", key.key_id, body=body)


def test_a_new_name_changes_the_name_and_nothing_else(account: Account, other_key: Account) -> None:
    before = get(account, other_key)
    reply = update(account, other_key, name="  Neu ☎ ")
    assert (reply.status, reply.json) == (200, {"success": True, "api_key": {**before, "name": "Neu ☎"}})
    assert get(account, other_key) == {**before, "name": "Neu ☎"}
    assert other_key.call("list_templates").status == 200


def test_a_deactivated_key_opens_nothing_until_it_is_activated_again(account: Account, other_key: Account) -> None:
    reply = update(account, other_key, is_active=False, name="Off")
    assert (reply.status, reply.json["api_key"]["is_active"], reply.json["api_key"]["name"]) == (200, False, "Off")
    assert get(account, other_key)["is_active"] is False
    assert other_key.call("list_templates").status == 401
    assert update(account, other_key, is_active=False).status == 200
    assert update(account, other_key, name="Still off").json["api_key"]["is_active"] is False
    assert update(account, other_key, is_active=True).json["api_key"]["is_active"] is True
    assert other_key.call("list_templates").status == 200


def test_activating_a_key_does_not_undo_its_expiry(account: Account, other_key: Account, table: Table) -> None:
    update(account, other_key, is_active=False)
    change_key(table, other_key, expires_at="2024-01-15T10:00:00Z")
    update(account, other_key, is_active=True)
    assert other_key.call("list_templates").status == 401


def test_the_whole_object_comes_back_and_writes_nothing(
    account: Account, other_key: Account, table: Table, calls: list[str]
) -> None:
    change_key(table, other_key, expires_at="2099-01-15T10:00:00Z")
    whole = get(account, other_key)
    calls.clear()
    reply = update(account, other_key, accountSlug=account.slug, **whole)
    assert (reply.status, reply.json["api_key"]) == (200, whole)
    assert calls == ["BatchGetItem"]
    edited = whole | {"name": "Edited", "is_active": False}
    assert update(account, other_key, **edited).json["api_key"] == edited


@pytest.mark.parametrize("used", ["2024-01-15T10:00:00Z", None])
def test_the_whole_object_comes_back_also_when_the_key_was_used_meanwhile(
    account: Account, other_key: Account, table: Table, used: str | None
) -> None:
    if used:
        change_key(table, other_key, last_used_at=used)
    whole = get(account, other_key)
    assert whole["last_used_at"] == used
    other_key.call("list_templates")
    assert update(account, other_key, **whole | {"name": "Edited"}).status == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", f"key_{'0' * 64}"), ("key_prefix", "tk_live_"), ("environment", "live"), ("scopes", ["*"]),
        ("scopes", []), ("created_at", "2024-01-15T10:00:00Z"), ("expires_at", "2024-01-15T10:00:00Z"),
        ("rate_limit_per_hour", None), ("rate_limit_per_hour", 51),
    ],
)  # fmt: skip
def test_a_read_only_field_that_differs_is_refused_and_nothing_changes(
    account: Account, other_key: Account, stored: Stored, field: str, value: object
) -> None:
    before = stored.items()
    reply = update(account, other_key, name="New", **{field: value})
    assert (reply.status, reply.code) == (400, "read_only_field")
    assert [detail["field"] for detail in reply.json["details"]] == [f"/{field}"]
    assert stored.items() == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None), ("name", " "), ("name", "x" * 201), ("name", 1), ("is_active", None), ("is_active", "true"),
        ("is_active", 0), ("active", False), ("grace_seconds", 1), ("account_id", "x"), ("rotated_at", None),
    ],
)  # fmt: skip
def test_a_bad_field_is_refused_and_nothing_changes(
    account: Account, other_key: Account, stored: Stored, field: str, value: object
) -> None:
    before = stored.items()
    reply = update(account, other_key, **{field: value})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, f"/{field}")
    assert stored.items() == before


def test_the_account_may_be_named_and_must_then_be_the_callers(account: Account, other_key: Account) -> None:
    assert update(account, other_key, accountSlug=account.slug, name="x").status == 200
    assert update(account, other_key, accountSlug="other-team", name="x").code == "account_mismatch"


def test_a_key_of_nobody_or_of_another_account_is_not_found(
    account: Account, other_account: Account, stored: Stored
) -> None:
    before = stored.items()
    for key_id in (f"key_{'0' * 64}", other_account.key_id):
        reply = account.call("update_api_key", key_id, body={"is_active": False})
        assert (reply.status, reply.code) == (404, "api_key_not_found")
    assert stored.items() == before


def test_a_change_does_not_bring_a_deleted_key_back(
    account: Account, other_key: Account, table: Table, stored: Stored
) -> None:
    race(table, "TransactWriteItems", lambda: account.call("delete_api_key", other_key.key_id))
    reply = update(account, other_key, name="x")
    assert (reply.status, reply.code) == (404, "api_key_not_found")
    assert other_key.key_id not in str(stored.items())


def test_a_key_deleted_meanwhile_is_not_found_to_deactivate(account: Account, other_key: Account, table: Table) -> None:
    race(table, "TransactWriteItems", lambda: account.call("delete_api_key", other_key.key_id))
    reply = update(account, other_key, is_active=False)
    assert (reply.status, reply.code) == (404, "api_key_not_found")


# The last key that may manage keys


def test_the_last_key_that_manages_keys_cannot_deactivate_itself(
    account: Account, other_key: Account, stored: Stored
) -> None:
    before = stored.items()
    reply = update(account, account, is_active=False, name="x")
    assert (reply.status, reply.code) == (409, "last_api_key")
    assert "?force=true" in reply.json["error"]
    assert stored.items() == before


def test_with_force_it_can(account: Account) -> None:
    reply = account.force("update_api_key", account.key_id, is_active=False)
    assert (reply.status, reply.json["api_key"]["is_active"]) == (200, False)
    assert account.call("list_templates").status == 401


def test_it_can_rename_itself(account: Account) -> None:
    assert update(account, account, name="x", is_active=True).json["api_key"]["name"] == "x"


def test_it_can_deactivate_itself_beside_another_that_manages_keys(account: Account) -> None:
    heir = new_key(account.slug, account.id, scopes=["*"])
    assert update(account, account, is_active=False).status == 200
    assert account.call("list_templates").status == 401
    assert update(heir, account, is_active=True).status == 200
    assert account.call("list_templates").status == 200


@pytest.mark.parametrize("flag", ["yes", "1", "on"])
def test_a_force_that_is_neither_true_nor_false_is_refused(account: Account, flag: str) -> None:
    reply = account.call("update_api_key", account.key_id, body={"is_active": False}, query={"force": flag})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, "?force")
    assert account.call("list_templates").status == 200


def test_two_keys_that_deactivate_each_other_at_once_cannot_both_succeed(account: Account, table: Table) -> None:
    rival, replies = new_key(account.slug, account.id), list[Reply]()
    race(table, "TransactWriteItems", lambda: replies.append(update(rival, account, is_active=False)))
    replies.append(update(account, rival, is_active=False))
    assert [reply.status for reply in replies] == [200, 401]  # the loser's key is out of use already
    assert (account.call("list_templates").status, rival.call("list_templates").status) == (401, 200)


def test_two_last_keys_that_deactivate_themselves_at_once_cannot_both_succeed(account: Account, table: Table) -> None:
    rival, replies = new_key(account.slug, account.id), list[Reply]()
    race(table, "TransactWriteItems", lambda: replies.append(update(rival, rival, is_active=False)))
    replies.append(update(account, account, is_active=False))
    assert [(reply.status, reply.json.get("code")) for reply in replies] == [(200, None), (409, "last_api_key")]
    assert account.call("list_templates").status == 200


def test_the_counters_of_an_earlier_release_are_removed_with_the_next_changes(
    account: Account, other_key: Account, table: Table, stored: Stored
) -> None:
    for first in range(480_000, 480_150, 50):  # an expression has at most 4 KB
        change_key(table, other_key, **{f"requests_{hour}": 1 for hour in range(first, first + 50)})
    assert other_key.call("test_api_key").status == 200
    left = []
    for name in ("one", "two"):
        reply = update(account, other_key, name=name)
        assert (reply.status, "requests_" in reply.text) == (200, False)
        left.append(str(stored.items()).count("requests_"))
    assert left == [50, 0]
