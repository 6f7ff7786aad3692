"""Every DynamoDB call. The only module that uses boto3.

Reads are consistent. Failures of a condition carry what is stored instead, so that the loser of a race can decide
without reading again. What passes by itself (throttling, a conflict of transactions, a lost connection) is tried again
for a bounded time, then it is an Unavailable.
"""

import os
import random
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import boto3
from boto3.dynamodb.conditions import Attr, ConditionBase, ConditionExpressionBuilder
from boto3.dynamodb.conditions import Key as KeyCondition
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore import exceptions
from botocore.config import Config
from botocore.exceptions import ClientError

from assistants.errors import Unavailable
from assistants.storage.keys import Key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = Mapping[str, Any]
Found = Mapping[Key, Item | None]  # what a read or a failed transaction saw under each key
Answer = TypeVar("Answer")

EXISTS = Attr("PK").exists()

# Worst case of one call: three attempts of two seconds; two calls stay under the function's 15.
CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3})
PASSING = {"TransactionConflictException", "TransactionInProgressException"}
PASSING_REASONS = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
THROTTLED = {"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"}


class ConditionFailed(Exception):
    """The write did not happen; `item` is what is stored, None where nothing is."""

    def __init__(self, item: Item | None) -> None:
        self.item = item


class TransactionFailed(Exception):
    """Nothing was written; per action that failed its condition, what is stored there."""

    def __init__(self, items: Found) -> None:
        self.items = items


@dataclass(frozen=True)
class Put:
    """A new item, written only where none is."""

    item: Item

    @property
    def key(self) -> Key:
        return self.item["PK"], self.item["SK"]

    def request(self, table: str) -> dict[str, Any]:
        return {"TableName": table, "Item": _pack(self.item), "ConditionExpression": "attribute_not_exists(PK)"}


@dataclass(frozen=True)
class Update:
    """Changes to one item, made only where the condition holds. `add` and `delete` are for numbers and sets."""

    key: Key
    condition: ConditionBase
    set: Mapping[str, Any] = field(default_factory=dict)
    remove: Collection[str] = ()
    add: Mapping[str, Any] = field(default_factory=dict)
    delete: Mapping[str, Any] = field(default_factory=dict)

    def request(self, table: str) -> dict[str, Any]:
        condition = _condition(self.condition)
        clauses = [
            ("SET", [f"#{name} = :{name}" for name in self.set]),
            ("REMOVE", [f"#{name}" for name in self.remove]),
            ("ADD", [f"#{name} :{name}" for name in self.add]),
            ("DELETE", [f"#{name} :{name}" for name in self.delete]),
        ]
        changed = {**self.set, **self.add, **self.delete}
        names = {f"#{name}": name for name in [*changed, *self.remove]}
        values = _pack({f":{name}": value for name, value in changed.items()})
        return {
            "TableName": table,
            "Key": _pack_key(self.key),
            "UpdateExpression": " ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses if parts),
            "ConditionExpression": condition["ConditionExpression"],
            "ExpressionAttributeNames": condition["ExpressionAttributeNames"] | names,
            "ExpressionAttributeValues": condition.get("ExpressionAttributeValues", {}) | values,
        }


@dataclass(frozen=True)
class Delete:
    """Removes an item, only where the condition holds."""

    key: Key
    condition: ConditionBase

    def request(self, table: str) -> dict[str, Any]:
        return {"TableName": table, "Key": _pack_key(self.key), **_condition(self.condition)}


@dataclass(frozen=True)
class ConditionCheck(Delete):
    """Changes nothing, and fails the transaction unless the condition holds."""


Action = Put | Update | Delete


