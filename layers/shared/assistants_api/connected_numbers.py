"""Phone numbers that are imported through a connection: their carrier and the table, kept in step."""

from contextlib import suppress
from typing import Any

from assistants_api.carriers import WITH_API, carrier_of
from assistants_api.carriers.carrier import Carrier, Line
from assistants_api.errors import (
    CarrierError,
    ConcurrentChange,
    ItemUnreadable,
    NothingToList,
    NumberNotUsable,
    PhoneNumberNotConnected,
    PhoneNumberNotFound,
    TelephonyConnectionNotFound,
    Unavailable,
)
from assistants_api.models.account import Account
from assistants_api.models.carrier_number import CarrierNumber, SyncedNumber
from assistants_api.models.ids import E164, phone_number_id
from assistants_api.models.phone_number import PhoneNumber
from assistants_api.models.phone_number_requests import NewPhoneNumber
from assistants_api.models.preconditions import NONE, Precondition
from assistants_api.models.sync import NOT_SET, Sync, sync_now
from assistants_api.storage import keys, phone_numbers
from assistants_api.storage.pages import Listed, fitting
from assistants_api.storage.resources import BodyResource
from assistants_api.storage.table import Table
from assistants_api.storage.telephony_connections import SealedConnection

# What calls to the database after one to the carrier have together, so that the request ends before the function does.
SECONDS_AFTER = 3
MAX_TURNS = 2  # of taking back, while others import and delete the number at the same time
# What keeps a carrier from being told that a number was deleted.
UNTOLD = (CarrierError, ConcurrentChange, ItemUnreadable, PhoneNumberNotConnected, Unavailable)


def _key(account_id: str, new: NewPhoneNumber) -> keys.PrimaryKey | None:
    return keys.connection(account_id, new.connection_id) if new.connection_id else None


of_import = BodyResource(_key, SealedConnection.from_item)


def import_number(
    table: Table, account: Account, new: NewPhoneNumber, sealed: SealedConnection | None, base_url: str
) -> PhoneNumber:
    """The number, imported through the connection that the request names, or without one if it names none.

        ask the carrier ── write the number, drifted ── set it at the carrier ── write that it is synced

    The carrier's "yes, that is mine" comes before any write. It is told where to send calls after the first one: so
    whatever ends the request in between, the number is here with a `sync` that says what is missing, and the same
    request or POST .../sync does it. In the other order a carrier could send calls for a number that nobody has here,
    and a number that another account has would lose its calls before it is refused.

    The last write decides the request. Raises TelephonyConnectionNotFound, CarrierUnavailable, CarrierRefused,
    NumberNotAtCarrier, NumberNotUsable, and what `phone_numbers.create` raises.
    """
    if new.connection_id is None:
        return phone_numbers.create(table, account, new)
    if sealed is None:
        raise TelephonyConnectionNotFound(new.connection_id)
    carrier = _carrier(sealed, table, base_url)
    if carrier is None:
        return phone_numbers.create(table, account, new, _fields(new.connection_id, None, None))
    line = _usable(carrier.find(new.phone_number))
    table = table.for_request(SECONDS_AFTER)
    if table.is_dry_run or not line.drift:
        return phone_numbers.create(table, account, new, _fields(new.connection_id, line, sync_now("synced")))
    drifted = _fields(new.connection_id, line, sync_now("drifted", NOT_SET))
    number = phone_numbers.create(table.before_commit(), account, new, drifted)
    after = number.model_copy(update={"sync": _connect(carrier, line)})
    _record(table, account.id, carrier, after, NONE, None, after)
    return after


def sync(table: Table, account_id: str, number: PhoneNumber, precondition: Precondition, base_url: str) -> SyncedNumber:
    """The number after its carrier was asked, and set where it was set to something else.

    A carrier that fails is no failure of the request: `sync` says so. Raises PhoneNumberNotConnected,
    PhoneNumberNotFound, PreconditionFailed, ConcurrentChange.
    """
    carrier = _carrier_of_number(table, account_id, number, base_url)
    if carrier is None:
        raise PhoneNumberNotConnected(number.id, "was imported through a connection that has no API to ask")
    before, after = SyncedNumber(number, []), _settled(carrier, number, table.is_dry_run)
    _record(table, account_id, carrier, after.number, precondition, before, after)
    return after


def release(table: Table, account_id: str, number: PhoneNumber, base_url: str) -> str | None:
    """Tells the carrier of a number that was deleted to send its calls here no longer, unless it is set to something
    else by now; why that failed, if it did.

    The deletion is done, whatever the carrier does, and its answer is known before: it has no room for this. Calls that
    still come here get the fallback of the connection.
    """
    if number.connection_id is None:
        return None
    try:
        carrier = _carrier_of_number(table.for_request(SECONDS_AFTER), account_id, number, base_url)
        if carrier:
            _take_back(table, account_id, carrier, number)
    except UNTOLD as failure:
        return failure.code
    return None


