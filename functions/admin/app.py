"""Accounts and their API keys. No HTTP route leads here: whoever may invoke the function is the operator.

A payload is `{"action": "...", ...}`; the answer `{"ok": true, ...}` or `{"ok": false, "code", "error"}`.
"""

from collections.abc import Callable
from typing import Any

from assistants_api import auth
from assistants_api.errors import InvalidRequest
from assistants_api.http import Event, direct_invocation
from assistants_api.models.account import NewAccount
from assistants_api.models.api_key_requests import AccountApiKeys, NewAccountApiKey, RevokedApiKey
from assistants_api.models.parsing import parse_object
from assistants_api.storage import accounts, api_keys
from assistants_api.storage.table import Table, from_env

Result = dict[str, object]


def create_account(table: Table, payload: Event) -> Result:
    return {"account": accounts.create(table, parse_object(NewAccount, payload)).model_dump()}


def create_api_key(table: Table, payload: Event) -> Result:
    """`full_key` is shown here and never again."""
    new = parse_object(NewAccountApiKey, payload)
    account_id = accounts.id_of(table, new.slug)
    token = auth.mint(account_id, new.environment)
    key = new.to_api_key(account_id, new.slug, token, auth.digest(token))
    api_keys.issue(table, key)
    return {"full_key": token, "api_key": key.to_public()}


def list_api_keys(table: Table, payload: Event) -> Result:
    account_id = accounts.id_of(table, parse_object(AccountApiKeys, payload).slug)
    return {"api_keys": [key.to_public() for key in api_keys.of_account(table, account_id)]}


def revoke_api_key(table: Table, payload: Event) -> Result:
    revoked = parse_object(RevokedApiKey, payload)
    return {"api_key": api_keys.revoke(table, accounts.id_of(table, revoked.slug), revoked.id).to_public()}


ACTIONS: dict[str, Callable[[Table, Event], Result]] = {
    action.__name__: action for action in (create_account, create_api_key, list_api_keys, revoke_api_key)
}


@direct_invocation
def handler(event: Any) -> Result:
    action = event.get("action") if isinstance(event, dict) else None
    if not isinstance(action, str) or action not in ACTIONS:
        raise InvalidRequest(f'Send {{"action": ...}} with one of {", ".join(ACTIONS)}.')
    return ACTIONS[action](from_env().for_request(), {name: value for name, value in event.items() if name != "action"})
