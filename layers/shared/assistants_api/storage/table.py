"""The table of one deployment: every call to DynamoDB.

Reads are consistent. A failure of a condition carries what is stored instead, so that the loser of a race can decide
without reading again.
"""

import copy
import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from botocore.retries.quota import RetryQuota

from assistants_api.errors import Unavailable
from assistants_api.metrics import note_not_counted
from assistants_api.storage.actions import Action, Put, Update, expressions
from assistants_api.storage.client import REQUEST_SECONDS, attempts, call, new_client
from assistants_api.storage.commits import Commit
from assistants_api.storage.conditions import EXISTS, Condition
from assistants_api.storage.errors import Cancelled, ConditionFailed, RefusedByDynamoDB, TransactionFailed
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.values import Item, ItemsByKey, pack_key, pack_keys, unpack, unpack_by_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Entry = TypeVar("Entry")
Page = tuple[list[Entry], str | None]  # and the sort key that the next page starts after, if there is one
Result = TypeVar("Result")

MAX_ACTIONS = 100  # of one TransactWriteItems
MAX_KEYS = 100  # of one BatchGetItem
MAX_DELETES = 25  # of one BatchWriteItem
MAX_READS = 8  # MB that a filter goes through for a page: a partition gives 12 a second
COUNT_SECONDS = 1.0  # that a request waits for a count at most
WARM_UP_SECONDS = 0.5
WARM_UP_READ, WARM_UP_UPDATE = ("ACCOUNT#-", "-"), ("USAGE#-", "-")  # keys that no item has, and IAM allows


@dataclass(frozen=True)
class Outcome:
    """Of a count: the item after it, or why there is none. One that was late is final too: nobody attempts it again."""

    item: Item | None = None
    failure: str | None = None
    is_final: bool = True


