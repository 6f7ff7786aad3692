"""API keys in the table, under the SHA-256 of their token."""

from datetime import UTC, datetime, timedelta
from typing import Any

from assistants_api.auth import Token
from assistants_api.errors import ApiKeyNotActive, ApiKeyNotFound, ConcurrentChange, LastApiKey
from assistants_api.models.api_key import ApiKey, grants
from assistants_api.models.ids import timestamp
from assistants_api.storage import keys
from assistants_api.storage.conditions import EXISTS, Condition, above, absent, equal
from assistants_api.storage.keys import Key
from assistants_api.storage.table import (
    Action,
    ConditionCheck,
    ConditionFailed,
    Delete,
    Item,
    ItemsByKey,
    Page,
    Put,
    Table,
    TransactionFailed,
    Update,
)


def key(token: Token) -> Key:
    return keys.api_key(token.account_id, f"key_{token.sha256}")


def get(found: ItemsByKey, token: Token) -> ApiKey | None:
    item = found[key(token)]
    return from_item(item) if item else None


def get_by_id(found: ItemsByKey, account_id: str, key_id: str) -> ApiKey:
    """The key among what was read, raises ApiKeyNotFound."""
    item = found.get(keys.api_key(account_id, key_id))
    if item is None:
        raise ApiKeyNotFound(key_id)
    return from_item(item)


def from_item(item: Item) -> ApiKey:
    return ApiKey.model_validate(item)


def to_item(api_key: ApiKey) -> dict[str, Any]:
    pk, sk = keys.api_key(api_key.account_id, api_key.id)
    return {"PK": pk, "SK": sk, **api_key.model_dump(mode="json")}


def create(table: Table, api_key: ApiKey) -> None:
    table.put(Put(to_item(api_key)))


def page(table: Table, account_id: str, limit: int, after: str | None) -> Page[ApiKey]:
    """Keys in the order of their ids."""
    items, behind = table.query(keys.partition(account_id), keys.API_KEY, limit, after=after)
    return [from_item(item) for item in items], behind


def of_account(table: Table, account_id: str) -> list[ApiKey]:
    found, behind = page(table, account_id, 100, None)
    while behind:
        following, behind = page(table, account_id, 100, behind)
        found += following
    return found


def revoke(table: Table, account_id: str, key_id: str) -> ApiKey:
    """From the next request on the key opens nothing. Raises ApiKeyNotFound."""
    return _update(table, account_id, key_id, {"is_active": False})


def change(table: Table, caller: ApiKey, target: ApiKey, fields: dict[str, Any], force: bool) -> ApiKey:
    """The key after the changes. Raises ApiKeyNotFound, and what `remove` raises when the key is deactivated."""
    if fields.get("is_active") is not False or not target.is_active:
        return _update(table, target.account_id, target.id, fields) if fields else target
    _transact_unless_last_manager(table, caller, target, force, Update(_key(target), EXISTS, set=fields))
    return target.model_copy(update=fields)


def remove(table: Table, caller: ApiKey, target: ApiKey, force: bool) -> None:
    """Raises LastApiKey when, without `force`, no key would be left that may manage keys."""
    _transact_unless_last_manager(table, caller, target, force, Delete(_key(target), EXISTS))


def rotate(table: Table, old: ApiKey, new: ApiKey, grace_seconds: int) -> None:
    """Puts the new key in the place of the old one, which works for as long as the grace, but no longer than it would.

    Raises ApiKeyNotActive.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    ends = min(filter(None, [now + timedelta(seconds=grace_seconds), old.expires_at]))
    retired = {"rotated_at": timestamp(now), "expires_at": timestamp(ends)}
    replace = Update(_key(old), live(now) & absent("rotated_at"), set=retired)
    try:
        table.transact([replace, Put(to_item(new))])
    except TransactionFailed as failure:
        if _key(new) not in failure.items:  # else it was written by the attempt whose answer was lost
            raise ApiKeyNotActive from None


def _transact_unless_last_manager(table: Table, caller: ApiKey, target: ApiKey, force: bool, action: Action) -> None:
    """Does what takes a key out of use, in one transaction with the check that a key with api_keys:write stays.

    The caller's own key is such a key. When it is the one to go, another has to be found first, which is a round trip
    more. Two keys that remove each other at once can't both succeed.
    """
    for _ in table.attempts():
        now, actions = datetime.now(UTC), [action]
        if target.id != caller.id:
            actions.append(ConditionCheck(_key(caller), live(now)))
        elif not force:
            others = [
                key
                for key in of_account(table, caller.account_id)
                if key.id != target.id and _can_manage_keys(key, now)
            ]
            if not others:
                raise LastApiKey
            actions.append(ConditionCheck(_key(others[0]), live(now)))
        try:
            table.transact(actions)
            return
        except TransactionFailed as failure:
            if action.key in failure.items:
                if isinstance(action, Update):
                    raise ApiKeyNotFound(target.id) from None
                return  # it is gone, be it by the attempt whose answer was lost
    raise ConcurrentChange("Others are changing these API keys at the same time; try again.")


def _can_manage_keys(api_key: ApiKey, now: datetime) -> bool:
    return api_key.is_live(now) and any(grants(scope, "api_keys:write") for scope in api_key.scopes)


def _update(table: Table, account_id: str, key_id: str, fields: dict[str, Any]) -> ApiKey:
    try:
        return from_item(table.update(Update(keys.api_key(account_id, key_id), EXISTS, set=fields)))
    except ConditionFailed:
        raise ApiKeyNotFound(key_id) from None


def _key(api_key: ApiKey) -> Key:
    return keys.api_key(api_key.account_id, api_key.id)


def live(now: datetime) -> Condition:
    """That the key exists, is active and has not expired."""
    unexpired = absent("expires_at") | above("expires_at", timestamp(now))
    return EXISTS & equal("is_active", True) & unexpired
