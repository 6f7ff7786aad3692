import pytest

from assistants_api.models.api_key import SCOPES
from assistants_api.storage.table import Table
from tests.harness import Account, change_key, new_key


@pytest.mark.parametrize("scopes", [["*"], ["api_keys:*"], *([scope] for scope in SCOPES)])
def test_any_key_learns_that_it_works_and_what_it_may_do(account: Account, table: Table, scopes: list[str]) -> None:
    key = new_key(account.slug, account.id, name="CI ☎", scopes=scopes, rate_limit_per_hour=5)
    change_key(table, key, expires_at="2099-01-15T10:00:00Z")
    reply = key.call("test_api_key")
    shown = reply.json["api_key"]
    assert (reply.status, reply.json) == (
        200,
        {"success": True, "message": "Authentication succeeded", "account_slug": "my-team", "api_key": shown},
    )
    assert shown.items() >= {
        "id": key.key_id,
        "name": "CI ☎",
        "key_prefix": key.token[:38],
        "environment": "test",
        "is_active": True,
        "expires_at": "2099-01-15T10:00:00Z",
        "rate_limit_per_hour": 5,
    }.items()  # fmt: skip
    assert shown["scopes"] == scopes


def test_neither_the_secret_nor_the_accounts_id_is_shown(account: Account) -> None:
    text = account.call("test_api_key").text
    assert all(account.token[34:][start : start + 5] not in text for start in range(28))
    assert account.id not in text
