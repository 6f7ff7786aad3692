"""What a request consumes of DynamoDB: read units as the engine tells them, write units by the documented rules.

Of a transaction DynamoDB Local tells only what its first action consumed. So the items of each write are looked at
before and after it: a write takes a unit for each begun kilobyte of the larger of the two, and twice that in a
transaction, also where it only checks a condition.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from typing import Any

import boto3

from assistants_api.storage.table import Table
from tests.engines import without_new_handlers

KB = 1024
IN_A_TRANSACTION = 2


@dataclass
class Consumption:
    read_units: float = 0
    write_units: float = 0


@contextmanager
def consumption(table: Table) -> Iterator[Consumption]:
    """What is consumed until the end; but for the counting of requests, which a lease spares most of them."""
    consumed, looking = Consumption(), Looking(table)

    def ask(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"
        context["cost"] = [] if _counts(params) else [*_written(params)]
        context["cost_before"] = [looking.size(key) for key in context["cost"]]
        context["cost_counts"] = _counts(params)

    def note(parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: object) -> None:
        if context["cost"]:
            sizes = zip(context["cost_before"], map(looking.size, context["cost"]), strict=True)
            units = sum(max(1, ceil(max(both) / KB)) for both in sizes)
            consumed.write_units += units * (IN_A_TRANSACTION if model.name == "TransactWriteItems" else 1)
        elif not context["cost_counts"]:
            told = parsed.get("ConsumedCapacity", [])
            consumed.read_units += sum(it["CapacityUnits"] for it in (told if isinstance(told, list) else [told]))

    events: Any = table.client.meta.events
    with without_new_handlers(events):
        events.register("provide-client-params.dynamodb", ask)
        events.register("after-call.dynamodb", note)
        yield consumed
    looking.client.close()


class Looking:
    """A look at items that costs the measured client nothing."""

    def __init__(self, table: Table) -> None:
        self.client: Any = boto3.client("dynamodb", endpoint_url=table.client.meta.endpoint_url)
        self._table = table.name

    def size(self, key: Mapping[str, Any]) -> int:
        item = self.client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item", {})
        return item_size(item)


def _counts(params: Mapping[str, Any]) -> bool:
    return str(params.get("Key", {}).get("PK", {}).get("S", "")).startswith("USAGE#")


def _written(params: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The keys of the items that a write names."""
    actions = [
        action for it in params.get("TransactItems", [params]) for action in it.values() if isinstance(action, dict)
    ]
    for action in actions if "TransactItems" in params else [params]:
        if "Item" in action:
            yield {name: action["Item"][name] for name in ("PK", "SK")}
        elif "Key" in action:
            yield action["Key"]


def item_size(item: Mapping[str, Any]) -> int:
    """Bytes: names and values. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html"""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return len(content.lstrip("-")) // 2 + 2
        case "B":
            return len(content)
        case "SS":
            return sum(len(entry.encode()) for entry in content)
        case "L":
            return 3 + sum(1 + _value_size(entry) for entry in content)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_size(entry) for name, entry in content.items())
    return 1  # true, false
