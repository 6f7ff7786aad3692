"""Requests under an `Idempotency-Key`: what was done is told again, not done again.

    a request            read: no record ── transact [change, record] ── answer
    another beside it    read: no record ─────── transact: it fails, and brings back the record ── the same answer
    a retry              read: the record ── the same answer

The record is part of the change's own transaction, so there is one if and only if the change was made, and none of it
costs a round trip. It is kept for a day.
"""

import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from assistants_api import auth
from assistants_api.answers import Answer
from assistants_api.errors import ApiError, IdempotencyKeyReused
from assistants_api.models.api_key import Environment
from assistants_api.storage import keys
from assistants_api.storage.actions import Action, Put
from assistants_api.storage.compressed import pack_text, unpack_text
from assistants_api.storage.conditions import absent, below
from assistants_api.storage.errors import TransactionFailed
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.readers import reader
from assistants_api.storage.values import Item, ItemsByKey

if TYPE_CHECKING:
    from assistants_api.storage.table import Table

DAY = 24 * 60 * 60  # seconds


class DoneBefore(Exception):
    """The request, or another under its key, has been done; `record` tells what was answered."""

    def __init__(self, record: Item) -> None:
        self.record = record


@dataclass(frozen=True)
class IdempotentWrite:
    """The write of a request under an idempotency key of its API key.

    `fingerprints` tell it from other requests, under the deployment's secret and the one before. They are keyed, since
    a request can hold a password that is easily guessed.
    """

    account_id: str
    api_key_id: str
    idempotency_key: str = field(repr=False)
    fingerprints: Sequence[str]
    answer: Callable[[Any], Answer]
    nonce: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    writes, own_actions = True, 1

    @property
    def key(self) -> PrimaryKey:
        """Of the record."""
        return keys.idempotency(self.account_id, self.api_key_id, self.idempotency_key)

    def run(self, action: Callable[[], Any], table: "Table", stored: ItemsByKey) -> Answer:
        """Raises IdempotencyKeyReused."""
        if record := self._unexpired(stored[self.key]):
            return self._replay(record)
        try:
            return self.answer(action())
        except DoneBefore as done:
            return self._replay(done.record)
        except ApiError as refusal:
            # Of two at the same time, one may be refused because the other has done it.
            if refusal.status < 500 and (record := self._unexpired(table.read([self.key])[self.key])):
                return self._replay(record)
            raise

    def transact(self, table: "Table", actions: Sequence[Action], before: Any, after: Any) -> None:
        """Raises TransactionFailed, and DoneBefore."""
        now = int(time.time())
        is_free = absent("PK") | below("ttl", now)  # DynamoDB deletes what has expired, but late
        try:
            table.transact([*actions, Put(self._record(self.answer(after), now), is_free)])
        except TransactionFailed as failure:
            if record := failure.items.get(self.key):
                raise DoneBefore(record) from None
            raise

    def mint(self, environment: Environment) -> str:
        """A token that a retry can show again, though it isn't stored: it follows from the deployment's secret."""
        return auth.derive(self.account_id, environment, self._seed(self.nonce), auth.deployment_secret())

    def _unexpired(self, record: Item | None) -> Item | None:
        return record if record and reader(_expires)(record) >= int(time.time()) else None

    def _replay(self, record: Item) -> Answer:
        """Raises IdempotencyKeyReused."""
        return reader(self._answer_of)(record)

    def _answer_of(self, record: Item) -> Answer:
        secrets_by_fingerprint = dict(zip(self.fingerprints, auth.accepted_secrets(), strict=True))
        secret = secrets_by_fingerprint.get(record["fingerprint"])
        if secret is None:
            raise IdempotencyKeyReused
        content = json.loads(unpack_text("answer", record))
        full_key = self._full_key(record["nonce"], content["api_key"], secret) if "nonce" in record else None
        return Answer(content, record.get("etag"), full_key, is_replayed=True)

    def _seed(self, nonce: str) -> str:
        return " ".join([self.api_key_id, self.idempotency_key, nonce])

    def _full_key(self, nonce: str, api_key: dict[str, Any], secret: str) -> str:
        """Under the secret of the record's fingerprint, which was the deployment's when the key was made."""
        return auth.derive(self.account_id, api_key["environment"], self._seed(nonce), secret)

    def _record(self, answer: Answer, now: int) -> dict[str, Any]:
        pk, sk = self.key
        return {
            "PK": pk,
            "SK": sk,
            "fingerprint": self.fingerprints[0],
            "etag": answer.etag,
            "nonce": self.nonce if answer.full_key else None,
            "ttl": now + DAY,
            **pack_text("answer", to_json(answer.content).decode()),
        }


def _expires(record: Item) -> int:
    return int(record["ttl"])
