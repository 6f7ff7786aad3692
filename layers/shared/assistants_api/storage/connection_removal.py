"""Deleting a telephony connection while others import numbers through it.

Each import counts itself on the connection, in the transaction that stores the number. So a deletion that is bound to
that count has seen the numbers of all imports, and an import after it finds no connection.
"""

from assistants_api.errors import ConcurrentChange, ConnectionHasPhoneNumbers
from assistants_api.models.preconditions import Precondition
from assistants_api.models.telephony_connection import TelephonyConnection
from assistants_api.storage import accounts, keys
from assistants_api.storage.actions import Delete
from assistants_api.storage.client import races
from assistants_api.storage.conditions import EXISTS, Condition, equal, unchanged
from assistants_api.storage.errors import TransactionFailed
from assistants_api.storage.pages import found
from assistants_api.storage.resources import Unreadable, even_unreadable
from assistants_api.storage.table import Table
from assistants_api.storage.telephony_connections import as_read, from_item

Stored = TelephonyConnection | Unreadable


def remove(table: Table, account_id: str, stored: Stored, force: bool, precondition: Precondition) -> None:
    """Deletes the connection with its secrets; with `force` also one through which numbers were imported.

    Raises ConnectionHasPhoneNumbers, PreconditionFailed and, when others keep importing, ConcurrentChange.
    """
    key = keys.connection(account_id, stored.id)
    for _ in races(table.deadline):
        precondition.check(stored)
        if not force:
            _check_unused(table, account_id, stored.id)
        try:
            with accounts.counted(table, account_id, "telephony_connections", -1):
                table.commit([Delete(key, _condition(stored, force, precondition))], stored, None)
            return
        except TransactionFailed as failure:
            item = failure.items.get(key)
            if item is None:
                return  # it is gone, perhaps by an attempt whose answer was lost
            stored = even_unreadable(from_item, item)
    raise ConcurrentChange("Others are importing numbers through the connection at the same time; try again.")


def _check_unused(table: Table, account_id: str, connection_id: str) -> None:
    numbers = sum(1 for _ in found(table, account_id, keys.PHONE_NUMBER, equal("connection_id", connection_id)))
    if numbers:
        raise ConnectionHasPhoneNumbers(numbers)


def _condition(stored: Stored, force: bool, precondition: Precondition) -> Condition:
    condition = as_read(stored) if precondition and isinstance(stored, TelephonyConnection) else EXISTS
    return condition if force else condition & unchanged({"imports": _imports(stored)})


def _imports(stored: Stored) -> object:
    return stored.item.get("imports") if isinstance(stored, Unreadable) else stored.imports or None
