"""Phone numbers in the table, and whose they are."""

from contextlib import suppress

from assistants_api.errors import ConcurrentChange, MaximumReached, PhoneNumberNotFound, PhoneNumberTaken
from assistants_api.models.account import Account
from assistants_api.models.assistant import Assistant
from assistants_api.models.e164 import read_number
from assistants_api.models.phone_number import NewPhoneNumber, PhoneNumber, PhoneNumberChanges
from assistants_api.models.preconditions import NONE, Precondition
from assistants_api.storage import accounts, keys
from assistants_api.storage.actions import Put, Update
from assistants_api.storage.client import races
from assistants_api.storage.conditions import EXISTS, Condition, absent, equal, unchanged
from assistants_api.storage.errors import TransactionFailed
from assistants_api.storage.pages import fitting
from assistants_api.storage.path_resource import PathResource
from assistants_api.storage.table import Page, Table
from assistants_api.storage.values import Item


def from_item(item: Item) -> PhoneNumber:
    return PhoneNumber.model_validate(item)


in_path = PathResource(("phoneNumberId",), keys.phone_number, from_item, PhoneNumberNotFound)
called = PathResource(
    ("phoneNumber",), keys.called_number, from_item, lambda text: PhoneNumberNotFound(read_number(text) or text)
)


def create(table: Table, account: Account, new: NewPhoneNumber) -> PhoneNumber:
    """Imports the number, or makes the changes that the request means for one that the account has already.

    Nothing is read before: a transaction that fails brings back who has the number. Raises PhoneNumberTaken,
    MaximumReached and ConcurrentChange.
    """
    number = new.to_phone_number()
    owned, taken = keys.phone_number(account.id, number.id), keys.phone_number_taken(number.id)
    actions = [
        Put({"PK": taken[0], "SK": taken[1], "account_id": account.id}),
        Put({"PK": owned[0], "SK": owned[1], **number.model_dump()}),
    ]
    for _ in races(table.deadline):
        try:
            accounts.check_room(account, "phone_numbers")
            with accounts.counted(table, account.id, "phone_numbers", 1):
                table.commit(actions, None, number)
            return number
        except MaximumReached:
            record = table.read([owned])[owned]
            if not record:
                raise
        except TransactionFailed as failure:
            record, holder = failure.items.get(owned), failure.items.get(taken)
            if holder and holder["account_id"] != account.id:
                raise PhoneNumberTaken(number.phone_number) from None
        if record:
            with suppress(PhoneNumberNotFound):  # deleted meanwhile: then it is new
                return change(table, account.id, from_item(record), new.to_changes())
    raise ConcurrentChange("The phone number is being imported and deleted at the same time; try again.")


def change(
    table: Table, account_id: str, stored: PhoneNumber, changes: PhoneNumberChanges, precondition: Precondition = NONE
) -> PhoneNumber:
    """The number after the changes; unwritten when all of them are stored already.

    Raises PhoneNumberNotFound, PreconditionFailed, ReadOnlyField and ChangedMeanwhile.
    """
    for _ in races(table.deadline):
        fields = changes.diff(stored)
        if not fields:
            return stored  # perhaps by an attempt whose answer was lost
        precondition.check(stored)
        removed = [field for field, value in fields.items() if value is None]
        written = {field: value for field, value in fields.items() if value is not None}
        after = stored.model_copy(update=fields)
        update = Update(keys.phone_number(account_id, stored.id), EXISTS & as_read(stored), set=written, remove=removed)
        try:
            table.commit([update], stored, after)
            return after
        except TransactionFailed as failure:
            item = failure.items.get(update.key)
            if item is None:
                raise PhoneNumberNotFound(stored.id) from None
            stored = from_item(item)
    raise ConcurrentChange("Others are changing the phone number at the same time; try again.")


def as_read(number: PhoneNumber) -> Condition:
    """That the number has not changed since it was read."""
    return unchanged(number.model_dump(include={"label", "status", "provider", "assistant_id"}))


def page(table: Table, account_id: str, limit: int, after: str | None) -> Page[PhoneNumber]:
    """Numbers in the order of their digits."""
    return _page(table, account_id, limit, after, None)


def page_for_assistant(table: Table, assistant: Assistant, limit: int, after: str | None) -> Page[PhoneNumber]:
    """Numbers that are the assistant's own, or active and free."""
    free = equal("status", "active") & absent("assistant_id")
    return _page(table, assistant.account_id, limit, after, equal("assistant_id", assistant.id) | free)


def _page(table: Table, account_id: str, limit: int, after: str | None, where: Condition | None) -> Page[PhoneNumber]:
    items, next_key = table.query(keys.partition(account_id), keys.PHONE_NUMBER, limit, after=after, where=where)
    return fitting(items, next_key, from_item)
