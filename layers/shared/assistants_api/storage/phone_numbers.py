"""Phone numbers in the table, and whose they are."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from assistants_api.errors import (
    ConcurrentChange,
    Detail,
    MaximumReached,
    PhoneNumberNotAssigned,
    PhoneNumberNotFound,
    PhoneNumberTaken,
    TelephonyConnectionNotFound,
    VersionNotFound,
)
from assistants_api.models.account import Account
from assistants_api.models.assistant import Assistant
from assistants_api.models.e164 import read_number
from assistants_api.models.phone_number import PhoneNumber
from assistants_api.models.preconditions import NONE, Precondition
from assistants_api.storage import accounts, keys
from assistants_api.storage.actions import Action, ConditionCheck, Put, Update
from assistants_api.storage.client import races
from assistants_api.storage.conditions import EXISTS, Condition, absent, equal, unchanged
from assistants_api.storage.errors import TransactionFailed
from assistants_api.storage.pages import Listed, fitting
from assistants_api.storage.readers import check_place, reader
from assistants_api.storage.resources import PathResource
from assistants_api.storage.table import Table
from assistants_api.storage.values import Item

if TYPE_CHECKING:  # what only reads a number does without the models of requests
    from assistants_api.models.phone_number_requests import NewPhoneNumber, PhoneNumberChanges

NO_FIELDS: Mapping[str, Any] = {}


@reader
def from_item(item: Item) -> PhoneNumber:
    number = PhoneNumber.model_validate(item)
    account_id = keys.account_of(item)
    check_place(item, keys.phone_number(account_id, number.id))
    if number.assistant_id:
        keys.assistant(account_id, number.assistant_id)  # raises for one that has no key
    if number.connection_id:
        keys.connection(account_id, number.connection_id)
    return number


in_path = PathResource(("phoneNumberId",), keys.phone_number, from_item, PhoneNumberNotFound)
called = PathResource(
    ("phoneNumber",), keys.called_number, from_item, lambda text: PhoneNumberNotFound(read_number(text) or text)
)


def create(
    table: Table, account: Account, new: "NewPhoneNumber", carrier: Mapping[str, Any] = NO_FIELDS
) -> PhoneNumber:
    """Imports the number, or makes the changes that the request means for one that the account has already.

    `carrier` are the fields that tell of its carrier, where it is imported through a connection.

    Nothing is read before: a transaction that fails brings back who has the number. Raises PhoneNumberTaken,
    TelephonyConnectionNotFound, MaximumReached and ConcurrentChange.
    """
    number = PhoneNumber.model_validate({**new.to_phone_number().model_dump(), **carrier})
    owned, taken = keys.phone_number(account.id, number.id), keys.phone_number_taken(number.id)
    actions: list[Action] = [
        Put({"PK": taken[0], "SK": taken[1], "account_id": account.id}),
        Put({"PK": owned[0], "SK": owned[1], **number.model_dump()}),
        *_noted(account.id, carrier),
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
            _check_connection(carrier, failure)
            record, holder = failure.items.get(owned), failure.items.get(taken)
            if holder and holder["account_id"] != account.id:
                raise PhoneNumberTaken(number.phone_number) from None
        if record:
            with suppress(PhoneNumberNotFound):  # deleted meanwhile: then it is new
                return change(table, account.id, from_item(record), new.to_changes(), carrier=carrier)
    raise ConcurrentChange("The phone number is being imported and deleted at the same time; try again.")


def change(
    table: Table,
    account_id: str,
    stored: PhoneNumber,
    changes: "PhoneNumberChanges",
    precondition: Precondition = NONE,
    carrier: Mapping[str, Any] = NO_FIELDS,
) -> PhoneNumber:
    """The number after the changes; unwritten when all of them are stored already.

    A pin is to versions of the assistant that held the number when it was read: the transaction that writes it fails if
    another one holds it now, or a version isn't there. Raises PhoneNumberNotFound, PreconditionFailed, ReadOnlyField,
    ChangedMeanwhile, PhoneNumberNotAssigned, VersionNotFound, TelephonyConnectionNotFound and ConcurrentChange.
    """
    holder = stored.assistant_id
    for _ in races(table.deadline):
        known = stored.model_dump(mode="json")
        fields = changes.diff(stored) | {name: value for name, value in carrier.items() if value != known[name]}
        if not fields:
            return stored  # perhaps by an attempt whose answer was lost
        precondition.check(stored)
        pinned = _pinned(account_id, stored, holder, fields)
        removed = [field for field, value in fields.items() if value is None]
        written = {field: value for field, value in fields.items() if value is not None}
        after = PhoneNumber.model_validate({**stored.model_dump(), **fields})
        update = Update(keys.phone_number(account_id, stored.id), EXISTS & as_read(stored), set=written, remove=removed)
        try:
            checks = [ConditionCheck(key, EXISTS) for key in pinned]
            table.commit([update, *checks, *_noted(account_id, carrier)], stored, after)
            return after
        except TransactionFailed as failure:
            _check_connection(carrier, failure)
            if update.key not in failure.items:
                raise _no_version(stored, [pinned[key] for key in failure.items]) from None
            item = failure.items[update.key]
            if item is None:
                raise PhoneNumberNotFound(stored.id) from None
            stored = from_item(item)
    raise ConcurrentChange("Others are changing the phone number at the same time; try again.")


def _noted(account_id: str, carrier: Mapping[str, Any]) -> Iterator[Update]:
    """The action that notes an import on its connection, so that none is deleted as unused meanwhile."""
    if connection_id := carrier.get("connection_id"):
        yield Update(keys.connection(account_id, connection_id), EXISTS, add={"imports": 1})


def _check_connection(carrier: Mapping[str, Any], failure: TransactionFailed) -> None:
    """Raises TelephonyConnectionNotFound if the import failed because its connection is gone."""
    if any(key[1].startswith(keys.CONNECTION) for key in failure.items):
        raise TelephonyConnectionNotFound(carrier["connection_id"]) from None


def _pinned(
    account_id: str, number: PhoneNumber, holder: str | None, fields: Mapping[str, Any]
) -> dict[keys.PrimaryKey, int]:
    """The versions that the fields pin the number to, by their keys."""
    if not (pins := fields.get("versions")):
        return {}
    if number.assistant_id is None:
        raise PhoneNumberNotAssigned(number.id)
    if number.assistant_id != holder:
        raise ConcurrentChange(
            "The phone number went to another assistant meanwhile; GET it, then send versions of that one."
        )
    return {keys.version(account_id, holder, str(pin["version"])): pin["version"] for pin in pins}


def _no_version(number: PhoneNumber, versions: list[int]) -> VersionNotFound:
    details: list[Detail] = [
        {"field": "/versions", "message": f"{it} is no version of the assistant."} for it in versions
    ]
    return VersionNotFound(str(number.assistant_id), str(versions[0]), details)


def as_read(number: PhoneNumber) -> Condition:
    """That the number has not changed since it was read."""
    return unchanged(number.model_dump(include={"label", "status", "provider", "versions", "fallback", "assistant_id"}))


def record_sync(
    table: Table, account_id: str, number: PhoneNumber, precondition: Precondition, before: Any, after: Any
) -> None:
    """Writes `carrier_id` and `sync` of the number, as long as it belongs to the same connection: the deciding write.

    `before` and `after` are what the request answers. Raises PhoneNumberNotFound, PreconditionFailed, ConcurrentChange.
    """
    condition = EXISTS & equal("connection_id", number.connection_id)
    fields = number.model_dump(mode="json", include={"carrier_id", "sync"}, exclude_none=True)
    bound = condition & as_read(number) if precondition else condition
    update = Update(keys.phone_number(account_id, number.id), bound, set=fields)
    try:
        table.commit([update], before, after)
    except TransactionFailed as failure:
        item = failure.items[update.key]
        if item is None:
            raise PhoneNumberNotFound(number.id) from None
        precondition.check(from_item(item))
        raise ConcurrentChange("Others are changing the phone number at the same time; try again.") from None


def page(table: Table, account_id: str, limit: int, after: str | None) -> Listed[PhoneNumber]:
    """Numbers in the order of their digits."""
    return _page(table, account_id, limit, after, None)


def page_for_assistant(table: Table, assistant: Assistant, limit: int, after: str | None) -> Listed[PhoneNumber]:
    """Numbers that are the assistant's own, or active and free."""
    free = equal("status", "active") & absent("assistant_id")
    return _page(table, assistant.account_id, limit, after, equal("assistant_id", assistant.id) | free)


def _page(table: Table, account_id: str, limit: int, after: str | None, where: Condition | None) -> Listed[PhoneNumber]:
    items, next_key = table.query(keys.partition(account_id), keys.PHONE_NUMBER, limit, after=after, where=where)
    return fitting(items, next_key, from_item)
