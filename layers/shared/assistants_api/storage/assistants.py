"""Assistants in the table."""

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from assistants_api.errors import AssistantNotFound, ConcurrentChange
from assistants_api.models.assistant import Assistant
from assistants_api.models.ids import timestamp
from assistants_api.models.preconditions import Precondition
from assistants_api.models.text import folded
from assistants_api.storage import accounts, keys
from assistants_api.storage.actions import Put, Update
from assistants_api.storage.client import races
from assistants_api.storage.conditions import EXISTS, Condition, contains, differs, equal
from assistants_api.storage.pages import fitting
from assistants_api.storage.path_resource import PathResource
from assistants_api.storage.table import ConditionFailed, Page, Table
from assistants_api.storage.values import Item

if TYPE_CHECKING:  # what only reads an assistant does without the models of requests
    from assistants_api.models.assistant_requests import AssistantChanges, AssistantQuery


def from_item(item: Item) -> Assistant:
    return Assistant.model_validate(item)


in_path = PathResource("assistantId", keys.assistant, from_item, AssistantNotFound)


def to_item(assistant: Assistant) -> dict[str, Any]:
    pk, sk = keys.assistant(assistant.account_id, assistant.id)
    fields = _with_folded_name(assistant.model_dump())
    return {"PK": pk, "SK": sk, **fields, "phone_number_ids": set(assistant.phone_number_ids)}


def _with_folded_name(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields, and with a name its folded form to search in, since DynamoDB compares byte by byte."""
    return {**fields, "name_folded": folded(fields["name"])} if "name" in fields else fields


def create(table: Table, assistant: Assistant) -> None:
    with accounts.counted(table, assistant.account_id, "assistants", 1):
        table.put(Put(to_item(assistant)))


def page(table: Table, account_id: str, wanted: "AssistantQuery", after: str | None) -> Page[Assistant]:
    """Assistants that pass the filters, newest first."""
    conditions: list[Condition] = [
        equal(field, value)
        for field in ("type", "inbound_enabled", "outbound_enabled")
        if (value := getattr(wanted, field)) is not None
    ]
    if name := folded(wanted.name or ""):
        conditions.append(contains("name_folded", name))
    items, next_key = table.query(
        keys.partition(account_id),
        keys.ASSISTANT,
        wanted.limit,
        after=after,
        newest_first=True,
        where=reduce(and_, conditions) if conditions else None,
    )
    return fitting(items, next_key, from_item)


def change(table: Table, stored: Assistant, changes: "AssistantChanges", precondition: Precondition) -> Assistant:
    """The assistant after the changes; unchanged and unwritten when all of them are stored already.

    A change writes only its own fields, so that two at once lose nothing of each other. Only a request that states a
    version is bound to it. Raises AssistantNotFound, ReadOnlyField,
    PreconditionFailed.
    """
    write = str(uuid4())
    is_bound = precondition or changes.presumes_version
    for _ in races(table.deadline):
        precondition.check(stored)
        fields = changes.diff(stored)
        if not fields:
            return stored
        unwritten = EXISTS & differs("last_write", write)
        update = Update(
            keys.assistant(stored.account_id, stored.id),
            unwritten & as_read(stored) if is_bound else unwritten,
            set=_with_folded_name(fields) | {"updated_at": timestamp(), "last_write": write},
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


def as_read(assistant: Assistant) -> Condition:
    """That the assistant has not changed since it was read."""
    return equal("version", assistant.version)
