"""The history of an assistant in the table: an item for each version, written with the change and never changed.

The item holds the assistant as it was, as JSON, compressed where that saves half.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from assistants_api.errors import VersionNotFound
from assistants_api.models.assistant import CONFIGURATION, Assistant
from assistants_api.models.version import Actor, Version, VersionSummary
from assistants_api.storage import keys
from assistants_api.storage.actions import ConditionCheck, Delete, Put
from assistants_api.storage.compressed import pack_text, unpack_text
from assistants_api.storage.conditions import absent
from assistants_api.storage.errors import TransactionFailed
from assistants_api.storage.pages import Listed, fitting
from assistants_api.storage.readers import reader
from assistants_api.storage.resources import PathResource
from assistants_api.storage.table import MAX_ACTIONS, Table
from assistants_api.storage.values import Item, key_of

MAX_DELETED = 10  # versions in a transaction, which has 4 MB at most; an item has up to 400 KB
SUMMARY = ("version", "created_at", "changed_by_id", "changed_by_name", "changed_fields")


def put(assistant: Assistant, actor: Actor, changed_fields: Iterable[str] = CONFIGURATION) -> Put:
    """The action that stores the version of the assistant, in the transaction that makes it."""
    pk, sk = keys.version(assistant.account_id, assistant.id, str(assistant.version))
    return Put(
        {
            "PK": pk,
            "SK": sk,
            "version": assistant.version,
            "created_at": assistant.updated_at,
            "changed_by_id": actor.id,
            "changed_by_name": actor.name,
            "changed_fields": set(changed_fields),
            **pack_text("assistant", assistant.model_dump_json()),
        }
    )


@reader
def from_item(item: Item) -> Version:
    assistant = Assistant.model_validate_json(unpack_text("assistant", item))
    return Version(**summary(item).model_dump(), assistant=assistant)


@reader
def summary(item: Item) -> VersionSummary:
    changed_by = {"id": item["changed_by_id"], "name": item["changed_by_name"]}
    return VersionSummary.model_validate({**item, "changed_by": changed_by})


in_path = PathResource(("assistantId", "version"), keys.version, from_item, VersionNotFound)


def get(table: Table, assistant: Assistant, version: int) -> Version:
    """Raises VersionNotFound."""
    key = keys.version(assistant.account_id, assistant.id, str(version))
    item = table.read([key])[key]
    if item is None:
        raise VersionNotFound(assistant.id, str(version))
    return from_item(item)


def page(table: Table, assistant: Assistant, limit: int, after: str | None) -> Listed[VersionSummary]:
    """Newest first, without the snapshots."""
    items, next_key = table.query(
        keys.partition(assistant.account_id),
        keys.versions(assistant.id),
        limit,
        after=after,
        newest_first=True,
        attributes=SUMMARY,
    )
    return fitting(items, next_key, summary)


def purge(table: Table, account_id: str, assistant_id: str) -> int:
    """Deletes the counts of calls and the history of an assistant that is gone for good, and counts its versions. One
    that is there, or could be restored, keeps them.

    While the first version is there, no import makes an assistant of this id: so the counts go before all versions,
    and that one last. If the time of the request is used up, that is Unavailable, and the next call goes on from there.
    """
    homes = [keys.assistant(account_id, assistant_id), keys.deleted_assistant(account_id, assistant_id)]
    is_gone, purged = [ConditionCheck(key, absent("PK")) for key in homes], 0
    with suppress(TransactionFailed):  # it is not gone
        for counts in _deletions(table, account_id, keys.call_days(assistant_id), MAX_ACTIONS - len(is_gone)):
            table.transact([*is_gone, *counts])
        for history in _deletions(table, account_id, keys.versions(assistant_id), MAX_DELETED):
            table.transact([*is_gone, *history])
            purged += len(history)
    return purged


def _deletions(table: Table, account_id: str, prefix: str, size: int) -> Iterator[list[Delete]]:
    """Those of a transaction each, in the reverse order of their sort keys."""
    after: str | None = None
    while True:  # until there are no more, or the time of the request ends
        items, after = table.query(
            keys.partition(account_id), prefix, size, after=after, newest_first=True, attributes=()
        )
        if items:
            yield [Delete(key_of(item)) for item in items]
        if after is None:
            return
