from datetime import UTC, datetime, timedelta

import pytest

from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, admin, load_handler, new_account, new_key


def test_an_account_is_created_once(table: Table, stored: Stored) -> None:
    created = admin("create_account", slug="my-team", name="My Team")
    assert created["ok"] is True
    assert created["account"].items() >= {"slug": "my-team", "name": "My Team"}.items()
    before = stored.items()
    again = admin("create_account", slug="my-team", name="Other")
    assert (again["ok"], again["code"]) == (False, "slug_taken")
    assert stored.items() == before


def test_a_key_is_shown_once_and_only_its_hash_is_stored(account: Account, stored: Stored) -> None:
    assert account.token not in str(stored.items())
    listed = admin("list_api_keys", slug="my-team")
    assert account.token not in str(listed)
    (key,) = listed["api_keys"]
    assert account.token.startswith(key["key_prefix"])
    assert key.items() >= {
        "id": account.key_id, "name": "tests", "environment": "test", "scopes": ["*"], "is_active": True,
        "expires_at": None,
    }.items()  # fmt: skip


@pytest.mark.parametrize("environment", ["live", "test"])
def test_a_key_names_its_environment_and_opens_the_api(account: Account, environment: str) -> None:
    key = new_key(account.slug, account.id, environment=environment)
    assert key.token.startswith(f"tk_{environment}_{account.id.removeprefix('acct_')}")
    assert key.call("list_phone_numbers").status == 200


def test_a_revoked_key_opens_nothing_from_the_next_request_on(account: Account) -> None:
    key = new_key(account.slug, account.id)
    assert key.call("list_phone_numbers").status == 200
    revoked = admin("revoke_api_key", slug="my-team", id=key.key_id)
    assert (revoked["ok"], revoked["api_key"]["is_active"]) == (True, False)
    assert key.call("list_phone_numbers").status == 401
    assert account.call("list_phone_numbers").status == 200
    assert admin("revoke_api_key", slug="my-team", id=key.key_id)["ok"] is True


def test_a_key_expires_after_its_days(account: Account) -> None:
    admin("create_api_key", slug="my-team", name="short", environment="live", scopes=["*"], expires_in_days=2)
    key = next(key for key in admin("list_api_keys", slug="my-team")["api_keys"] if key["name"] == "short")
    expires_at = datetime.fromisoformat(key["expires_at"])
    assert timedelta(days=1, hours=23) < expires_at - datetime.now(UTC) <= timedelta(days=2)
    assert key["expires_at"].endswith("Z")


def test_more_keys_than_a_page_are_all_listed(account: Account) -> None:
    for _ in range(101):
        new_key(account.slug, account.id)
    assert len({key["id"] for key in admin("list_api_keys", slug="my-team")["api_keys"]}) == 102


def test_keys_of_one_account_do_not_show_in_another(account: Account) -> None:
    new_account("other-team")
    assert len(admin("list_api_keys", slug="other-team")["api_keys"]) == 1
    assert admin("revoke_api_key", slug="other-team", id=account.key_id)["code"] == "api_key_not_found"


KEY = {"action": "create_api_key", "slug": "my-team", "name": "x", "environment": "live", "scopes": ["*"]}


@pytest.mark.parametrize(
    ("payload", "code", "says"),
    [
        ({}, "invalid_request", "create_account, list_accounts, list_over_quota, show_account"),
        ([], "invalid_request", "action"),
        (None, "invalid_request", "action"),
        ({"action": "drop_table"}, "invalid_request", "create_account"),
        ({"action": ["create_account"]}, "invalid_request", "create_account"),
        ({"action": "create_account", "slug": "My Team", "name": "x"}, "invalid_request", "lower-case"),
        ({"action": "create_account", "slug": "-x", "name": "x"}, "invalid_request", "lower-case"),
        ({"action": "create_account", "slug": "x" * 64, "name": "x"}, "invalid_request", "1 to 63"),
        ({"action": "create_account", "slug": "x"}, "invalid_request", "name: is required"),
        ({"action": "create_account", "slug": "x", "name": ""}, "invalid_request", "at least 1"),
        ({**KEY, "slug": "nobody"}, "account_not_found", "nobody"),
        ({**KEY, "environment": "prod"}, "invalid_request", "live, test"),
        ({**KEY, "scopes": []}, "invalid_request", "scopes"),
        ({**KEY, "scopes": ["assistants:reed"]}, "invalid_request", "assistants:read"),
        ({**KEY, "scopes": ["assist*"]}, "invalid_request", "assistants:*"),
        ({**KEY, "scopes": "*"}, "invalid_request", "must be an array"),
        ({**KEY, "expires_in_days": 0}, "invalid_request", "at least 1"),
        ({**KEY, "expires_in_days": "30"}, "invalid_request", "must be an integer"),
        ({**KEY, "expires_in_days": 3651}, "invalid_request", "at most 3,650"),
        ({**KEY, "scope": "*"}, "invalid_request", "did you mean scopes"),
        ({"action": "revoke_api_key", "slug": "my-team", "id": "key_" + "0" * 64}, "api_key_not_found", "key_0"),
        ({"action": "revoke_api_key", "slug": "my-team", "id": "x"}, "malformed_id", "key_"),
        ({"action": "list_api_keys", "slug": "nobody"}, "account_not_found", "nobody"),
    ],
)
def test_a_bad_payload_is_refused_and_nothing_is_stored(
    account: Account, stored: Stored, payload: object, code: str, says: str
) -> None:
    before = stored.items()
    answer = load_handler("admin")(payload, None)
    assert (answer["ok"], answer["code"]) == (False, code)
    assert says in answer["error"]
    assert stored.items() == before


def test_a_bug_is_a_refusal_too(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "name", "no-such-table")
    assert admin("list_api_keys", slug="my-team").items() >= {"ok": False, "code": "internal_error"}.items()