class Table:
    """The table of one deployment."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self.client = client
        self.name = name
        self._deadline: float | None = None  # of time.monotonic(); without one each call has a time of its own
        self._retry_budget = RetryQuota()
        self._max_attempts: int | None = None  # of a call, while there is time
        self._threads = ThreadPoolExecutor(max_workers=64)
        self._commit: Commit | None = None

    def for_request(self, seconds: float | None = None) -> "Table":
        """This table for one request, whose calls have so many seconds together, or else REQUEST_SECONDS."""
        table = copy.copy(self)
        table._deadline = time.monotonic() + (seconds or REQUEST_SECONDS)
        return table

    def committing(self, commit: Commit | None) -> "Table":
        """This table for a request whose deciding write goes this way."""
        table = copy.copy(self)
        table._commit = commit
        return table

    def warm_up(self) -> None:
        """Opens the connections of a request, and prepares its operations in botocore: it reads, and beside that
        updates, an item that doesn't exist. If that fails, the first request finds out."""
        table = self.for_request(WARM_UP_SECONDS)
        with suppress(ConditionFailed, Unavailable, RefusedByDynamoDB, BotoCoreError):
            update = table.run_in_background(lambda: table.update(Update(WARM_UP_UPDATE, EXISTS, remove=["nothing"])))
            table.read([WARM_UP_READ])
            update.result()

    def run_in_background(self, call: Callable[[], Result]) -> "Future[Result]":
        """Starts the call in a thread of its own, with this thread's context variables."""
        return self._threads.submit(copy_context().run, call)

    def start_count(self, update: Update) -> Callable[[], Outcome]:
        """Attempts the update once, in the background. What is returned waits for it, but at most COUNT_SECONDS."""
        table = copy.copy(self)
        table._max_attempts = 1
        return partial(_outcome, self.run_in_background(partial(table.update, update)))

    def read(self, keys: Iterable[PrimaryKey]) -> ItemsByKey:
        """What is stored under each of at most MAX_KEYS keys, in one round trip; None where nothing is."""
        items: dict[PrimaryKey, Item | None] = dict.fromkeys(keys)
        wanted: Any = {self.name: {"Keys": pack_keys(items), "ConsistentRead": True}}
        for _ in attempts(self.deadline):
            reply = self._call(self.client.batch_get_item, RequestItems=wanted)
            items |= unpack_by_key(reply["Responses"].get(self.name, []))
            wanted = reply.get("UnprocessedKeys")
            if not wanted:
                return items
        raise Unavailable("UnprocessedKeys")

    def read_many(self, keys: Sequence[PrimaryKey]) -> ItemsByKey:
        """What is stored under each of any number of keys: 100 to a call, and all calls at the same time."""
        parts = [keys[start : start + MAX_KEYS] for start in range(0, len(keys), MAX_KEYS)]
        reads = [self.run_in_background(partial(self.read, part)) for part in parts]
        return {key: item for read in reads for key, item in read.result().items()}

    def query(
        self,
        partition: str,
        prefix: str,
        limit: int,
        *,
        after: str | None = None,
        newest_first: bool = False,
        between: tuple[str, str] | None = None,
        where: Condition | None = None,
        keep: Callable[[Item], bool] | None = None,
        attributes: Sequence[str] | None = None,
    ) -> Page[Item]:
        """The items whose sort key starts with the prefix, in its order; `after` is the `next_key` of the page before.
        With `between` they go from the first of both sort keys to the second, whatever the prefix. With `attributes`
        they hold these alone, and their keys.

        A filter is `where`, which DynamoDB applies, or `keep`, for what it can't tell, or both. Without one it is one
        round trip, and DynamoDB ends a page at 1 MB. With one it reads on until the page is full, but no more than
        MAX_READS times; so a page can be short, even empty, with others after it.
        """
        wanted, values = "#PK = :PK", {":PK": partition}
        if between:
            wanted, values = (
                f"{wanted} AND #SK BETWEEN :first AND :last",
                values | {":first": between[0], ":last": between[1]},
            )
        elif prefix:
            wanted, values = f"{wanted} AND begins_with(#SK, :prefix)", values | {":prefix": prefix}
        conditions = {"KeyConditionExpression": Condition(wanted, values)}
        if where is not None:
            conditions["FilterExpression"] = where
        if attributes is not None:
            conditions["ProjectionExpression"] = Condition(", ".join(f"#{name}" for name in ("PK", "SK", *attributes)))
        request: dict[str, Any] = {
            "TableName": self.name,
            "ConsistentRead": True,
            "ScanIndexForward": not newest_first,
            **expressions(**conditions),
        }
        is_filtered = where is not None or keep is not None
        if not is_filtered:
            request["Limit"] = limit + 1
        if after is not None:
            request["ExclusiveStartKey"] = pack_key((partition, after))
        items: list[Item] = []
        for reads_left in reversed(range(MAX_READS if is_filtered else 1)):
            reply: Any = self._call(self.client.query, **request)
            items += filter(keep, map(unpack, reply["Items"]))
            last = reply.get("LastEvaluatedKey")
            if not last or not reads_left or len(items) >= limit:
                break
            request["ExclusiveStartKey"] = last
        if len(items) > limit:
            return items[:limit], items[limit - 1]["SK"]
        return items, last["SK"]["S"] if last else None

    def put(self, put: Put) -> None:
        """Raises ConditionFailed, unless just this item is stored: then an attempt whose answer was lost wrote it."""
        request = put.request(self.name)
        try:
            self._call(self.client.put_item, **request, ReturnValuesOnConditionCheckFailure="ALL_OLD")
        except ConditionFailed as failure:
            if failure.item != unpack(request["Item"]):
                raise

    def update(self, update: Update) -> Item:
        """The item after the update. Raises ConditionFailed."""
        reply = self._call(
            self.client.update_item,
            **update.request(self.name),
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return unpack(reply["Attributes"])

    def delete_many(self, keys: Sequence[PrimaryKey]) -> None:
        """Deletes any number of items: 25 to a call, all calls at the same time. If one fails, others may be done."""
        parts = [keys[start : start + MAX_DELETES] for start in range(0, len(keys), MAX_DELETES)]
        for deletion in [self.run_in_background(partial(self._delete_batch, part)) for part in parts]:
            deletion.result()

    def _delete_batch(self, keys: Sequence[PrimaryKey]) -> None:
        wanted: Any = {self.name: [{"DeleteRequest": {"Key": key}} for key in pack_keys(keys)]}
        for _ in attempts(self.deadline):
            wanted = self._call(self.client.batch_write_item, RequestItems=wanted).get("UnprocessedItems")
            if not wanted:
                return
        raise Unavailable("UnprocessedItems")

    def transact(self, actions: Sequence[Action]) -> None:
        """All of at most 100 actions or none. Raises TransactionFailed."""
        items: Any = [
            {type(action).__name__: action.request(self.name) | {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}
            for action in actions
        ]
        try:
            # The token makes every attempt the same transaction: one whose answer was lost is not done twice.
            self._call(self.client.transact_write_items, TransactItems=items, ClientRequestToken=str(uuid4()))
        except Cancelled as cancelled:
            failed = {
                action.key: unpack(reason["Item"]) if "Item" in reason else None
                for action, reason in zip(actions, cancelled.reasons, strict=True)
                if reason["Code"] == "ConditionalCheckFailed"
            }
            raise TransactionFailed(failed) from None

    def commit(self, actions: Sequence[Action], before: Any, after: Any) -> None:
        """The transaction that decides the request: what was `before` is `after` then. Raises TransactionFailed, and
        what ends the request: WouldSucceed in a dry run, DoneBefore where it is done already."""
        if self._commit:
            self._commit.transact(self, actions, before, after)
        else:
            self.transact(actions)

    def before_commit(self) -> "Table":
        """This table for writes before the one that decides the request. A dry run is decided by the first of them."""
        return self if self.is_dry_run else self.committing(None)

    @property
    def max_actions(self) -> int:
        """Of a transaction of the request, whose last one may get another action by `commit`."""
        return MAX_ACTIONS if self._commit is None else MAX_ACTIONS - self._commit.own_actions

    @property
    def is_dry_run(self) -> bool:
        return self._commit is not None and not self._commit.writes

    @property
    def deadline(self) -> float:
        """Of time.monotonic()."""
        return self._deadline or time.monotonic() + REQUEST_SECONDS

    def _call(self, operation: Callable[..., Result], **request: Any) -> Result:
        """Raises Unavailable, ConditionFailed, Cancelled, and RefusedByDynamoDB for a failure that stays."""
        request["ReturnConsumedCapacity"] = "TOTAL"  # for the metrics
        try:
            return call(operation, request, self.deadline, self._retry_budget, self._max_attempts)
        except ClientError as refusal:
            match refusal.response["Error"]["Code"]:
                case "ConditionalCheckFailedException":
                    item: Any = refusal.response.get("Item")
                    raise ConditionFailed(unpack(item) if item else None) from None
                case "TransactionCanceledException":
                    raise Cancelled(refusal.response["CancellationReasons"]) from None
            raise RefusedByDynamoDB(refusal) from None


def _outcome(count: "Future[Item]") -> Outcome:
    outcome = _awaited(count)
    if outcome.failure:
        note_not_counted(outcome.failure)
    return outcome


def _awaited(count: "Future[Item]") -> Outcome:
    try:
        return Outcome(count.result(COUNT_SECONDS))
    except TimeoutError:
        return Outcome(failure="timeout")
    except ConditionFailed:
        return Outcome(failure="ConditionFailed")
    except Unavailable as unavailable:
        return Outcome(failure=unavailable.cause, is_final=False)
    except RefusedByDynamoDB as refusal:
        return Outcome(failure=str(refusal), is_final=False)


@cache
def from_env() -> Table:
    """The table that `TABLE_NAME` names, with a client that all requests of this process share."""
    return Table(new_client(), os.environ["TABLE_NAME"])
