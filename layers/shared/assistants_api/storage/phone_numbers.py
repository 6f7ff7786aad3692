"""Phone numbers in the table, and whose they are."""

from assistants_api.errors import ConcurrentChange, PhoneNumberNotFound, PhoneNumberTaken
from assistants_api.models.phone_number import PhoneNumber, PhoneNumberChanges
from assistants_api.storage import keys
from assistants_api.storage.conditions import EXISTS, Condition, absent, equal
from assistants_api.storage.keys import Key
from assistants_api.storage.table import ConditionFailed, Item, ItemsByKey, Page, Put, Table, TransactionFailed, Update


def get(found: ItemsByKey, account_id: str, number_id: str) -> PhoneNumber:
    """The number among what was read, raises PhoneNumberNotFound."""
    item = found.get(keys.phone_number(account_id, number_id))
    if item is None:
        raise PhoneNumberNotFound(number_id)
    return from_item(item)


def keys_to_import(account_id: str, number_id: str) -> list[Key]:
    return [keys.phone_number(account_id, number_id), keys.phone_number_taken(number_id)]


def create(table: Table, found: ItemsByKey, account_id: str, number: PhoneNumber) -> PhoneNumber:
    """Imports the number, or answers the record that the account has of it. Raises PhoneNumberTaken, ConcurrentChange.

    `found` holds what was read at `keys_to_import`. The two items are written together but not read so: where one of
    them says that the number is the account's own and the other does not, it was changed in between.
    """
    owned, taken = keys_to_import(account_id, number.id)
    for _ in table.attempts():
        if record := found.get(owned):
            return from_item(record)
        if (holder := found.get(taken)) is None:
            ownership = {"PK": taken[0], "SK": taken[1], "account_id": account_id}
            try:
                table.transact([Put(ownership), Put({"PK": owned[0], "SK": owned[1], **number.model_dump()})])
                return number
            except TransactionFailed as failure:
                found = failure.items
        elif holder["account_id"] == account_id:
            found = table.read([owned, taken])
        else:
            raise PhoneNumberTaken(number.phone_number)
    raise ConcurrentChange("The phone number is being imported and deleted at the same time; try again.")


def change(table: Table, account_id: str, stored: PhoneNumber, changes: PhoneNumberChanges) -> PhoneNumber:
    """The number after the changes; unwritten when all of them are stored already. Raises PhoneNumberNotFound."""
    fields = changes.diff(stored)
    if not fields:
        return stored
    removed = [field for field, value in fields.items() if value is None]
    written = {field: value for field, value in fields.items() if value is not None}
    try:
        update = Update(keys.phone_number(account_id, stored.id), EXISTS, set=written, remove=removed)
        return from_item(table.update(update))
    except ConditionFailed:
        raise PhoneNumberNotFound(stored.id) from None


def page(table: Table, account_id: str, limit: int, after: str | None) -> Page[PhoneNumber]:
    """Numbers in the order of their digits."""
    return _page(table, account_id, limit, after, None)


def page_for_assistant(
    table: Table, account_id: str, assistant_id: str, limit: int, after: str | None
) -> Page[PhoneNumber]:
    """The same of those that are active and either free or held by the assistant."""
    available = absent("assistant_id") | equal("assistant_id", assistant_id)
    return _page(table, account_id, limit, after, equal("status", "active") & available)


def from_item(item: Item) -> PhoneNumber:
    return PhoneNumber.model_validate(item)


def _page(table: Table, account_id: str, limit: int, after: str | None, where: Condition | None) -> Page[PhoneNumber]:
    items, behind = table.query(keys.partition(account_id), keys.PHONE_NUMBER, limit, after=after, where=where)
    return [from_item(item) for item in items], behind
