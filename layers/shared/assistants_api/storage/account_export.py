"""Everything of an account as records for an export, page by page: each is one thing as its owner sees it.

No record holds a secret: of API keys there are the hashes that are their ids, of connections the names of credentials.
What repeats something else is left out: the copies of calls by their ids, answers under idempotency keys, and counts of
requests, which last for an hour.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from assistants_api.errors import InvalidCursor, ItemUnreadable
from assistants_api.storage import (
    accounts,
    api_keys,
    assistants,
    call_usage,
    calls,
    deleted_assistants,
    keys,
    phone_numbers,
    telephony_connections,
    versions,
)
from assistants_api.storage.pages import Listed, fitting
from assistants_api.storage.table import Table
from assistants_api.storage.values import Item

Record = Mapping[str, Any]  # JSON
PAGE = 1_000  # records


@dataclass(frozen=True)
class Kind:
    """`prefix` is what the sort keys start with."""

    name: str
    prefix: str
    record: Callable[[Item], Record]

    def of_item(self, item: Item) -> Record:
        """What can't be read is a record too, so that nobody takes the export for all that there is."""
        try:
            return {"kind": self.name, **self.record(item)}
        except ItemUnreadable as fault:
            return {"kind": "unreadable", "key": item["SK"], "reason": fault.reason}


def _call_count(item: Item) -> Record:
    assistant_id, _, day = item["SK"].removeprefix(keys.CALL_DAY).partition("#")
    return {"assistant_id": assistant_id, "day": day, **asdict(call_usage.from_item(item))}


KINDS = [  # in the order of the export
    Kind("account", keys.ACCOUNT_ITEM, lambda item: accounts.from_item(item).to_public()),
    Kind("api_key", keys.API_KEY, lambda item: api_keys.from_item(item).to_public()),
    Kind("assistant", keys.ASSISTANT, lambda item: assistants.from_item(item).to_public()),
    Kind("deleted_assistant", keys.DELETED_ASSISTANT, lambda item: deleted_assistants.from_item(item).to_public()),
    Kind("version", keys.VERSION, lambda item: versions.from_item(item).to_public()),
    Kind("phone_number", keys.PHONE_NUMBER, lambda item: phone_numbers.from_item(item).to_public()),
    Kind("telephony_connection", keys.CONNECTION, lambda item: telephony_connections.from_item(item).to_public()),
    Kind("call", keys.CALL, lambda item: calls.from_item(item).to_public()),
    Kind("call_count", keys.CALL_DAY, _call_count),
]


def page(table: Table, account_id: str, cursor: str | None) -> Listed[Record]:
    """The records after the cursor, as many as one answer holds, of one kind. Raises InvalidCursor."""
    kind, after = _position(cursor)
    items, next_key = table.query(keys.partition(account_id), kind.prefix, PAGE, after=after)
    page = fitting(items, next_key, kind.of_item)
    return replace(page, next_key=page.next_key or _start_after(kind))


def _position(cursor: str | None) -> tuple[Kind, str | None]:
    """The kind to go on with, and the sort key to go on after: the cursor, unless a kind begins with it."""
    if cursor is None:
        return KINDS[0], None
    kind = next((kind for kind in KINDS if cursor.startswith(kind.prefix)), None)
    if kind is None:
        raise InvalidCursor("The cursor is not the next_cursor of a page before; start again without it.")
    return kind, None if cursor == kind.prefix else cursor


def _start_after(kind: Kind) -> str | None:
    following = KINDS[KINDS.index(kind) + 1 :]
    return following[0].prefix if following else None
