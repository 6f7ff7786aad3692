"""From a record of the table's stream to the events that it means.

A record tells how an item was before a change and how it is after it. Most mean one event, a number that moves means
two, and many mean none: a label that changes, a key that is renamed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assistants_api.models.api_key import OPERATOR
from assistants_api.models.event import ApiKeyCreated, ApiKeyRevoked, AssistantEvent, Event, PhoneNumberEvent, Reason
from assistants_api.models.ids import timestamp
from assistants_api.storage import keys
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.readers import FAULTS, unreadable
from assistants_api.storage.values import Item, key_of, unpack

StreamRecord = Mapping[str, Any]  # of DynamoDB Streams, as a pipe passes it on

EVENTS_PER_RECORD = 2  # at most: a number that one assistant loses and another one gets
NOTHING: Item = {}


@dataclass(frozen=True)
class Change:
    """A change of an item, which is empty before it was there and after it is gone."""

    account_id: str
    sort_key: str
    time: str
    before: Item
    after: Item

    def common(self, actor: Any) -> dict[str, Any]:
        """The fields that all events have; the id follows."""
        return {"id": "", "time": self.time, "account_id": self.account_id, "actor": actor}


def describe(record: StreamRecord) -> list[Event]:
    """The events of the record, in their order. Each has an id that a record which comes again gives again.

    Raises ItemUnreadable.
    """
    key = key_of(unpack(record["dynamodb"]["Keys"]))
    kind, separator, _ = key[1].partition("#")
    try:
        events = list(DESCRIBED.get(kind + separator, _no_event)(_change(key, record["dynamodb"])))
    except FAULTS as fault:
        raise unreadable(key, fault) from None
    return [event.model_copy(update={"id": f"{record['eventID']}.{index}"}) for index, event in enumerate(events)]


def _change(key: PrimaryKey, stream: Mapping[str, Any]) -> Change:
    return Change(
        account_id=key[0].removeprefix(keys.ACCOUNT),
        sort_key=key[1],
        time=timestamp(datetime.fromtimestamp(stream["ApproximateCreationDateTime"], UTC)),
        before=unpack(stream.get("OldImage", NOTHING)),
        after=unpack(stream.get("NewImage", NOTHING)),
    )


def _no_event(change: Change) -> Iterator[Event]:
    return iter(())


def _new_version(change: Change) -> Iterator[Event]:
    """A version is written with each change of an assistant's configuration."""
    version = change.after
    if not change.before and version:
        yield AssistantEvent(
            **change.common(version["changed_by_id"]),
            type="assistant.created" if version["version"] == 1 else "assistant.updated",
            assistant_id=keys.assistant_of_version(change.sort_key),
            version=version["version"],
            changed_fields=version["changed_fields"],
        )


def _deletion(change: Change) -> Iterator[Event]:
    """What is kept of an assistant is written with its deletion; that TTL removes it is nobody's doing."""
    deleted = change.after
    if not change.before and deleted:
        yield AssistantEvent(
            **change.common(deleted["deleted_by_id"]),
            type="assistant.deleted",
            assistant_id=deleted["id"],
            version=deleted["version"],
            changed_fields=[],
        )


def _restoration(change: Change) -> Iterator[Event]:
    """An assistant that is there again says who restored it."""
    assistant = change.after
    if not change.before and "restored_by_id" in assistant:
        yield AssistantEvent(
            **change.common(assistant["restored_by_id"]),
            type="assistant.restored",
            assistant_id=assistant["id"],
            version=assistant["version"],
            changed_fields=[],
        )


def _assignment(change: Change) -> Iterator[Event]:
    before, after = change.before.get("assistant_id"), change.after.get("assistant_id")
    number, common = {**change.before, **change.after}.get("id"), change.common(change.after.get("assigned_by_id"))
    if before and before != after:
        yield PhoneNumberEvent(**common, type="phone_number.released", phone_number_id=number, assistant_id=before)
    if after and before != after:
        yield PhoneNumberEvent(**common, type="phone_number.assigned", phone_number_id=number, assistant_id=after)


def _api_key(change: Change) -> Iterator[Event]:
    before, after = change.before, change.after
    if not before:
        yield ApiKeyCreated(**change.common(after.get("created_by_id")), type="api_key.created", api_key_id=after["id"])
    elif reason := _end(before, after):
        yield ApiKeyRevoked(
            **change.common(after.get("retired_by_id")),
            type="api_key.revoked",
            api_key_id=before["id"],
            reason=reason,
            stops_at=after["expires_at"] if reason == "rotated" else change.time,
        )


def _end(before: Item, after: Item) -> Reason | None:
    """Why the key stops working with this change, if it does."""
    if not after:
        return "deleted" if before["is_active"] else None
    if before["is_active"] and not after["is_active"]:
        return "revoked" if after.get("retired_by_id") == OPERATOR else "deactivated"
    return "rotated" if after.get("rotated_at") and not before.get("rotated_at") else None


DESCRIBED: dict[str, Callable[[Change], Iterator[Event]]] = {  # by the start of the sort key
    keys.VERSION: _new_version,
    keys.DELETED_ASSISTANT: _deletion,
    keys.ASSISTANT: _restoration,
    keys.PHONE_NUMBER: _assignment,
    keys.API_KEY: _api_key,
}
