"""Deleted assistants in the table. Each can be restored until DynamoDB's TTL removes its item, and its versions stay as
long; the stream's record of the removal then deletes those too.

TTL is late by up to some days, so an item past its time is treated as gone.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial, reduce
from operator import and_
from typing import TYPE_CHECKING
from uuid import uuid4

from assistants_api.errors import ConcurrentChange, DeletedAssistantNotFound
from assistants_api.models.assistant import Assistant
from assistants_api.models.deleted_assistant import RESTORABLE_SECONDS, DeletedAssistant, RestoredAssistant
from assistants_api.models.ids import timestamp
from assistants_api.models.preconditions import Precondition
from assistants_api.models.version import Actor
from assistants_api.storage import accounts, assistants, keys
from assistants_api.storage.actions import Delete, Put
from assistants_api.storage.client import races
from assistants_api.storage.conditions import above
from assistants_api.storage.errors import TransactionFailed
from assistants_api.storage.pages import Listed, fitting
from assistants_api.storage.readers import reader
from assistants_api.storage.resources import PathResource
from assistants_api.storage.table import Table
from assistants_api.storage.values import Item, key_of

if TYPE_CHECKING:
    from assistants_api.models.assistant_requests import AssistantQuery


@reader
def from_item(item: Item) -> DeletedAssistant:
    fields = {
        "deleted_by": {"id": item["deleted_by_id"], "name": item["deleted_by_name"]},
        "restorable_until": timestamp(datetime.fromtimestamp(int(item["ttl"]), UTC)),
    }
    return DeletedAssistant.model_validate({**item, **fields})


def put(assistant: Assistant, actor: Actor) -> Put:
    """The action that keeps the assistant as it is, in the transaction that deletes it."""
    pk, sk = keys.deleted_assistant(assistant.account_id, assistant.id)
    now = int(time.time())
    deletion = {
        "deleted_at": timestamp(datetime.fromtimestamp(now, UTC)),
        "deleted_by_id": actor.id,
        "deleted_by_name": actor.name,
        "ttl": now + RESTORABLE_SECONDS,
    }
    return Put({**assistants.to_item(assistant), **deletion, "PK": pk, "SK": sk})


def _restorable(item: Item) -> DeletedAssistant:
    """Raises DeletedAssistantNotFound for one past its time."""
    deleted = from_item(item)
    if not deleted.is_restorable(datetime.now(UTC)):
        raise DeletedAssistantNotFound(deleted.id)
    return deleted


in_path = PathResource(("assistantId",), keys.deleted_assistant, _restorable, DeletedAssistantNotFound)


def page(
    table: Table, account_id: str, wanted: "AssistantQuery", after: str | None, keep: assistants.Keep | None
) -> Listed[DeletedAssistant]:
    """Deleted assistants that pass the filters, are to be kept and can be restored: the one created last comes
    first."""
    in_time = above("ttl", int(time.time()))
    items, next_key = table.query(
        keys.partition(account_id),
        keys.DELETED_ASSISTANT,
        wanted.limit,
        after=after,
        newest_first=True,
        where=reduce(and_, [in_time, *assistants.filters(wanted)]),
        keep=assistants.kept_items(keep, from_item),
    )
    return fitting(items, next_key, from_item)


def restore(table: Table, deleted: DeletedAssistant, precondition: Precondition, actor: Actor) -> RestoredAssistant:
    """The assistant as it is again, and the ids of the numbers that it held and that are free now.

    The numbers are read while the transaction is under way, but before it where an idempotency key needs the answer.
    It is bound to the deletion that was read: if the assistant was restored and deleted again meanwhile, the next
    attempt undoes the deletion that stands. Raises DeletedAssistantNotFound, PreconditionFailed and, when others keep
    changing it, ConcurrentChange.
    """
    for _ in races(table.deadline):
        precondition.check(deleted)
        restored = RestoredAssistant(deleted.restored(), _free_numbers(table, deleted))
        try:
            with accounts.counted(table, deleted.account_id, "assistants", 1):
                _put_back(table, deleted, restored, actor)
            return restored
        except TransactionFailed as failure:
            item = failure.items.get(keys.deleted_assistant(deleted.account_id, deleted.id))
            if item is None:
                raise DeletedAssistantNotFound(deleted.id) from None
            deleted = _restorable(item)
    raise ConcurrentChange("The assistant is being restored and deleted at the same time; try again.")


def _put_back(table: Table, deleted: DeletedAssistant, restored: RestoredAssistant, actor: Actor) -> None:
    """Raises TransactionFailed, but not where an attempt whose answer was lost did it."""
    marks = {"last_write": str(uuid4()), "restored_by_id": actor.id}
    item = assistants.to_item(restored.assistant) | marks
    gone = Delete(keys.deleted_assistant(deleted.account_id, deleted.id), assistants.as_read(deleted))
    try:
        table.commit([gone, Put(item)], None, restored)
    except TransactionFailed as failure:
        found = failure.items.get(key_of(item))
        if not found or found.get("last_write") != item["last_write"]:
            raise


def _free_numbers(table: Table, deleted: DeletedAssistant) -> Callable[[], list[str]]:
    """Begins to read the numbers that it held; what is returned tells which of them it could be assigned."""
    numbers = {keys.phone_number(deleted.account_id, number): number for number in deleted.phone_number_ids}
    read = table.run_in_background(partial(table.read_many, [*numbers]))

    def free() -> list[str]:
        items = read.result()
        return [numbers[key] for key, item in items.items() if item and _is_free(item)]

    return free


def _is_free(number: Item) -> bool:
    return number.get("status") == "active" and "assistant_id" not in number
