"""Pages of a list that fit into a response, and what all pages have."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic_core import to_json

from assistants_api.errors import ItemUnreadable
from assistants_api.storage import keys
from assistants_api.storage.conditions import Condition
from assistants_api.storage.table import Table
from assistants_api.storage.values import Item, key_of

PAGE = 1_000  # items, of which a filter keeps few
MAX_RESPONSE_BYTES = 5_000_000  # Lambda's limit is 6 MB

Entry = TypeVar("Entry")  # what is JSON, or a model
Shown = TypeVar("Shown")


@dataclass
class Listed(Generic[Entry]):
    """A page of a list, and what would be on it if it could be read. `next_key` is the sort key that the next page
    starts after, if there is one."""

    entries: list[Entry]
    next_key: str | None
    unreadable: list[ItemUnreadable] = field(default_factory=list)

    def __add__(self, following: "Listed[Entry]") -> "Listed[Entry]":
        entries, unreadable = self.entries + following.entries, self.unreadable + following.unreadable
        return Listed(entries, following.next_key, unreadable)

    def map(self, show: Callable[[Entry], Shown]) -> "Listed[Shown]":
        return Listed([show(entry) for entry in self.entries], self.next_key, self.unreadable)


def fitting(items: Sequence[Item], next_key: str | None, from_item: Callable[[Item], Entry]) -> Listed[Entry]:
    """The page of these items, which ends early where it would be too large for a Lambda function's response."""
    page, size, last = Listed[Entry]([], next_key), 0, None
    for item in items:
        try:
            entry = from_item(item)
            size += len(to_json(to_json(entry).decode()))  # escaped twice: Lambda answers the body as a JSON string
            if size > MAX_RESPONSE_BYTES:
                page.next_key = last
                break
            page.entries.append(entry)
        except ItemUnreadable as fault:
            page.unreadable.append(fault)
        last = item["SK"]
    return page


def found(table: Table, account_id: str, prefix: str, where: Condition) -> Iterator[keys.PrimaryKey]:
    """The keys of what the account has of this kind and that fulfils the condition."""
    after: str | None = None
    while True:  # until there are no more, or the time of the request ends
        items, after = table.query(keys.partition(account_id), prefix, PAGE, after=after, where=where, attributes=())
        yield from map(key_of, items)
        if after is None:
            return
