"""API keys in the table, under the SHA-256 of their token."""

from datetime import UTC, datetime, timedelta
from typing import Any

from assistants_api.auth import Token
from assistants_api.errors import ApiKeyNotActive, ApiKeyNotFound, ConcurrentChange, LastApiKey
from assistants_api.models.api_key import ApiKey, grants
from assistants_api.models.ids import timestamp
from assistants_api.storage import keys
from assistants_api.storage.actions import Action, ConditionCheck, Delete, Put, Update
from assistants_api.storage.conditions import EXISTS, Condition, above, absent, equal
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.path_resource import PathResource
from assistants_api.storage.table import ConditionFailed, Page, Table, TransactionFailed
from assistants_api.storage.values import Item, ItemsByKey


def key(token: Token) -> PrimaryKey:
    return keys.api_key(token.account_id, f"key_{token.sha256}")


def get(items: ItemsByKey, token: Token) -> ApiKey | None:
    item = items[key(token)]
    return from_item(item) if item else None


def from_item(item: Item) -> ApiKey:
    return ApiKey.model_validate(item)


in_path = PathResource("apiKeyId", keys.api_key, from_item, ApiKeyNotFound)


def to_item(api_key: ApiKey) -> dict[str, Any]:
    pk, sk = keys.api_key(api_key.account_id, api_key.id)
    return {"PK": pk, "SK": sk, **api_key.model_dump(mode="json")}


def create(table: Table, api_key: ApiKey) -> None:
    table.put(Put(to_item(api_key)))


def page(table: Table, account_id: str, limit: int, after: str | None) -> Page[ApiKey]:
    """Keys in the order of their ids."""
    items, next_key = table.query(keys.partition(account_id), keys.API_KEY, limit, after=after)
    return [from_item(item) for item in items], next_key


def of_account(table: Table, account_id: str) -> list[ApiKey]:
    found, next_key = page(table, account_id, 100, None)
    while next_key:
        following, next_key = page(table, account_id, 100, next_key)
        found += following
    return found


def revoke(table: Table, account_id: str, key_id: str) -> ApiKey:
    """The key stops working immediately. Raises ApiKeyNotFound."""
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
    """Replaces the old key by the new one. The old one works for the grace, but not beyond its own expiry.

    Raises ApiKeyNotActive.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    ends = min(filter(None, [now + timedelta(seconds=grace_seconds), old.expires_at]))
    retired = {"rotated_at": timestamp(now), "expires_at": timestamp(ends)}
    replace = Update(_key(old), usable(now) & absent("rotated_at"), set=retired)
    try:
        table.transact([replace, Put(to_item(new))])
    except TransactionFailed as failure:
        if _key(new) not in failure.items:  # else it was written by the attempt whose answer was lost
            raise ApiKeyNotActive from None


def _transact_unless_last_manager(table: Table, caller: ApiKey, target: ApiKey, force: bool, action: Action) -> None:
    """Takes a key out of use, in one transaction with the check that a key with api_keys:write stays.

    The caller's own key is such a key. When it is the one to go, another has to be found first, which is one more round
    trip. Two keys that remove each other at once can't both succeed.
    """
    for _ in table.races():
        now, actions = datetime.now(UTC), [action]
        if target.id != caller.id:
            actions.append(ConditionCheck(_key(caller), usable(now)))
        elif not force:
            others = [
                key
                for key in of_account(table, caller.account_id)
                if key.id != target.id and _can_manage_keys(key, now)
            ]
            if not others:
                raise LastApiKey
            actions.append(ConditionCheck(_key(others[0]), usable(now)))
        try:
            table.transact(actions)
            return
        except TransactionFailed as failure:
            if action.key in failure.items:
                if isinstance(action, Update):
                    raise ApiKeyNotFound(target.id) from None
                return  # it is gone, perhaps by an attempt whose answer was lost
    raise ConcurrentChange("Others are changing these API keys at the same time; try again.")


def _can_manage_keys(api_key: ApiKey, now: datetime) -> bool:
    return api_key.is_usable(now) and any(grants(scope, "api_keys:write") for scope in api_key.scopes)


def _update(table: Table, account_id: str, key_id: str, fields: dict[str, Any]) -> ApiKey:
    try:
        return from_item(table.update(Update(keys.api_key(account_id, key_id), EXISTS, set=fields)))
    except ConditionFailed:
        raise ApiKeyNotFound(key_id) from None


def _key(api_key: ApiKey) -> PrimaryKey:
    return keys.api_key(api_key.account_id, api_key.id)


def usable(now: datetime) -> Condition:
    """That the key exists, is active and has not expired."""
    unexpired = absent("expires_at") | above("expires_at", timestamp(now))
    return EXISTS & equal("is_active", True) & unexpired
