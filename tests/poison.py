"""Makes stored items such as no release stores them."""

from typing import Any

from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.table import Table
from assistants_api.storage.values import pack_key

A_MAP = {"M": {"x": {"S": "y"}}}  # which hardly any attribute can be


def poison(table: Table, key: PrimaryKey, name: str, value: Any = A_MAP) -> None:
    """Gives the stored item an attribute that it can't have; None takes it away."""
    change: dict[str, Any] = {"UpdateExpression": "REMOVE #name"}
    if value is not None:
        change = {"UpdateExpression": "SET #name = :value", "ExpressionAttributeValues": {":value": value}}
    names = {"#name": name}
    table.client.update_item(TableName=table.name, Key=pack_key(key), ExpressionAttributeNames=names, **change)


def remove(table: Table, key: PrimaryKey) -> None:
    table.client.delete_item(TableName=table.name, Key=pack_key(key))
