"""Assistants in the table."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from assistants_api.errors import AssistantNotFound, ConcurrentChange, ItemUnreadable
from assistants_api.models.assistant import Assistant
from assistants_api.models.ids import timestamp
from assistants_api.models.preconditions import Precondition
from assistants_api.models.text import folded
from assistants_api.models.version import Actor, Version, changed_fields
from assistants_api.storage import accounts, keys, versions
from assistants_api.storage.actions import Put, Update
from assistants_api.storage.client import races
from assistants_api.storage.conditions import EXISTS, Condition, contains, equal, unchanged
from assistants_api.storage.errors import TransactionFailed
from assistants_api.storage.pages import Listed, fitting
from assistants_api.storage.readers import check_place, reader
from assistants_api.storage.resources import PathResource
from assistants_api.storage.table import Table
from assistants_api.storage.values import Item

if TYPE_CHECKING:  # what only reads an assistant does without the models of requests
    from assistants_api.models.assistant_requests import AssistantChanges, AssistantQuery

Keep = Callable[[Assistant], bool]


@reader
def from_item(item: Item) -> Assistant:
    assistant = Assistant.model_validate(item)
    check_place(item, keys.assistant(assistant.account_id, assistant.id))
    return assistant


in_path = PathResource(("assistantId",), keys.assistant, from_item, AssistantNotFound)


def to_item(assistant: Assistant) -> dict[str, Any]:
    pk, sk = keys.assistant(assistant.account_id, assistant.id)
    fields = _with_folded_name(assistant.model_dump())
    numbers = {"phone_number_ids": set(assistant.phone_number_ids), "assignments": assistant.assignments or None}
    return {"PK": pk, "SK": sk, **fields, **numbers}


def _with_folded_name(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields, and with a name its folded form to search in, since DynamoDB compares byte by byte."""
    return {**fields, "name_folded": folded(fields["name"])} if "name" in fields else dict(fields)


def create(table: Table, assistant: Assistant, actor: Actor) -> None:
    """Stores the assistant and its first version."""
    item = to_item(assistant)
    # Its id is new: a transaction that fails was done by an attempt whose answer was lost.
    with accounts.counted(table, assistant.account_id, "assistants", 1), suppress(TransactionFailed):
        table.commit([Put(item), versions.put(assistant, actor)], None, assistant)


def page(
    table: Table, account_id: str, wanted: "AssistantQuery", after: str | None, keep: Keep | None
) -> Listed[Assistant]:
    """Assistants that pass the filters and are to be kept, newest first."""
    conditions = filters(wanted)
    items, next_key = table.query(
        keys.partition(account_id),
        keys.ASSISTANT,
        wanted.limit,
        after=after,
        newest_first=True,
        where=reduce(and_, conditions) if conditions else None,
        keep=kept_items(keep, from_item),
    )
    return fitting(items, next_key, from_item)


def filters(wanted: "AssistantQuery") -> list[Condition]:
    conditions = [
        equal(field, value)
        for field in ("type", "inbound_enabled", "outbound_enabled")
        if (value := getattr(wanted, field)) is not None
    ]
    if name := folded(wanted.name or ""):
        conditions.append(contains("name_folded", name))
    return conditions


def kept_items(keep: Keep | None, from_item: Callable[[Item], Assistant]) -> Callable[[Item], bool] | None:
    """Those to be kept, and those that nobody can tell of."""
    if keep is None:
        return None

    def is_kept(item: Item) -> bool:
        try:
            return keep(from_item(item))
        except ItemUnreadable:
            return True

    return is_kept


def change(
    table: Table, stored: Assistant, changes: "AssistantChanges", precondition: Precondition, actor: Actor
) -> Assistant:
    """The assistant after the changes; unchanged and unwritten when all of them are stored already.

    Two changes at once lose nothing of each other: each writes only its own fields. Raises AssistantNotFound,
    ReadOnlyField, ChangedMeanwhile, PreconditionFailed and, when others keep changing it, ConcurrentChange.
    """
    return write(table, stored, changes.diff, precondition, actor)


def restore(table: Table, stored: Assistant, version: Version, precondition: Precondition, actor: Actor) -> Assistant:
    """The assistant with the configuration of the version, as its newest one. Raises what `change` raises."""

    def plan(stored: Assistant) -> dict[str, Any]:
        return {name: getattr(version.assistant, name) for name in changed_fields(stored, version.assistant)}

    return write(table, stored, plan, precondition, actor)


def write(
    table: Table,
    stored: Assistant,
    plan: Callable[[Assistant], Mapping[str, Any]],
    precondition: Precondition,
    actor: Actor,
) -> Assistant:
    """Writes the fields that the plan gives for what is stored, with the version that they make.

    The transaction is bound to what the plan was made from. One that fails brings back what is stored instead, and the
    next plan is made from that, so the history has a version for every change and each shows the change alone. An
    assignment at the same time is no race, but for a request that states what it presumes.
    """
    write = str(uuid4())
    for _ in races(table.deadline):
        precondition.check(stored)
        fields = plan(stored)
        after = stored.model_copy(update=fields)
        changed = changed_fields(stored, after)
        if not changed:
            return stored
        after = after.model_copy(update={"version": stored.version + 1, "updated_at": timestamp()})
        update = Update(
            keys.assistant(stored.account_id, stored.id),
            EXISTS & (as_read(stored) if precondition else equal("version", stored.version)),
            set=_with_folded_name(fields) | {"updated_at": after.updated_at, "last_write": write},
            add={"version": 1},
        )
        try:
            table.commit([update, versions.put(after, actor, changed)], stored, after)
            return after
        except TransactionFailed as failure:
            item = failure.items.get(update.key)
            if item is None:
                raise AssistantNotFound(stored.id) from None
            stored = from_item(item)
            if item.get("last_write") == write:
                return stored  # written by the attempt whose answer was lost
    raise ConcurrentChange("The assistant is being changed by others; GET it, then send your change again.")


def as_read(assistant: Assistant) -> Condition:
    """That neither the configuration nor the numbers of the assistant have changed since it was read."""
    return unchanged({"version": assistant.version, "assignments": assistant.assignments or None})
