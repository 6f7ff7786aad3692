"""Assistants that are imported: made, or changed where they are there already."""

from collections.abc import Mapping
from typing import Any

from assistants_api.errors import AssistantDeleted, AssistantNotFound, ConcurrentChange, NameNotUnique
from assistants_api.models.account import Account
from assistants_api.models.assistant import Assistant
from assistants_api.models.export import ImportedAssistant
from assistants_api.models.preconditions import NONE
from assistants_api.models.text import folded
from assistants_api.models.version import Actor
from assistants_api.storage import accounts, assistants, keys, versions
from assistants_api.storage.actions import Put
from assistants_api.storage.client import races
from assistants_api.storage.conditions import equal
from assistants_api.storage.errors import TransactionFailed
from assistants_api.storage.table import Table


def carry_out(
    table: Table, account: Account, export: ImportedAssistant, configuration: Mapping[str, Any], actor: Actor
) -> Assistant:
    """The assistant as the export says; `configuration` is its template's, for a new one.

    Raises NameNotUnique, ReadOnlyField, MaximumReached and ConcurrentChange.
    """
    new = export.to_assistant(account.id, configuration)
    for _ in races(table.deadline):
        if stored := _find(table, account.id, export):
            try:
                return assistants.write(table, stored, export.diff, NONE, actor)
            except AssistantNotFound:
                continue  # deleted meanwhile
        accounts.check_room(account, "assistants")
        item = assistants.to_item(new)
        try:
            with accounts.counted(table, account.id, "assistants", 1):
                table.commit([Put(item), versions.put(new, actor)], None, new)
            return new
        except TransactionFailed as failure:
            if Put(item).key not in failure.items:  # so its history is there, and the id is not free
                raise AssistantDeleted(new.id) from None
            # Else it was imported meanwhile, perhaps by an attempt whose answer was lost.
    raise ConcurrentChange("The assistant is being imported or changed by others; send the import again.")


def _find(table: Table, account_id: str, export: ImportedAssistant) -> Assistant | None:
    """The assistant that the export means. Raises NameNotUnique."""
    if assistant_id := export.assistant_id(account_id):
        key = keys.assistant(account_id, assistant_id)
        item = table.read([key])[key]
        return assistants.from_item(item) if item else None
    name = export.configuration.name
    same_name = equal("name_folded", folded(name))
    found, more = table.query(keys.partition(account_id), keys.ASSISTANT, 2, newest_first=True, where=same_name)
    if more or len(found) > 1:
        raise NameNotUnique(name)
    return assistants.from_item(found[0]) if found else None
