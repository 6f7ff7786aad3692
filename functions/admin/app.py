"""Accounts, their API keys and their phone numbers, for the operator. No HTTP route leads here: whoever may invoke the
function is the operator.

A payload is `{"action": "...", ...}`; the answer `{"ok": true, ...}` or `{"ok": false, "code", "error"}`. A list that
goes on has a `next_cursor`: send the same payload with it as `cursor`.
"""

from collections.abc import Callable
from typing import Any

from assistants_api import auth
from assistants_api.errors import InvalidRequest
from assistants_api.http import Event, direct_invocation
from assistants_api.models.account import Account
from assistants_api.models.account_requests import (
    AccountExport,
    AccountListQuery,
    AccountNames,
    AccountQuotas,
    NamedAccount,
    NewAccount,
    NumberOfAccount,
    NumberTransfer,
)
from assistants_api.models.api_key import ApiKey
from assistants_api.models.api_key_requests import NewAccountApiKey, RevokedApiKey
from assistants_api.models.parsing import parse_object
from assistants_api.models.preconditions import NONE
from assistants_api.storage import (
    account_administration,
    account_erasure,
    account_export,
    accounts,
    api_keys,
    assignments,
    number_administration,
    rate_limits,
    unreadable,
)
from assistants_api.storage.pages import Listed
from assistants_api.storage.resources import Unreadable
from assistants_api.storage.table import Table, from_env

Result = dict[str, object]


def shown(things: str, page: Listed[Any]) -> Result:
    """`unreadable` is only there where something can't be read: its name, and why."""
    faults = [f"{fault.name}: {fault.reason}" for fault in page.unreadable]
    return {things: page.entries, **({"unreadable": faults} if faults else {})}


# Accounts


def create_account(table: Table, payload: Event) -> Result:
    return {"account": account_administration.create(table, parse_object(NewAccount, payload)).to_public()}


def list_accounts(table: Table, payload: Event) -> Result:
    page = account_administration.page(table, parse_object(AccountListQuery, payload))
    return {**shown("accounts", page.map(Account.to_public)), "next_cursor": page.next_key}


def list_over_quota(table: Table, payload: Event) -> Result:
    """Those of the page that have more of something than they may, and of what."""
    page = account_administration.page(table, parse_object(AccountListQuery, payload))
    maxima = accounts.maxima_of_deployment()
    over = [it.to_public() | {"over": things} for it in page.entries if (things := it.over_quota(maxima))]
    return {**shown("accounts", Listed(over, None, page.unreadable)), "next_cursor": page.next_key}


def show_account(table: Table, payload: Event) -> Result:
    """With its maxima, and the requests of this hour by API key."""
    account = account_administration.of_slug(table, parse_object(NamedAccount, payload).slug)
    found = api_keys.of_account(table, account.id)
    requests = rate_limits.reserved(table, found.entries)
    keys = found.map(lambda key: key.to_public() | {"requests_this_hour": requests.get(key.id)})
    maxima = account.maxima(accounts.maxima_of_deployment())
    return {"account": account.to_public(), "maxima": maxima, **shown("api_keys", keys)}


def suspend_account(table: Table, payload: Event) -> Result:
    account = account_administration.in_use(table, parse_object(NamedAccount, payload).slug)
    return {"account": account_administration.suspend(table, account).to_public()}


def resume_account(table: Table, payload: Event) -> Result:
    account = account_administration.in_use(table, parse_object(NamedAccount, payload).slug)
    return {"account": account_administration.resume(table, account).to_public()}


def rename_account(table: Table, payload: Event) -> Result:
    wanted = parse_object(AccountNames, payload)
    account = account_administration.in_use(table, wanted.slug)
    return {"account": account_administration.rename(table, account, wanted).to_public()}


def set_quotas(table: Table, payload: Event) -> Result:
    wanted = parse_object(AccountQuotas, payload)
    account = account_administration.set_quotas(table, account_administration.in_use(table, wanted.slug), wanted)
    return {"account": account.to_public(), "maxima": account.maxima(accounts.maxima_of_deployment())}


def export_account(table: Table, payload: Event) -> Result:
    wanted = parse_object(AccountExport, payload)
    account_id = account_administration.id_of_slug(table, wanted.slug)
    page = account_export.page(table, account_id, wanted.model_dump().get("cursor"))
    return {"records": page.entries, "next_cursor": page.next_key}


def erase_account(table: Table, payload: Event) -> Result:
    """Until `done` is true, invoke it again, `wait_seconds` later."""
    account = account_administration.of_slug(table, parse_object(NamedAccount, payload).slug)
    erasure = account_erasure.erase(table, account)
    return {"done": erasure.is_done, "erased": erasure.erased, "wait_seconds": erasure.wait_seconds}


# Phone numbers


def transfer_phone_number(table: Table, payload: Event) -> Result:
    wanted = parse_object(NumberTransfer, payload)
    account, to = (account_administration.in_use(table, slug) for slug in (wanted.slug, wanted.to_slug))
    number = number_administration.of_account(table, account, wanted.phone_number)
    return {"phone_number": number_administration.transfer(table, account, number, to).to_public()}


def free_phone_number(table: Table, payload: Event) -> Result:
    """Any account can import it then. One that can't be read is freed too."""
    wanted = parse_object(NumberOfAccount, payload)
    account = account_administration.in_use(table, wanted.slug)
    number = number_administration.to_free(table, account, wanted.phone_number)
    if isinstance(number, Unreadable):
        unreadable.delete_number(table, number)
    else:
        assignments.delete_number(table, account.id, number, True, NONE)
    return {"phone_number": number.to_public() | {"phone_number": wanted.phone_number}}


# API keys


def create_api_key(table: Table, payload: Event) -> Result:
    """`full_key` is shown here and never again."""
    new = parse_object(NewAccountApiKey, payload)
    account = account_administration.in_use(table, new.slug)
    token = auth.mint(account.id, new.environment)
    key = new.to_api_key(account.id, token, auth.digest(token))
    api_keys.issue(table, key)
    return {"full_key": token, "api_key": key.to_public()}


def list_api_keys(table: Table, payload: Event) -> Result:
    account = account_administration.of_slug(table, parse_object(NamedAccount, payload).slug)
    return shown("api_keys", api_keys.of_account(table, account.id).map(ApiKey.to_public))


def revoke_api_key(table: Table, payload: Event) -> Result:
    revoked = parse_object(RevokedApiKey, payload)
    account = account_administration.in_use(table, revoked.slug)
    return {"api_key": api_keys.revoke(table, account.id, revoked.id).to_public()}


ACTIONS: dict[str, Callable[[Table, Event], Result]] = {
    action.__name__: action
    for action in (
        create_account,
        list_accounts,
        list_over_quota,
        show_account,
        suspend_account,
        resume_account,
        rename_account,
        set_quotas,
        export_account,
        erase_account,
        transfer_phone_number,
        free_phone_number,
        create_api_key,
        list_api_keys,
        revoke_api_key,
    )
}


@direct_invocation
def handler(event: Any) -> Result:
    action = event.get("action") if isinstance(event, dict) else None
    if not isinstance(action, str) or action not in ACTIONS:
        raise InvalidRequest(f'Send {{"action": ...}} with one of {", ".join(ACTIONS)}.')
    return ACTIONS[action](from_env().for_request(), {name: value for name, value in event.items() if name != "action"})
