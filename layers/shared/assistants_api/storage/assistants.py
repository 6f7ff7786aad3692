"""Assistants in the table."""

from functools import reduce
from operator import and_
from typing import Any
from uuid import uuid4

from pydantic_core import to_json

from assistants_api.errors import AssistantNotFound, ConcurrentChange
from assistants_api.models.assistant import Assistant, AssistantChanges, AssistantPage, check_precondition
from assistants_api.models.ids import timestamp
from assistants_api.storage import keys
from assistants_api.storage.conditions import EXISTS, Condition, absent, contains, differs, equal
from assistants_api.storage.table import ConditionFailed, Item, ItemsByKey, Page, Put, Table, Update

MAX_RESPONSE_BYTES = 5_000_000  # Lambda's limit is 6 MB


def get(found: ItemsByKey, account_id: str, assistant_id: str) -> Assistant:
    """The assistant among what was read, raises AssistantNotFound."""
    item = found.get(keys.assistant(account_id, assistant_id))
    if item is None:
        raise AssistantNotFound(assistant_id)
    return from_item(item)


def from_item(item: Item) -> Assistant:
    return Assistant.model_validate(item)


def to_item(assistant: Assistant) -> dict[str, Any]:
    pk, sk = keys.assistant(assistant.account_id, assistant.id)
    fields = _findable(assistant.model_dump())
    return {"PK": pk, "SK": sk, **fields, "phone_number_ids": set(assistant.phone_number_ids)}


def _findable(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields, and beside a name its case-folded form, since DynamoDB compares to the letter."""
    return {**fields, "name_folded": fields["name"].casefold()} if "name" in fields else fields


def create(table: Table, assistant: Assistant) -> None:
    table.put(Put(to_item(assistant)))


def page(table: Table, account_id: str, wanted: AssistantPage, after: str | None) -> Page[Assistant]:
    """Assistants that pass the filters, newest first.

    A page ends early where it would be too large for a Lambda function's response.
    """
    conditions: list[Condition] = [
        equal(field, value)
        for field in ("type", "inbound_enabled", "outbound_enabled")
        if (value := getattr(wanted, field)) is not None
    ]
    if wanted.name is not None:
        conditions.append(contains("name_folded", wanted.name.casefold()))
    items, behind = table.query(
        keys.partition(account_id),
        keys.ASSISTANT,
        wanted.limit,
        after=after,
        newest_first=True,
        where=reduce(and_, conditions) if conditions else None,
    )
    found, size = list[Assistant](), 0
    for item in items:
        assistant = from_item(item)
        size += len(to_json(to_json(assistant).decode()))  # escaped twice: Lambda answers the body as a JSON string
        if size > MAX_RESPONSE_BYTES:
            return found, items[len(found) - 1]["SK"]
        found.append(assistant)
    return found, behind


def change(table: Table, stored: Assistant, changes: AssistantChanges, if_match: str | None) -> Assistant:
    """The assistant after the changes; unchanged and unwritten when all of them are stored already.

    A change writes only its own fields, so that two at once lose nothing of each other and none has to wait. Only a
    request that states the version it means is bound to it. Raises AssistantNotFound, ReadOnlyField,
    PreconditionFailed.
    """
    write = str(uuid4())
    bound = if_match is not None or changes.presumes_version
    for _ in table.attempts():
        check_precondition(stored, if_match)
        fields = changes.diff(stored)
        if not fields:
            return stored
        unwritten = absent("last_write") | differs("last_write", write)
        update = Update(
            keys.assistant(stored.account_id, stored.id),
            EXISTS & unwritten & equal("version", stored.version) if bound else EXISTS & unwritten,
            set=_findable(fields) | {"updated_at": timestamp(), "last_write": write},
            add={"version": 1},
        )
        try:
            return from_item(table.update(update))
        except ConditionFailed as failure:
            if failure.item is None:
                raise AssistantNotFound(stored.id) from None
            stored = from_item(failure.item)
            if failure.item.get("last_write") == write:
                return stored  # written by the attempt whose answer was lost
    raise ConcurrentChange("The assistant is being changed by others; GET it, then send your change again.")
