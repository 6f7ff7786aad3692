from typing import Any

import pytest

from assistants_api import auth
from tests.harness import Account, admin, new_key

SHOWN = {
    "id", "name", "key_prefix", "environment", "scopes", "is_active", "created_at", "expires_at", "last_used_at",
    "rate_limit_per_hour",
}  # fmt: skip


@pytest.fixture
def seven(account: Account) -> list[str]:
    """The ids of all seven keys of the account, in their order."""
    return sorted([account.key_id, *(new_key(account.slug, account.id).key_id for _ in range(6))])


def ids(page: Any) -> list[str]:
    return [key["id"] for key in page["api_keys"]]


def test_the_keys_of_the_account_and_no_others_are_listed(account: Account, other_account: Account) -> None:
    limited = new_key(
        account.slug, account.id, name="Called ☎", environment="live", scopes=["calls:route"], rate_limit_per_hour=9
    )
    reply = account.call("list_api_keys")
    assert (reply.status, reply.json.keys()) == (200, {"success", "api_keys", "count", "limit", "next_cursor"})
    assert (reply.json["count"], reply.json["limit"], reply.json["next_cursor"]) == (2, 20, None)
    assert ids(reply.json) == sorted([account.key_id, limited.key_id])
    (shown,) = (key for key in reply.json["api_keys"] if key["id"] == limited.key_id)
    assert shown == {
        "id": limited.key_id,
        "name": "Called ☎",
        "key_prefix": limited.token[:38],
        "environment": "live",
        "scopes": ["calls:route"],
        "is_active": True,
        "created_at": shown["created_at"],
        "expires_at": None,
        "last_used_at": None,
        "rate_limit_per_hour": 9,
    }
    assert shown.keys() == SHOWN
    assert ids(other_account.call("list_api_keys").json) == [other_account.key_id]


def test_no_secret_is_shown_and_its_hash_only_as_the_id(account: Account) -> None:
    other = new_key(account.slug, account.id)
    text = account.call("list_api_keys").text
    for key in (account, other):
        secret = key.token[34:]
        assert all(secret[start : start + 5] not in text for start in range(28))
        assert text.count(auth.digest(key.token)) == 1
        assert key.key_id == f"key_{auth.digest(key.token)}"


def test_revoked_keys_are_listed_as_inactive(account: Account) -> None:
    other = new_key(account.slug, account.id)
    admin("revoke_api_key", slug=account.slug, id=other.key_id)
    active = {key["id"]: key["is_active"] for key in account.call("list_api_keys").json["api_keys"]}
    assert active == {account.key_id: True, other.key_id: False}


def test_a_key_that_was_used_says_in_which_hour(account: Account) -> None:
    other = new_key(account.slug, account.id)
    other.call("list_templates")
    (shown,) = (key for key in account.call("list_api_keys").json["api_keys"] if key["id"] == other.key_id)
    assert shown["last_used_at"].endswith(":00:00Z")


@pytest.mark.parametrize("limit", ["1", "3", "6", "7", "100"])
def test_the_pages_together_are_the_list(account: Account, seven: list[str], limit: str) -> None:
    pages = list(account.pages("list_api_keys", limit=limit))
    assert [each for page in pages for each in ids(page)] == seven
    assert len(pages) == -(-7 // int(limit))


def test_a_cursor_is_good_for_every_key_of_the_account_and_no_other(
    account: Account, other_account: Account, seven: list[str]
) -> None:
    cursor = account.call("list_api_keys", query={"limit": "2"}).json["next_cursor"]
    assert new_key(account.slug, account.id).call("list_api_keys", query={"cursor": cursor}).status == 200
    reply = other_account.call("list_api_keys", query={"cursor": cursor})
    assert (reply.status, reply.code) == (400, "invalid_cursor")


@pytest.mark.parametrize(
    ("parameter", "value"), [("limit", "0"), ("limit", "101"), ("is_active", "true"), ("name", "x")]
)
def test_a_bad_parameter_is_refused_by_name(account: Account, parameter: str, value: str) -> None:
    reply = account.call("list_api_keys", query={parameter: value})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, f"?{parameter}")
