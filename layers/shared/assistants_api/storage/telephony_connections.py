"""Telephony connections in the table, their secrets encrypted."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from assistants_api.errors import ConcurrentChange, TelephonyConnectionNotFound
from assistants_api.models.preconditions import Precondition
from assistants_api.models.telephony_connection import (
    OF_MEDIA,
    OF_WEBHOOKS,
    OWN,
    SECRETS,
    TelephonyConnection,
    shown_credentials,
)
from assistants_api.storage import accounts, credentials, keys
from assistants_api.storage.actions import Put, Update
from assistants_api.storage.client import races
from assistants_api.storage.conditions import EXISTS, Condition, equal
from assistants_api.storage.errors import TransactionFailed
from assistants_api.storage.pages import Listed, fitting
from assistants_api.storage.readers import Misfit, reader, unreadable
from assistants_api.storage.resources import PathResource
from assistants_api.storage.table import Table
from assistants_api.storage.values import Item, key_of

if TYPE_CHECKING:  # what only reads a connection does without the models of requests
    from assistants_api.models.telephony_connection_requests import NewTelephonyConnection, TelephonyConnectionChanges

NOT_STORED = {"id", "credentials"}  # the key tells the id, and the attributes which secrets there are


@reader
def from_item(item: Item) -> TelephonyConnection:
    for name in {OWN, OF_MEDIA, OF_WEBHOOKS} & item.keys():
        if not isinstance(item[name], bytes):
            raise Misfit(f"{name} is not binary")
    shown = shown_credentials(item["provider"], item.keys())
    connection_id = item["SK"].removeprefix(keys.CONNECTION)
    return TelephonyConnection.model_validate({**item, "id": connection_id, "credentials": shown})


in_path = PathResource(("connectionId",), keys.connection, from_item, TelephonyConnectionNotFound)


@dataclass(frozen=True)
class SealedConnection:
    """A connection with its secrets, which stay encrypted until they are needed."""

    connection: TelephonyConnection
    _item: Item = field(repr=False)

    @classmethod
    def from_item(cls, item: Item) -> "SealedConnection":
        return cls(from_item(item), item)

    def secrets(self, deadline: float) -> Mapping[str, str]:
        """What the connection authenticates with, decrypted. Raises Unavailable, and ItemUnreadable where one lacks."""
        found = secrets(self._item, deadline)
        if missing := [name for name in SECRETS[self.connection.provider] if name not in found]:
            raise unreadable(key_of(self._item), Misfit(f"{' and '.join(missing)} is missing"))
        return found


sealed_in_path = PathResource(
    ("connectionId",), keys.connection, SealedConnection.from_item, TelephonyConnectionNotFound
)


def to_item(account_id: str, connection: TelephonyConnection) -> dict[str, Any]:
    """Without the secrets."""
    pk, sk = keys.connection(account_id, connection.id)
    fields = connection.model_dump(exclude=NOT_STORED)
    return {"PK": pk, "SK": sk, **fields, "revision": connection.revision}


def create(table: Table, account_id: str, new: "NewTelephonyConnection") -> TelephonyConnection:
    """Raises InvalidRequest, and Unavailable when KMS does not encrypt."""
    write = new.to_write(account_id)
    connection = write.connection
    item = to_item(account_id, connection) | _encrypted(table, account_id, connection.id, write.secrets)
    # Its id is new: a transaction that fails was done by an attempt whose answer was lost.
    with accounts.counted(table, account_id, "telephony_connections", 1), suppress(TransactionFailed):
        table.commit([Put(item)], None, connection)
    return connection


def page(table: Table, account_id: str, limit: int, after: str | None) -> Listed[TelephonyConnection]:
    """Connections, oldest first."""
    items, next_key = table.query(keys.partition(account_id), keys.CONNECTION, limit, after=after)
    return fitting(items, next_key, from_item)


def change(
    table: Table,
    account_id: str,
    stored: TelephonyConnection,
    changes: "TelephonyConnectionChanges",
    precondition: Precondition,
) -> TelephonyConnection:
    """The connection after the changes; unwritten when all of them are stored already.

    Raises ReadOnlyField, ChangedMeanwhile, InvalidRequest, TelephonyConnectionNotFound, PreconditionFailed,
    ConcurrentChange, and Unavailable when KMS does not encrypt.
    """
    own_write, encrypted = str(uuid4()), dict[str, Any]()
    for _ in races(table.deadline):
        precondition.check(stored)
        write = changes.to_write(stored)
        if write is None:
            return stored
        after = write.connection
        if write.secrets.keys() - encrypted.keys():
            encrypted = _encrypted(table, account_id, stored.id, write.secrets)
        fields = to_item(account_id, after) | {name: encrypted[name] for name in write.secrets}
        key = fields.pop("PK"), fields.pop("SK")
        update = Update(
            key,
            as_read(stored),
            set={name: value for name, value in fields.items() if value is not None} | {"last_write": own_write},
            remove=[name for name, value in fields.items() if value is None],
        )
        try:
            table.commit([update], stored, after)
            return after
        except TransactionFailed as failure:
            item = failure.items.get(key)
            if item is None:
                raise TelephonyConnectionNotFound(stored.id) from None
            stored = from_item(item)
            if item.get("last_write") == own_write:
                return stored  # written by the attempt whose answer was lost
    raise ConcurrentChange("The connection is being changed by others; GET it, then send your change again.")


def as_read(connection: TelephonyConnection) -> Condition:
    return EXISTS & equal("revision", connection.revision)


def _encrypted(
    table: Table, account_id: str, connection_id: str, secrets: Mapping[str, Mapping[str, str]]
) -> dict[str, bytes | None]:
    """What to store in each of these attributes; None is nothing."""
    context = _context(account_id, connection_id)
    return {
        name: credentials.from_env().encrypt(group, context, table.deadline) if group else None
        for name, group in secrets.items()
    }


def secrets(item: Item, deadline: float) -> Mapping[str, str]:
    """What the connection authenticates with, decrypted. Raises Unavailable."""
    return _decrypted(item, OWN, deadline)


def media_secrets(item: Item, deadline: float) -> Mapping[str, str]:
    """What the connection's media endpoint wants, decrypted. Raises Unavailable."""
    return _decrypted(item, OF_MEDIA, deadline)


def webhook_secrets(item: Item, deadline: float) -> Mapping[str, str]:
    """What else the carrier signs webhooks with, decrypted. Raises Unavailable."""
    return _decrypted(item, OF_WEBHOOKS, deadline)


def _decrypted(item: Item, attribute: str, deadline: float) -> Mapping[str, str]:
    if attribute not in item:
        return {}
    pk, sk = key_of(item)
    context = _context(pk.removeprefix(keys.ACCOUNT), sk.removeprefix(keys.CONNECTION))
    return credentials.from_env().decrypt(bytes(item[attribute]), context, deadline)


def _context(account_id: str, connection_id: str) -> dict[str, str]:
    return {"account": account_id, "connection": connection_id}
