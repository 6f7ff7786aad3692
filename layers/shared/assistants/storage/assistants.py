"""Assistants in the table."""

from typing import Any
from uuid import uuid4

from boto3.dynamodb.conditions import Attr

from assistants.errors import AssistantNotFound, ConcurrentChange
from assistants.models.assistant import Assistant, AssistantChanges, check_precondition
from assistants.models.ids import timestamp
from assistants.storage import keys
from assistants.storage.table import EXISTS, ConditionFailed, Found, Item, Put, Table, Update


def get(found: Found, account_id: str, assistant_id: str) -> Assistant:
    """The assistant among what was read, raises AssistantNotFound."""
    item = found.get(keys.assistant(account_id, assistant_id))
    if item is None:
        raise AssistantNotFound(assistant_id)
    return from_item(item)


def from_item(item: Item) -> Assistant:
    return Assistant.model_validate(item)


def to_item(assistant: Assistant) -> dict[str, Any]:
    pk, sk = keys.assistant(assistant.account_id, assistant.id)
    return {"PK": pk, "SK": sk, **assistant.model_dump(), "phone_number_ids": set(assistant.phone_number_ids)}


def create(table: Table, assistant: Assistant) -> None:
    table.put(Put(to_item(assistant)))


def change(table: Table, stored: Assistant, changes: AssistantChanges, if_match: str | None) -> Assistant:
    """The assistant after the changes; unchanged and unwritten when all of them are stored already.

    A change writes only its own fields, so that two at once lose nothing of each other and none has to wait. Only a
    request that states the version it means is bound to it. Raises AssistantNotFound, ReadOnlyField,
    PreconditionFailed.
    """
    write = str(uuid4())
    bound = if_match is not None or changes.presumes_version
    for _ in range(3):
        check_precondition(stored, if_match)
        fields = changes.against(stored)
        if not fields:
            return stored
        unwritten = Attr("last_write").not_exists() | Attr("last_write").ne(write)
        update = Update(
            keys.assistant(stored.account_id, stored.id),
            EXISTS & unwritten & Attr("version").eq(stored.version) if bound else EXISTS & unwritten,
            set=fields | {"updated_at": timestamp(), "last_write": write},
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
