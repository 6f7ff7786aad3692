"""What a write does, as DynamoDB's requests have it: by itself, or as one of a transaction's actions."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from assistants_api.storage.conditions import Condition, absent
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.values import Item, key_of, pack, pack_key

ATTRIBUTE = re.compile(r"#(\w+)")


IS_NEW = absent("PK")


@dataclass(frozen=True)
class Put:
    """A new item, written only where the condition holds; without one, where none is."""

    item: Item
    condition: Condition = IS_NEW

    @property
    def key(self) -> PrimaryKey:
        return key_of(self.item)

    def request(self, table: str) -> dict[str, Any]:
        return {"TableName": table, "Item": pack(self.item), **expressions(ConditionExpression=self.condition)}


@dataclass(frozen=True)
class Update:
    """Changes to one item, made only where the condition holds; without one, an item that isn't there is made.

    `add` and `delete` are for numbers and sets.
    """

    key: PrimaryKey
    condition: Condition | None = None
    set: Mapping[str, Any] = field(default_factory=dict)
    remove: Collection[str] = ()
    add: Mapping[str, Any] = field(default_factory=dict)
    delete: Mapping[str, Any] = field(default_factory=dict)

    def request(self, table: str) -> dict[str, Any]:
        clauses = [
            ("SET", [f"#{name} = :{name}" for name in self.set]),
            ("REMOVE", [f"#{name}" for name in self.remove]),
            ("ADD", [f"#{name} :{name}" for name in self.add]),
            ("DELETE", [f"#{name} :{name}" for name in self.delete]),
        ]
        text = " ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses if parts)
        values = {f":{name}": value for name, value in {**self.set, **self.add, **self.delete}.items()}
        changes = Condition(text, values)
        return {
            "TableName": table,
            "Key": pack_key(self.key),
            **expressions(UpdateExpression=changes, ConditionExpression=self.condition),
        }


@dataclass(frozen=True)
class Delete:
    """Removes an item, only where the condition holds; without one, whether it is there or not."""

    key: PrimaryKey
    condition: Condition | None = None

    def request(self, table: str) -> dict[str, Any]:
        return {"TableName": table, "Key": pack_key(self.key), **expressions(ConditionExpression=self.condition)}


@dataclass(frozen=True)
class ConditionCheck(Delete):
    """Changes nothing, and fails the transaction unless the condition holds."""


Action = Put | Update | Delete


def expressions(**parameters: Condition | None) -> dict[str, Any]:
    """A request's expressions, with the names and values that they mention declared. Those that are None are left out.

    Raises ValueError when two of them use one placeholder, since a request declares it once.
    """
    given = {parameter: expression for parameter, expression in parameters.items() if expression is not None}
    names = {name for expression in given.values() for name in ATTRIBUTE.findall(expression.text)}
    values: dict[str, Any] = {}
    for expression in given.values():
        if shared := values.keys() & expression.values.keys():
            raise ValueError(f"Two expressions of one request use {', '.join(sorted(shared))}.")
        values |= expression.values
    request: dict[str, Any] = {parameter: expression.text for parameter, expression in given.items()}
    if names:
        request["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
    if values:
        request["ExpressionAttributeValues"] = pack(values)
    return request
