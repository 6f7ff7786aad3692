"""Who may call an endpoint, and that this is checked in the right order: 401, 415 and 413, 400, 403, 404."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from assistants_api.storage.table import Table
from tests.catalogue import ENDPOINTS, WITH_BODY, WITH_SCOPE, Function
from tests.conftest import Stored
from tests.harness import Account, Reply, admin, change_key, new_key, new_key_without, signed

MALFORMED_BODY = "{"
WITH_ID = [endpoint for endpoint in ENDPOINTS if endpoint.path and endpoint.name != "get_template"]  # that has a name

every_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS)
every_endpoint_with_a_scope = pytest.mark.parametrize("endpoint", WITH_SCOPE)
every_endpoint_with_a_body = pytest.mark.parametrize("endpoint", WITH_BODY)
every_endpoint_with_an_id = pytest.mark.parametrize("endpoint", WITH_ID)


def changed(token: str, position: int) -> str:
    return token[:position] + ("0" if token[position] != "0" else "1") + token[position + 1 :]


MALFORMED: dict[str, Callable[[str], str | None]] = {
    "no header": lambda token: None,
    "empty header": lambda token: "",
    "no token": lambda token: "Bearer",
    "only a space": lambda token: "Bearer ",
    "token without a secret": lambda token: "Bearer tk_test_x",
    "token alone": lambda token: token,
    "basic": lambda token: f"Basic {token}",
    "bearers": lambda token: f"Bearers {token}",
    "quoted": lambda token: f'Bearer "{token}"',
    "two tokens": lambda token: f"Bearer {token},{token}",
    "cut": lambda token: f"Bearer {token[:-1]}",
    "longer": lambda token: f"Bearer {token}0",
    "upper case": lambda token: f"Bearer {token.upper()}",
    "huge": lambda token: f"Bearer {token * 100}",
    "not ASCII": lambda token: f"Bearer {token[:-1]}é",
    "first character of the account": lambda token: f"Bearer {changed(token, 8)}",
    "a character of the secret": lambda token: f"Bearer {changed(token, 40)}",
    "last character": lambda token: f"Bearer {changed(token, 71)}",
    "other environment": lambda token: f"Bearer {token.replace('tk_test_', 'tk_live_')}",
    "unknown environment": lambda token: f"Bearer {signed(token[:-6].replace('tk_test_', 'tk_prod_'))}",
    "token of another service": lambda token: "Bearer sk-proj-abcdefghijklmnopqrstuvwxyz0123456789",
}
UNKNOWN_TOKENS: dict[str, Callable[[str], str]] = {
    "other environment": lambda token: signed(token[:-6].replace("tk_test_", "tk_live_")),
    "other secret": lambda token: signed(changed(token[:-6], 40)),
    "other account": lambda token: signed(changed(token[:-6], 30)),
}


def refused(reply: Reply) -> bool:
    return (reply.status, reply.code, reply.headers.get("www-authenticate")) == (401, "unauthenticated", "Bearer")


def anonymous(account: Account) -> Account:
    """A caller whose token is well formed and of no API key."""
    return replace(account, token=UNKNOWN_TOKENS["other secret"](account.token))


@every_endpoint
def test_a_malformed_token_is_refused_without_a_round_trip(
    account: Account, calls: list[str], endpoint: Function
) -> None:
    for case, authorization in MALFORMED.items():
        headers = {"authorization": authorization(account.token)}
        assert refused(account.call(endpoint.name, headers=headers)), case
    assert calls == []


@every_endpoint
def test_an_unknown_token_is_refused_in_one_round_trip_and_nothing_is_written(
    account: Account, stored: Stored, calls: list[str], endpoint: Function
) -> None:
    before = stored.items()
    for case, token in UNKNOWN_TOKENS.items():
        calls.clear()
        assert refused(replace(account, token=token(account.token)).call(endpoint.name)), case
        assert calls == ["BatchGetItem"], case
    assert stored.items() == before


@every_endpoint
def test_a_revoked_token_is_refused(account: Account, endpoint: Function) -> None:
    admin("revoke_api_key", slug=account.slug, id=account.key_id)
    reply = account.call(endpoint.name)
    assert refused(reply)
    assert "revoked" in reply.json["error"]


@every_endpoint
def test_an_expired_token_is_refused(account: Account, table: Table, endpoint: Function) -> None:
    change_key(table, account, expires_at="2024-01-15T10:00:00Z")
    reply = account.call(endpoint.name)
    assert refused(reply)
    assert "expired" in reply.json["error"]


@every_endpoint
def test_the_scheme_is_case_insensitive_and_spaces_around_the_token_do_not_matter(
    account: Account, endpoint: Function
) -> None:
    assert account.call(endpoint.name, headers={"authorization": f"bearer  {account.token} "}).status in (200, 404)


# Scopes


def within_own_scopes(endpoint: Function) -> dict[str, Any]:
    """The body to send with a key that has only the scope of the endpoint: it gives a new key no scope but that."""
    if endpoint.body is not None and "scopes" in endpoint.body:
        return {"body": {**endpoint.body, "scopes": [endpoint.scope]}}
    return {}


@every_endpoint_with_a_scope
def test_the_scope_of_an_endpoint_suffices(account: Account, endpoint: Function) -> None:
    key = new_key(account.slug, account.id, scopes=[endpoint.scope])
    assert key.call(endpoint.name, **within_own_scopes(endpoint)).status in (200, 404)


@every_endpoint_with_a_scope
def test_all_scopes_with_the_prefix_of_an_endpoint_suffice(account: Account, endpoint: Function) -> None:
    key = new_key(account.slug, account.id, scopes=[f"{str(endpoint.scope).split(':')[0]}:*"])
    assert key.call(endpoint.name, **within_own_scopes(endpoint)).status in (200, 404)


@every_endpoint_with_a_scope
def test_all_other_scopes_together_do_not_suffice(account: Account, endpoint: Function) -> None:
    reply = new_key_without(endpoint.scope, account).call(endpoint.name)
    assert (reply.status, reply.code) == (403, "missing_scope")
    assert str(endpoint.scope) in reply.json["error"]


# The order of the checks


@every_endpoint_with_a_body
def test_an_unknown_token_is_refused_before_a_wrong_media_type_and_a_malformed_body(
    account: Account, endpoint: Function
) -> None:
    headers = {"content-type": "text/plain"}
    assert refused(anonymous(account).call(endpoint.name, raw=MALFORMED_BODY, headers=headers))


@every_endpoint_with_a_body
def test_a_wrong_media_type_is_refused_before_a_malformed_body(account: Account, endpoint: Function) -> None:
    reply = account.call(endpoint.name, raw=MALFORMED_BODY, headers={"content-type": "text/plain"})
    assert (reply.status, reply.code) == (415, "unsupported_media_type")


@every_endpoint_with_a_body
def test_a_bad_body_is_refused_before_a_missing_scope_and_another_account(account: Account, endpoint: Function) -> None:
    weak = new_key_without(endpoint.scope, account)
    assert weak.call(endpoint.name, raw=MALFORMED_BODY).status == 400
    body = {**(endpoint.body or {}), "accountSlug": "other-team"}
    assert account.call(endpoint.name, body={**body, "unknown": 1}).status == 400
    assert account.call(endpoint.name, body=body).code == "account_mismatch"
    assert weak.call(endpoint.name, body=body).code == "missing_scope"


@every_endpoint_with_an_id
def test_an_unknown_token_is_refused_before_a_malformed_id(account: Account, endpoint: Function) -> None:
    assert refused(anonymous(account).call(endpoint.name, *["x"] * len(endpoint.path)))


@every_endpoint_with_an_id
def test_a_malformed_id_is_refused_before_a_missing_scope(account: Account, endpoint: Function) -> None:
    path = ["x"] * len(endpoint.path)
    assert new_key_without(endpoint.scope, account).call(endpoint.name, *path).code == "malformed_id"