class Table:
    """The table of one deployment."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self.client = client
        self.name = name
        self.outdated: dict[Key, list[str]] = {}  # attributes seen on an item that its next update may remove
        self._threads = ThreadPoolExecutor(max_workers=64)

    def beside(self, call: Callable[[], Answer]) -> "Future[Answer]":
        """Starts the call in a thread of its own: its round trip takes no time of those that follow here."""
        return self._threads.submit(call)

    def read(self, keys: Iterable[Key]) -> Found:
        """What is stored under each of at most 100 keys, in one round trip; None where nothing is."""
        items: dict[Key, Item | None] = dict.fromkeys(keys)
        wanted: Any = {self.name: {"Keys": [_pack_key(key) for key in items], "ConsistentRead": True}}
        for _ in _attempts():
            answer = _call(self.client.batch_get_item, RequestItems=wanted)
            for item in map(_unpack, answer["Responses"].get(self.name, [])):
                items[item["PK"], item["SK"]] = item
            wanted = answer.get("UnprocessedKeys")
            if not wanted:
                return items
        raise Unavailable

    def query(
        self,
        partition: str,
        prefix: str,
        limit: int,
        *,
        after: str | None = None,
        newest_first: bool = False,
        where: ConditionBase | None = None,
    ) -> tuple[list[Item], bool]:
        """The items whose sort key starts with the prefix, in its order, and whether there are more.

        `after` is the sort key of the last item of the page before. Without a filter it is one round trip, and DynamoDB
        ends a page at 1 MB; with one it reads on until the page is full.
        """
        key_condition = KeyCondition("PK").eq(partition) & KeyCondition("SK").begins_with(prefix)
        builder = ConditionExpressionBuilder()
        expressions = {"KeyConditionExpression": builder.build_expression(key_condition, is_key_condition=True)}
        if where is not None:
            expressions["FilterExpression"] = builder.build_expression(where)
        request: dict[str, Any] = {
            "TableName": self.name,
            "ConsistentRead": True,
            "ScanIndexForward": not newest_first,
            "ExpressionAttributeNames": _merged(built.attribute_name_placeholders for built in expressions.values()),
            "ExpressionAttributeValues": _pack(
                _merged(built.attribute_value_placeholders for built in expressions.values())
            ),
            **{name: built.condition_expression for name, built in expressions.items()},
        }
        if where is None:
            request["Limit"] = limit + 1
        if after is not None:
            request["ExclusiveStartKey"] = _pack_key((partition, after))
        items: list[Any] = []
        while True:
            answer = _call(self.client.query, **request)
            items += answer["Items"]
            more = "LastEvaluatedKey" in answer
            if where is None or not more or len(items) > limit:
                return [_unpack(item) for item in items[:limit]], more or len(items) > limit
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def put(self, put: Put) -> None:
        """Raises ConditionFailed, unless just this item is stored: then an attempt whose answer was lost wrote it."""
        request = put.request(self.name)
        try:
            _call(self.client.put_item, **request, ReturnValuesOnConditionCheckFailure="ALL_OLD")
        except ConditionFailed as failure:
            if failure.item != _unpack(request["Item"]):
                raise

    def update(self, update: Update) -> Item:
        """The item after the update. Raises ConditionFailed."""
        request = update.request(self.name)
        answer = _call(
            self.client.update_item,
            **request,
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return _unpack(answer["Attributes"])

    def transact(self, actions: Sequence[Action]) -> None:
        """All of at most 100 actions or none. Raises TransactionFailed."""
        items: Any = [
            {type(action).__name__: action.request(self.name) | {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}
            for action in actions
        ]
        try:
            # The token makes every attempt the same transaction: one whose answer was lost is not done twice.
            _call(self.client.transact_write_items, TransactItems=items, ClientRequestToken=str(uuid4()))
        except ClientError as failure:
            reasons = failure.response.get("CancellationReasons", [])
            failed = {
                action.key: _unpack(reason["Item"]) if "Item" in reason else None
                for action, reason in zip(actions, reasons, strict=False)
                if reason.get("Code") == "ConditionalCheckFailed"
            }
            if not failed:
                raise
            raise TransactionFailed(failed) from None


@cache
def from_env() -> Table:
    """The table that `TABLE_NAME` names, with a client that all requests of this process share."""
    return Table(boto3.client("dynamodb", config=CONFIG), os.environ["TABLE_NAME"])


def _call(operation: Callable[..., Answer], **request: Any) -> Answer:
    """Calls DynamoDB; botocore retries throttling and lost connections, but not the conflicts of transactions."""
    for _ in _attempts():
        try:
            return operation(**request)
        except (exceptions.ConnectionError, exceptions.HTTPClientError) as failure:
            raise Unavailable from failure
        except ClientError as failure:
            code = failure.response["Error"]["Code"]
            if code == "ConditionalCheckFailedException":
                item: Any = failure.response.get("Item")
                raise ConditionFailed(_unpack(item) if item else None) from None
            if code in THROTTLED or failure.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
                raise Unavailable from failure
            reasons = {reason.get("Code") for reason in failure.response.get("CancellationReasons", [])}
            if "ConditionalCheckFailed" in reasons or not (code in PASSING or reasons & PASSING_REASONS):
                raise
    raise Unavailable


def _attempts(most: int = 8) -> Iterator[int]:
    """Counts attempts, and waits between them: at random up to 25 ms, 50 ms, ... and at most 400 ms."""
    for attempt in range(most):
        if attempt:
            time.sleep(random.uniform(0, min(0.4, 0.025 * 2 ** (attempt - 1))))  # noqa: S311
        yield attempt


def _condition(condition: ConditionBase) -> dict[str, Any]:
    built = ConditionExpressionBuilder().build_expression(condition)
    request = {
        "ConditionExpression": built.condition_expression,
        "ExpressionAttributeNames": built.attribute_name_placeholders,
        "ExpressionAttributeValues": _pack(built.attribute_value_placeholders),
    }
    return {name: part for name, part in request.items() if part}


def _merged(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {name: value for part in parts for name, value in part.items()}


def _pack_key(key: Key) -> dict[str, Any]:
    return {"PK": {"S": key[0]}, "SK": {"S": key[1]}}


def _pack(values: Mapping[str, Any]) -> dict[str, Any]:
    """Python values as DynamoDB's. None and empty sets are left out. A float becomes its text: a DynamoDB number
    has another range and rounds, and what was stored has to come back exactly."""
    packed = {}
    for name, value in values.items():
        if value is not None and value != set():
            packed[name] = TypeSerializer().serialize(repr(value) if isinstance(value, float) else value)
    return packed


def _unpack(item: Mapping[str, Any]) -> Item:
    """DynamoDB's values as Python's; sets become sorted lists."""
    values = {name: TypeDeserializer().deserialize(value) for name, value in item.items()}
    return {name: sorted(value) if isinstance(value, set) else value for name, value in values.items()}
