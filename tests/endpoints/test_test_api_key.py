from dataclasses import replace

import pytest

from assistants_api import auth
from assistants_api.models.api_key import SCOPES
from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, admin, change_key, new_key


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


def resigned(body: str) -> str:
    return body + auth.checksum(body)


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Basic {token}", "{token}", "Bearer {token}x", "Bearer tk_test_x"]
)
def test_without_a_well_formed_token_it_is_a_401(account: Account, calls: list[str], authorization: str | None) -> None:
    header = authorization and authorization.format(token=account.token)
    reply = account.call("test_api_key", headers={"authorization": header})
    assert (reply.status, reply.code, reply.headers["www-authenticate"]) == (401, "unauthenticated", "Bearer")
    assert calls == []


def test_an_unknown_token_is_a_401_and_nothing_is_written(account: Account, stored: Stored) -> None:
    before = stored.items()
    unknown = replace(account, token=resigned(account.token[:40] + "0" * 26))
    reply = unknown.call("test_api_key")
    assert (reply.status, "unknown" in reply.json["error"]) == (401, True)
    assert stored.items() == before


def test_a_revoked_key_is_a_401(account: Account) -> None:
    admin("revoke_api_key", slug=account.slug, id=account.key_id)
    reply = account.call("test_api_key")
    assert (reply.status, "revoked" in reply.json["error"]) == (401, True)


def test_an_expired_key_is_a_401(account: Account, table: Table) -> None:
    change_key(table, account, expires_at="2024-01-15T10:00:00Z")
    reply = account.call("test_api_key")
    assert (reply.status, "expired" in reply.json["error"]) == (401, True)


def test_an_unknown_query_parameter_is_refused_by_name(account: Account) -> None:
    reply = account.call("test_api_key", query={"verbose": "1"})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, "?verbose")


def test_it_takes_one_round_trip(account: Account, calls: list[str]) -> None:
    account.call("test_api_key")
    assert calls == ["BatchGetItem"]