def _take_back(table: Table, account_id: str, carrier: Carrier, number: PhoneNumber) -> None:
    """Raises UNTOLD, after what was set may be gone: so the number is looked for whatever happens."""
    for _ in range(MAX_TURNS):
        try:
            carrier.release(carrier.find(number.phone_number))
        finally:
            is_settled = _is_settled(table.before_commit().for_request(SECONDS_AFTER), account_id, carrier, number)
        if is_settled:
            return


def _is_settled(table: Table, account_id: str, carrier: Carrier, number: PhoneNumber) -> bool:
    """Whether the number is gone, or else is set again: an import that stored it may have found it set. Raises
    UNTOLD."""
    key = keys.phone_number(account_id, number.id)
    item = table.read([key])[key]
    again = phone_numbers.from_item(item) if item else None
    if again is None or again.connection_id != number.connection_id:
        return True
    after = _settled(carrier, again).number
    try:
        phone_numbers.record_sync(table.for_request(SECONDS_AFTER), account_id, after, NONE, None, after)
    except PhoneNumberNotFound:
        return False
    return True


def page(
    table: Table, account_id: str, sealed: SealedConnection, limit: int, after: str | None, base_url: str
) -> Listed[CarrierNumber]:
    """The numbers that the carrier has, in its order; of one whose own item can't be read, only what the carrier says.
    Raises NothingToList, CarrierUnavailable, CarrierRefused."""
    carrier = _carrier(sealed, table, base_url)
    if carrier is None:
        raise NothingToList(sealed.connection.provider)
    lines, next_after = carrier.page(limit, after)
    ids = {line.phone_number: phone_number_id(line.phone_number) for line in lines if E164.fullmatch(line.phone_number)}
    by_number = {number: keys.phone_number(account_id, number_id) for number, number_id in ids.items()}
    items = table.for_request(SECONDS_AFTER).read(by_number.values()) if by_number else {}
    own = fitting([item for key in by_number.values() if (item := items[key])], None, phone_numbers.from_item)
    imported = {number.phone_number: number for number in own.entries}
    return Listed([_shown(line, imported.get(line.phone_number)) for line in lines], next_after, own.unreadable)


def _shown(line: Line, imported: PhoneNumber | None) -> CarrierNumber:
    return CarrierNumber(
        phone_number=line.phone_number,
        carrier_id=line.id,
        name=line.name,
        phone_number_id=imported.id if imported else None,
        connection_id=imported.connection_id if imported else None,
        leads_here=not line.drift and line.obstacle is None,
        obstacle=line.obstacle,
    )


def _carrier_of_number(table: Table, account_id: str, number: PhoneNumber, base_url: str) -> Carrier | None:
    """Raises PhoneNumberNotConnected."""
    if number.connection_id is None:
        raise PhoneNumberNotConnected(number.id, "was imported without a connection")
    key = keys.connection(account_id, number.connection_id)
    item = table.read([key])[key]
    if item is None:
        raise PhoneNumberNotConnected(number.id, f"was imported through {number.connection_id}, which was deleted")
    return _carrier(SealedConnection.from_item(item), table, base_url)


def _carrier(sealed: SealedConnection, table: Table, base_url: str) -> Carrier | None:
    connection = sealed.connection
    if connection.provider not in WITH_API:
        return None
    return carrier_of(connection, sealed.secrets(table.deadline), base_url)


def _usable(line: Line) -> Line:
    if line.obstacle:
        raise NumberNotUsable(line.obstacle)
    return line


def _connect(carrier: Carrier, line: Line) -> Sync:
    try:
        carrier.connect(line)
    except CarrierError as failure:
        return sync_now("failed", failure.message)
    return sync_now("synced")


def _settled(carrier: Carrier, number: PhoneNumber, is_dry_run: bool = False) -> SyncedNumber:
    """The number after its carrier was asked, and set where it was set to something else."""
    line = None
    try:
        line = _usable(carrier.find(number.phone_number))
        state = _connect(carrier, line) if line.drift and not is_dry_run else sync_now("synced")
    except CarrierError as failure:
        state = sync_now("failed", failure.message)
    changed = {"sync": state, "carrier_id": line.id if line else number.carrier_id}
    return SyncedNumber(number.model_copy(update=changed), line.drift if line else [])


def _record(
    table: Table,
    account_id: str,
    carrier: Carrier,
    number: PhoneNumber,
    precondition: Precondition,
    before: Any,
    after: Any,
) -> None:
    """Writes how the number is at its carrier. If it was deleted meanwhile, what was set is taken back: the deletion
    may have found nothing to take back yet. Raises what `phone_numbers.record_sync` raises."""
    try:
        phone_numbers.record_sync(table.for_request(SECONDS_AFTER), account_id, number, precondition, before, after)
    except PhoneNumberNotFound:
        with suppress(*UNTOLD):
            _take_back(table, account_id, carrier, number)
        raise


def _fields(connection_id: str, line: Line | None, state: Sync | None) -> dict[str, Any]:
    """What tells of the carrier in a number that is imported."""
    return {
        "connection_id": connection_id,
        "carrier_id": line.id if line else None,
        "sync": state.model_dump(mode="json") if state else None,
    }
