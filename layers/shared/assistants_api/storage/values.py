"""Python values as DynamoDB's, and back.

Text, booleans, integers, bytes, lists, dicts and sets of text map to S, BOOL, N, B, L, M and SS. A float is stored as
text (S), since a DynamoDB number has another range and rounds, and what is stored has to come back as it was. None and
empty sets, which DynamoDB doesn't have, are left out. A set comes back as a sorted list.

Other types come back as what is nearest, so that whoever made the item decides how much of it can be read: a reader
refuses one item and not the whole answer of DynamoDB.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from assistants_api.storage.keys import PrimaryKey

Item = Mapping[str, Any]
ItemsByKey = Mapping[PrimaryKey, Item | None]  # what a read or a failed transaction saw under each key


def pack_keys(keys: Iterable[PrimaryKey]) -> list[dict[str, Any]]:
    return [pack_key(key) for key in keys]


def unpack_by_key(items: Iterable[Mapping[str, Any]]) -> dict[PrimaryKey, Item | None]:
    return {key_of(item): item for item in map(unpack, items)}


def key_of(item: Item) -> PrimaryKey:
    return item["PK"], item["SK"]


def pack_key(key: PrimaryKey) -> dict[str, Any]:
    return {"PK": {"S": key[0]}, "SK": {"S": key[1]}}


def pack(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _pack_value(value) for name, value in values.items() if value is not None and value != set()}


def unpack(item: Mapping[str, Any]) -> Item:
    return {name: _unpack_value(value) for name, value in item.items()}


def _pack_value(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case float():
            return {"S": repr(value)}
        case set():
            return {"SS": sorted(value)}
        case list():
            return {"L": [_pack_value(entry) for entry in value]}
        case dict():
            return {"M": pack(value)}
        case bytes():
            return {"B": value}
    raise TypeError(f"There is no DynamoDB type for {type(value).__name__}.")


def _unpack_value(value: Mapping[str, Any]) -> Any:
    ((kind, content),) = value.items()
    match kind:
        case "S" | "BOOL" | "B":
            return content
        case "N":
            return _number(content)
        case "SS" | "BS":
            return sorted(content)
        case "NS":
            return sorted(map(_number, content))
        case "NULL":
            return None
        case "L":
            return [_unpack_value(entry) for entry in content]
        case "M":
            return unpack(content)
    raise TypeError(f"DynamoDB has no type {kind}.")


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:  # none of ours
        return float(text)
