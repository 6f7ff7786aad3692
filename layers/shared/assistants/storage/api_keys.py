"""API keys in the table, under the SHA-256 of their token."""

from typing import Any

from assistants.auth import Token
from assistants.errors import ApiKeyNotFound
from assistants.models.api_key import ApiKey
from assistants.models.ids import timestamp
from assistants.storage import keys
from assistants.storage.keys import Key
from assistants.storage.table import EXISTS, ConditionFailed, Found, Item, Put, Table, Update


def key(token: Token) -> Key:
    return keys.api_key(token.account_id, f"key_{token.sha256}")


def get(found: Found, token: Token) -> ApiKey | None:
    item = found[key(token)]
    return from_item(item) if item else None


def from_item(item: Item) -> ApiKey:
    return ApiKey.model_validate(item)


def to_item(api_key: ApiKey) -> dict[str, Any]:
    pk, sk = keys.api_key(api_key.account_id, api_key.id)
    return {"PK": pk, "SK": sk, **api_key.model_dump(mode="json")}


def create(table: Table, api_key: ApiKey) -> None:
    table.put(Put(to_item(api_key)))


def of_account(table: Table, account_id: str) -> list[ApiKey]:
    found, after, more = list[ApiKey](), None, True
    while more:
        items, more = table.query(keys.partition(account_id), keys.API_KEY, 100, after)
        found += map(from_item, items)
        after = items[-1]["SK"] if items else None
    return found


def revoke(table: Table, account_id: str, key_id: str) -> ApiKey:
    """From the next request on the key opens nothing. Raises ApiKeyNotFound."""
    try:
        revoked = {"is_active": False, "revoked_at": timestamp()}
        return from_item(table.update(Update(keys.api_key(account_id, key_id), EXISTS, set=revoked)))
    except ConditionFailed:
        raise ApiKeyNotFound(key_id) from None
