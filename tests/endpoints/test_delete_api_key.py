from typing import Any

import pytest

from assistants_api.storage import api_keys
from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, Reply, change_key, new_key, race


def delete(account: Account, key: Account) -> Reply:
    return account.call("delete_api_key", key.key_id)


def test_a_deleted_key_is_gone_and_opens_nothing(account: Account, stored: Stored) -> None:
    before = stored.items()
    other = new_key(account.slug, account.id)
    reply = delete(account, other)
    assert (reply.status, reply.json) == (200, {"success": True, "message": "API key deleted successfully"})
    assert stored.items() == before
    refused = other.call("list_templates")
    assert (refused.status, "unknown" in refused.json["error"]) == (401, True)
    assert delete(account, other).code == "api_key_not_found"
    assert [key["id"] for key in account.call("list_api_keys").json["api_keys"]] == [account.key_id]


@pytest.mark.parametrize(
    "fields",
    [{"is_active": False}, {"expires_at": "2024-01-15T10:00:00Z"}, {"rotated_at": "2024-01-15T10:00:00Z"}],
)
def test_a_key_that_is_of_no_use_any_more_can_be_deleted(account: Account, table: Table, fields: Any) -> None:
    other = new_key(account.slug, account.id)
    change_key(table, other, **fields)
    assert delete(account, other).status == 200


def test_a_key_can_delete_one_with_more_scopes(account: Account) -> None:
    weak = new_key(account.slug, account.id, scopes=["api_keys:write"])
    assert delete(weak, account).status == 200
    assert account.call("list_templates").status == 401


@pytest.mark.parametrize("force", ["true", "false"])
def test_a_key_of_nobody_or_of_another_account_is_not_found_and_nothing_changes(
    account: Account, other_account: Account, stored: Stored, force: str
) -> None:
    before = stored.items()
    for key_id in (f"key_{'0' * 64}", other_account.key_id):
        reply = account.call("delete_api_key", key_id, query={"force": force})
        assert (reply.status, reply.code) == (404, "api_key_not_found")
    assert stored.items() == before


@pytest.mark.parametrize("key_id", ["x", "key_", f"key_{'0' * 63}", f"key_{'A' * 64}", f"{'0' * 64}", "pn_14155550101"])
def test_a_malformed_id_is_refused(account: Account, key_id: str) -> None:
    reply = account.call("delete_api_key", key_id)
    assert (reply.status, reply.code) == (400, "malformed_id")


# The last key that may manage keys


def refused_as_last(account: Account) -> bool:
    reply = delete(account, account)
    return (reply.status, reply.json.get("code")) == (409, "last_api_key")


def test_the_last_key_that_manages_keys_cannot_delete_itself(account: Account, stored: Stored) -> None:
    before = stored.items()
    assert refused_as_last(account)
    assert "?force=true" in delete(account, account).json["error"]
    assert stored.items() == before


def test_with_force_it_can(account: Account) -> None:
    assert account.force("delete_api_key", account.key_id).status == 200
    assert account.call("list_templates").status == 401


@pytest.mark.parametrize("scopes", [["*"], ["api_keys:*"], ["calls:route", "api_keys:write"]])
def test_it_can_beside_another_that_manages_keys(account: Account, scopes: list[str]) -> None:
    heir = new_key(account.slug, account.id, scopes=scopes)
    assert delete(account, account).status == 200
    assert refused_as_last(heir)


@pytest.mark.parametrize("scopes", [["api_keys:read"], ["assistants:*", "phone_numbers:*", "calls:*"]])
def test_a_key_that_manages_no_keys_is_no_heir(account: Account, scopes: list[str]) -> None:
    new_key(account.slug, account.id, scopes=scopes)
    assert refused_as_last(account)


@pytest.mark.parametrize("fields", [{"is_active": False}, {"expires_at": "2024-01-15T10:00:00Z"}])
def test_an_inactive_or_expired_key_is_no_heir(account: Account, table: Table, fields: Any) -> None:
    other = new_key(account.slug, account.id)
    change_key(table, other, **fields)
    assert refused_as_last(account)


def test_a_key_of_another_account_is_no_heir(account: Account, other_account: Account) -> None:
    assert refused_as_last(account)


def test_an_heir_is_found_behind_more_keys_than_one_page_holds(account: Account, table: Table) -> None:
    (own,) = api_keys.of_account(table, account.id).entries
    for number in range(101):
        api_keys.issue(table, own.model_copy(update={"id": f"key_{number:064x}", "scopes": ["calls:route"]}))
    assert refused_as_last(account)
    new_key(account.slug, account.id)
    assert delete(account, account).status == 200


@pytest.mark.parametrize("flag", ["yes", "1", "null", "true,true"])
def test_a_force_that_is_neither_true_nor_false_is_refused(account: Account, flag: str) -> None:
    reply = account.call("delete_api_key", account.key_id, query={"force": flag})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, "?force")
    assert account.call("list_templates").status == 200


# Races


def test_two_keys_that_delete_each_other_at_once_cannot_both_succeed(account: Account, table: Table) -> None:
    rival, replies = new_key(account.slug, account.id), list[Reply]()
    race(table, "TransactWriteItems", lambda: replies.append(delete(rival, account)))
    replies.append(delete(account, rival))
    assert [reply.status for reply in replies] == [200, 401]  # the loser's key is out of use already
    assert (account.call("list_templates").status, rival.call("list_templates").status) == (401, 200)


def test_two_last_keys_that_delete_themselves_at_once_cannot_both_succeed(account: Account, table: Table) -> None:
    rival, replies = new_key(account.slug, account.id), list[Reply]()
    race(table, "TransactWriteItems", lambda: replies.append(delete(rival, rival)))
    replies.append(delete(account, account))
    assert [(reply.status, reply.json.get("code")) for reply in replies] == [(200, None), (409, "last_api_key")]
    assert account.call("list_templates").status == 200


def test_another_heir_takes_the_place_of_one_lost_meanwhile(account: Account, table: Table) -> None:
    rivals = [new_key(account.slug, account.id) for _ in range(2)]
    first = min(rivals, key=lambda key: key.key_id)
    race(table, "TransactWriteItems", lambda: delete(first, first))
    assert delete(account, account).status == 200
    assert [rival.call("list_templates").status for rival in rivals if rival != first] == [200]


def test_two_deletions_of_one_key_at_once_leave_it_deleted(account: Account, table: Table) -> None:
    other, replies = new_key(account.slug, account.id), list[Reply]()
    race(table, "TransactWriteItems", lambda: replies.append(delete(account, other)))
    replies.append(delete(account, other))
    assert [reply.status for reply in replies] == [200, 200]
    assert other.call("list_templates").status == 401
