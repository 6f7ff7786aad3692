"""Calls in the table: each once for the list, by the time of its start, and once by the carrier's id."""

import time
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assistants_api.errors import CallNotFound, ItemUnreadable, PhoneNumberNotFound, VersionNotFound
from assistants_api.models.account import Account
from assistants_api.models.assistant import Assistant
from assistants_api.models.call import ANSWER_SECONDS, RETENTION_SECONDS, Call, CallReason, Ended, RoutedCall
from assistants_api.models.e164 import MAX_TEXT, read_number
from assistants_api.models.ids import CALL_ID, phone_number_id, timestamp
from assistants_api.models.phone_number import route
from assistants_api.models.pin import RouteQuery
from assistants_api.storage import accounts, call_usage, keys, phone_numbers, routes, versions
from assistants_api.storage.actions import Put, Update
from assistants_api.storage.conditions import equal, unchanged
from assistants_api.storage.errors import TransactionFailed
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.pages import Listed, fitting
from assistants_api.storage.readers import reader
from assistants_api.storage.table import Table
from assistants_api.storage.values import Item, ItemsByKey

if TYPE_CHECKING:  # what answers a call does without the models of requests
    from assistants_api.models.call_requests import CallListQuery

FILTERS = {"assistant_id", "to_number", "from_number", "reason", "status"}


@dataclass(frozen=True)
class IncomingCall:
    """A call as the carrier tells of it."""

    account_id: str
    connection_id: str
    id: str
    from_number: str
    to_number: str

    @property
    def known_as(self) -> Iterator[PrimaryKey]:
        """The key of what was decided of it."""
        if CALL_ID.fullmatch(self.id):
            yield keys.answer(self.account_id, self.id)

    @property
    def keys(self) -> Iterator[PrimaryKey]:
        """Of what decides who answers it."""
        yield from self.known_as
        if number := self.number_key:
            yield number
            yield from routes.likely_keys(number)

    @property
    def number_key(self) -> PrimaryKey | None:
        number = read_number(self.to_number)
        return keys.phone_number(self.account_id, phone_number_id(number)) if number else None

    def decided(self, reason: CallReason, found: routes.Route | None = None) -> Call:
        holder = found.holder if found and reason == "routed" else None
        return Call(
            id=self.id,
            connection_id=self.connection_id,
            from_number=self.from_number[:MAX_TEXT],
            to_number=read_number(self.to_number) or self.to_number[:MAX_TEXT],
            reason=reason,
            assistant_id=holder.id if holder else None,
            assistant_version=holder.version if holder else None,
            started_at=timestamp(),
        )


@reader
def from_item(item: Item) -> Call:
    return Call.model_validate(item)


def answer(
    table: Table,
    incoming: IncomingCall,
    account: Account,
    has_media: bool,
    items: ItemsByKey,
    log: MutableMapping[str, object],
) -> Call:
    """Who answers the call, as decided when the carrier first told of it. `items` has what is known of its keys.

    No assistant of a suspended account answers, whatever was decided before. While the account is being erased, the
    call is not recorded. The log is told why an assistant does not answer that should.
    """
    if not CALL_ID.fullmatch(incoming.id):
        return incoming.decided("malformed_call")
    if account.erasing_since:
        return incoming.decided("account_suspended")
    if item := items.get(keys.answer(incoming.account_id, incoming.id)):
        return incoming.decided("account_suspended") if account.suspended_at else _again(incoming, from_item(item), log)
    is_open = not account.suspended_at
    call = _decide(table, incoming, has_media, items, log) if is_open else incoming.decided("account_suspended")
    item = call.model_dump() | {"ttl": int(time.time()) + RETENTION_SECONDS}
    by_id, by_time = (
        keys.answer(incoming.account_id, call.id),
        keys.call(incoming.account_id, call.started_at, call.id),
    )
    try:
        table.transact([Put({**item, "PK": pk, "SK": sk}) for pk, sk in (by_id, by_time)])
    except TransactionFailed as failure:
        if decided := failure.items.get(by_id):
            return from_item(decided)  # by another request of the carrier, or by an attempt whose answer was lost
        raise
    return call


def _again(incoming: IncomingCall, decided: Call, log: MutableMapping[str, object]) -> Call:
    """As before, but only for the carrier: a signature of Twilio says nothing of its time."""
    if time.time() < decided.started + ANSWER_SECONDS:
        return decided
    log["cause"] = "its carrier told of the call before, and no longer waits"
    return incoming.decided("malformed_call")


def end(table: Table, account_id: str, call: Call, status: Ended, seconds: int) -> bool:
    """Notes how the call ended, once. False if that is noted already, perhaps by an attempt whose answer was lost."""
    ended = {"status": status, "ended_at": timestamp(), "duration_seconds": seconds}
    update = Update(keys.call(account_id, call.started_at, call.id), equal("status", "started"), set=ended)
    try:
        table.transact([update, *call_usage.count(account_id, call, seconds)])
    except TransactionFailed:
        return False
    return True


def page(table: Table, account_id: str, wanted: "CallListQuery", after: str | None) -> Listed[Call]:
    """Calls that pass the filters, newest first."""
    fields = wanted.model_dump(include=FILTERS, exclude_none=True)
    items, next_key = table.query(
        keys.partition(account_id),
        keys.CALL,
        wanted.limit,
        after=after,
        newest_first=True,
        between=keys.calls_between(wanted.started_from, wanted.started_before),
        where=unchanged(fields) if fields else None,
    )
    return fitting(items, next_key, from_item)


def prepare(table: Table, routed: RoutedCall) -> tuple[Call, Assistant, Account]:
    """The call, the assistant as of the version that answers it, and the account. Raises AccountSuspended, CallNotFound
    and VersionNotFound."""
    call = keys.call(routed.account_id, timestamp(datetime.fromtimestamp(routed.started_at, UTC)), routed.call_id)
    version = keys.version(routed.account_id, routed.assistant_id, str(routed.assistant_version))
    account = keys.account(routed.account_id)
    items = table.read([call, version, account])
    owner = accounts.from_item(items[account])
    owner.check_in_use()
    if (found := items[call]) is None:
        raise CallNotFound(routed.call_id)
    if (snapshot := items[version]) is None:
        raise VersionNotFound(routed.assistant_id, str(routed.assistant_version))
    return from_item(found), versions.from_item(snapshot).assistant, owner


def _decide(
    table: Table, incoming: IncomingCall, has_media: bool, items: ItemsByKey, log: MutableMapping[str, object]
) -> Call:
    number = items.get(incoming.number_key) if incoming.number_key else None
    if number is None:
        return incoming.decided("unknown_number")
    who = RouteQuery(caller=incoming.from_number, call_id=incoming.id).decides
    try:
        found = routes.resolve(table, incoming.account_id, phone_numbers.from_item(number), who, items)
    except PhoneNumberNotFound:
        return incoming.decided("unknown_number")
    except ItemUnreadable as fault:
        log.update(fault.logged)
        return incoming.decided("unassigned")
    log.update(found.lost)
    reason: CallReason = route(found.number, found.holder)
    return incoming.decided("no_media" if reason == "routed" and not has_media else reason, found)
