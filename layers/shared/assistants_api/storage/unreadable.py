"""Deleting what can't be read: with it goes all that its key and other items tell of it.

Nothing is bound to what was read. A side of it that is not as expected is left as it is, so that a fault there does not
keep the other one.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from assistants_api.errors import ConcurrentChange, MalformedId
from assistants_api.models.ids import timestamp
from assistants_api.models.version import Actor
from assistants_api.storage import accounts, assignments, deleted_assistants, keys, versions
from assistants_api.storage.actions import Action, Delete, Put
from assistants_api.storage.client import races
from assistants_api.storage.conditions import EXISTS, contains, equal
from assistants_api.storage.errors import TransactionFailed
from assistants_api.storage.pages import fitting, found
from assistants_api.storage.resources import Unreadable
from assistants_api.storage.table import Table

NEWEST = 10  # versions, of which the newest that can be read is kept


def delete_assistant(table: Table, assistant: Unreadable, actor: Actor) -> None:
    """Releases the numbers that it answered: it answers none any more. What is kept for a restore is its newest version
    that can be read, with these numbers. Raises ConcurrentChange."""
    account_id = assistant.account_id
    of_numbers = equal("assistant_id", assistant.id)
    numbers = sorted(keys.named(key)[1] for key in found(table, account_id, keys.PHONE_NUMBER, of_numbers))
    actions: list[Action] = [Delete(assistant.key, EXISTS), *_kept(table, assistant, numbers, actor)]
    releases = [assignments.release(account_id, number, assistant.id, actor) for number in numbers]
    room = table.max_actions - len(actions)
    for start in range(room, len(releases), room):
        _write(table.before_commit(), assistant, releases[start : start + room])
    with suppress(TransactionFailed), accounts.counted(table, account_id, "assistants", -1):
        _write(table, assistant, [*actions, *releases[:room]])


def delete_number(table: Table, number: Unreadable) -> None:
    """Gives the number up, and takes it from the assistant that holds it. Raises ConcurrentChange."""
    account_id = number.account_id
    actions: list[Action] = [
        Delete(number.key, EXISTS),
        Delete(keys.phone_number_taken(number.id), equal("account_id", account_id)),
    ]
    actions += [assignments.take_from(account_id, it, [number.id], timestamp()) for it in _holders(table, number)]
    with suppress(TransactionFailed), accounts.counted(table, account_id, "phone_numbers", -1):
        _write(table, number, actions)


def _kept(table: Table, assistant: Unreadable, numbers: Sequence[str], actor: Actor) -> Iterator[Put]:
    partition, prefix = keys.partition(assistant.account_id), keys.versions(assistant.id)
    items, _ = table.query(partition, prefix, NEWEST, newest_first=True)
    for version in fitting(items, None, versions.from_item).entries[:1]:
        counted = assistant.item.get("assignments")
        known = {"phone_number_ids": numbers, "assignments": counted if isinstance(counted, int) else 0}
        yield deleted_assistants.put(version.assistant.model_copy(update=known), actor)


def _holders(table: Table, number: Unreadable) -> Iterable[str]:
    """The ids of the assistants that list the number: that which it names, or whichever if its word is none."""
    named = number.item.get("assistant_id")
    if named is None:
        return []
    with suppress(MalformedId, TypeError, AttributeError):
        keys.assistant(number.account_id, named)
        return [named]
    listing = contains("phone_number_ids", number.id)
    return [keys.named(key)[1] for key in found(table, number.account_id, keys.ASSISTANT, listing)]


def _write(table: Table, resource: Unreadable, actions: Sequence[Action]) -> None:
    """Does the actions, but for those that find something else. Raises TransactionFailed if the resource is gone."""
    for _ in races(table.deadline):
        try:
            table.commit(actions, resource, None)
            return
        except TransactionFailed as failure:
            if resource.key in failure.items:
                raise
            actions = [action for action in actions if action.key not in failure.items]
    raise ConcurrentChange("Others are changing it at the same time; try again.")
