"""Pages of a list that fit into a response."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from pydantic_core import to_json

from assistants_api.storage.table import Page
from assistants_api.storage.values import Item

MAX_RESPONSE_BYTES = 5_000_000  # Lambda's limit is 6 MB

Entry = TypeVar("Entry")  # what is JSON, or a model


def fitting(items: Sequence[Item], next_key: str | None, from_item: Callable[[Item], Entry]) -> Page[Entry]:
    """The page of these items, which ends early where it would be too large for a Lambda function's response."""
    found, size = list[Entry](), 0
    for item in items:
        entry = from_item(item)
        size += len(to_json(to_json(entry).decode()))  # escaped twice: Lambda answers the body as a JSON string
        if size > MAX_RESPONSE_BYTES:
            return found, items[len(found) - 1]["SK"]
        found.append(entry)
    return found, next_key
