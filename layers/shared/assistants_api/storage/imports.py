"""Assistants that are imported: made, or changed where they are there already."""

from collections.abc import Mapping
from typing import Any

from assistants_api.errors import AssistantDeleted, AssistantNotFound, ConcurrentChange, MaximumReached, NameNotUnique
from assistants_api.models.account import Account
from assistants_api.models.assistant import Assistant
from assistants_api.models.export import AssistantImport, ImportedAssistant
from assistants_api.models.preconditions import NONE
from assistants_api.models.text import folded
from assistants_api.models.version import Actor
from assistants_api.storage import accounts, assistants, keys, versions
from assistants_api.storage.actions import Put
from assistants_api.storage.client import races
from assistants_api.storage.conditions import equal
from assistants_api.storage.errors import TransactionFailed
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.resources import BodyResource
from assistants_api.storage.table import Table


def _key(account_id: str, body: AssistantImport) -> PrimaryKey | None:
    assistant_id = body.export.assistant_id(account_id)
    return keys.assistant(account_id, assistant_id) if assistant_id else None


of_external_id = BodyResource(_key, assistants.from_item)


def carry_out(
    table: Table,
    account: Account,
    stored: Assistant | None,
    export: ImportedAssistant,
    configuration: Mapping[str, Any],
    actor: Actor,
) -> Assistant:
    """The assistant as the export says. `stored` is that of its external id, `configuration` its template's, for a new
    one.

    Raises NameNotUnique, AnotherTemplate, MaximumReached, AssistantDeleted and ConcurrentChange.
    """
    new = export.to_assistant(account.id, configuration)
    if not export.external_id:
        stored = _of_name(table, account.id, export.configuration.name)
    for _ in races(table.deadline):
        if stored is None:
            stored = _create(table, account, new, actor)
            if stored is None:
                return new
        try:
            return assistants.write(table, stored, export.diff, NONE, actor)
        except AssistantNotFound:
            stored = None  # deleted meanwhile
    raise ConcurrentChange("The assistant is being imported or changed by others; send the import again.")


def _create(table: Table, account: Account, new: Assistant, actor: Actor) -> Assistant | None:
    """None, or the assistant that is there already. Raises MaximumReached and AssistantDeleted."""
    put = Put(assistants.to_item(new))
    try:
        accounts.check_room(account, "assistants")
        with accounts.counted(table, account.id, "assistants", 1):
            table.commit([put, versions.put(new, actor)], None, new)
        return None
    except MaximumReached:
        stored = table.read([put.key])[put.key]
        if stored is None:
            raise
    except TransactionFailed as failure:
        stored = failure.items.get(put.key)
        if stored is None:  # so its history is in the way
            raise AssistantDeleted(new.id) from None
    return assistants.from_item(stored)


def _of_name(table: Table, account_id: str, name: str) -> Assistant | None:
    """Raises NameNotUnique."""
    same_name = equal("name_folded", folded(name))
    found, more = table.query(keys.partition(account_id), keys.ASSISTANT, 2, newest_first=True, where=same_name)
    if more or len(found) > 1:
        raise NameNotUnique(name)
    return assistants.from_item(found[0]) if found else None
