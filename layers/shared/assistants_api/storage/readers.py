"""Readers make models of items. An item that is not what this release stores, such as one that somebody wrote by hand,
is ItemUnreadable: an error of that one alone, which names it and says in the log why.
"""

import zlib
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from pydantic import ValidationError

from assistants_api.errors import ItemUnreadable, MalformedId
from assistants_api.storage import keys
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.values import Item, key_of

Model = TypeVar("Model")

# Of a conversion. An id that is malformed in the table is no fault of the request.
FAULTS = (ValueError, TypeError, KeyError, AttributeError, OverflowError, zlib.error, MalformedId)


def reader(convert: Callable[[Item], Model]) -> Callable[[Item], Model]:
    """The conversion, which raises ItemUnreadable for an item that it can't read."""

    @wraps(convert)
    def read(item: Item) -> Model:
        try:
            return convert(item)
        except FAULTS as fault:
            raise unreadable(key_of(item), fault) from None

    return read


def unreadable(key: PrimaryKey, fault: Exception) -> ItemUnreadable:
    return ItemUnreadable(*keys.named(key), reason(fault), keys.can_be_deleted(key))


def reason(fault: Exception) -> str:
    """It names fields, and nothing of what they hold."""
    if isinstance(fault, ValidationError):
        faults = fault.errors(include_input=False, include_url=False, include_context=False)
        return "; ".join(f"{'.'.join(map(str, each['loc']))} {each['msg']}" for each in faults)
    if isinstance(fault, MalformedId | Misfit):
        return str(fault)
    return repr(fault) if isinstance(fault, KeyError | zlib.error) else type(fault).__name__


class Misfit(ValueError):
    """What no model tells. The message holds nothing of the item."""


def check_place(item: Item, key: PrimaryKey) -> None:
    """Raises Misfit for an item whose key is another one: a write would go to that."""
    if key != key_of(item):
        raise Misfit("its key is another item's")
