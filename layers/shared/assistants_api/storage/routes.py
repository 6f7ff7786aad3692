"""Who answers a call to a phone number."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from assistants_api.errors import ItemUnreadable, PhoneNumberNotFound, Unavailable
from assistants_api.models.assistant import Assistant
from assistants_api.models.phone_number import PhoneNumber
from assistants_api.models.pin import choose_version
from assistants_api.storage import assistants, keys, phone_numbers, versions
from assistants_api.storage.client import races
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.table import Table
from assistants_api.storage.values import Item, ItemsByKey

MAX_REMEMBERED = 10_000  # numbers


@dataclass(frozen=True)
class Route:
    """A number with the assistant that holds it, if one does: as of the version that the number is pinned to, or else
    the newest. `lost` says why the one that should hold it is not there."""

    number: PhoneNumber
    holder: Assistant | None = None
    pinned: int | None = None
    lost: Mapping[str, Any] = field(default_factory=dict)

    @property
    def log(self) -> Mapping[str, Any]:
        """The version that answers, and the one that should and is not there."""
        if self.holder is None:
            return self.lost
        missing = self.pinned is not None and self.pinned != self.holder.version
        return {"assistant_version": self.holder.version} | ({"missing_version": self.pinned} if missing else {})


def resolve(
    table: Table, account_id: str, number: PhoneNumber, caller: str | None, items: ItemsByKey | None = None
) -> Route:
    """Raises PhoneNumberNotFound when the number was deleted meanwhile. `items` has what was read with the number.

    Number and assistant are read one after the other. If the number moves in between, the pair never existed, so it is
    read again. What two reads in a row agree on did exist: then the assistant is gone, and nobody answers, which the
    log says. A version never changes, and it is there as long as its assistant. If it were not, the newest would
    answer: a call comes first.
    """
    key, before = keys.phone_number(account_id, number.id), list[Item | None]()
    for _ in races(table.deadline):
        if number.assistant_id is None:
            return Route(number)
        holder = keys.assistant(account_id, number.assistant_id)
        pinned = choose_version(number.versions, number.id, caller) if number.versions else None
        version = keys.version(account_id, number.assistant_id, str(pinned)) if pinned else None
        wanted = [it for it in (key, holder, version) if it]
        if items is None or not items.keys() >= set(wanted):
            items = table.read(wanted)
            _remember(key, wanted[1:])
        item = items[holder]
        if item and number.id in _numbers(item):
            return _answered(number, item, items[version] if version else None, pinned)
        moved = items[key]
        if moved is None:
            raise PhoneNumberNotFound(number.id)
        if before == [moved, item]:
            return Route(number, lost={"missing_assistant": number.assistant_id})
        before = [moved, item]
        number, items = phone_numbers.from_item(moved), None
    raise Unavailable("the number is moving")


def _numbers(assistant: Item) -> Collection[str]:
    held = assistant.get("phone_number_ids")
    return held if isinstance(held, list) else ()


def _answered(number: PhoneNumber, assistant: Item, version: Item | None, pinned: int | None) -> Route:
    try:
        return Route(number, _as_of(assistant, version), pinned)
    except ItemUnreadable as fault:
        return Route(number, lost=fault.logged)


@cache
def _holders() -> dict[PrimaryKey, Sequence[PrimaryKey]]:
    """By number, what this process read last to find out who answers it."""
    return {}


def likely_keys(number: PrimaryKey) -> Sequence[PrimaryKey]:
    """Of what `resolve` will read beside the number, if nothing has changed: docs/decisions.md."""
    return _holders().get(number, ())


def _remember(number: PrimaryKey, others: Sequence[PrimaryKey]) -> None:
    holders = _holders()
    if len(holders) == MAX_REMEMBERED:
        del holders[next(iter(holders))]
    holders[number] = others


def _as_of(assistant: Item, version: Item | None) -> Assistant:
    """The assistant as it was at the version, with the numbers that it has; as it is where that can't be read."""
    if version is not None:
        with suppress(ItemUnreadable):
            numbers = {"phone_number_ids": assistant["phone_number_ids"]}
            return versions.from_item(version).assistant.model_copy(update=numbers)
    return assistants.from_item(assistant)
