"""Every DynamoDB call. The only module that uses botocore.

Reads are consistent. Failures of a condition carry what is stored instead, so that the loser of a race can decide
without reading again. What passes by itself (throttling, a conflict of transactions, a lost connection) is tried again
until the request's time is over, then it is an Unavailable.
"""

import copy
import json
import os
import random
import re
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import botocore.session
from botocore import exceptions
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from assistants_api.errors import Unavailable
from assistants_api.storage.conditions import EXISTS, Condition, absent
from assistants_api.storage.keys import Key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = Mapping[str, Any]
ItemsByKey = Mapping[Key, Item | None]  # what a read or a failed transaction saw under each key
Entry = TypeVar("Entry")
Page = tuple[list[Entry], str | None]  # and the sort key that the next page starts behind, if there is one
Answer = TypeVar("Answer")
ATTRIBUTE = re.compile(r"#(\w+)")

# No attempt begins after the request's 6 seconds and none takes more than 3, so no request takes 10, well under the
# function's 15. botocore's own retries are off: they know of no such end. So is its validation: what is sent has its
# types from `_pack`, and 4 % of a call's processor time goes.
REQUEST_SECONDS = 6
WARM_UP_SECONDS = 0.5  # likewise of the initialisation
MAX_READS = 8  # MB that a filter goes through for a page: a partition gives 12 a second
CONFIG = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 1},
    parameter_validation=False,
)
RETRYABLE_CODES = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
}
WARM_UP_KEY = ("-", "-")  # a key that no item has
BACKOFF_BASE, BACKOFF_CAP = 0.025, 0.4  # seconds between two attempts at most, doubled from one to the next


class ConditionFailed(Exception):
    """The write did not happen; `item` is what is stored, None where nothing is."""

    def __init__(self, item: Item | None) -> None:
        self.item = item


class TransactionFailed(Exception):
    """Nothing was written; per action that failed its condition, what is stored there."""

    def __init__(self, items: ItemsByKey) -> None:
        self.items = items


@dataclass(frozen=True)
class Put:
    """A new item, written only where none is."""

    item: Item

    @property
    def key(self) -> Key:
        return self.item["PK"], self.item["SK"]

    def request(self, table: str) -> dict[str, Any]:
        return {"TableName": table, "Item": _pack(self.item), **_expressions(ConditionExpression=absent("PK"))}


@dataclass(frozen=True)
class Update:
    """Changes to one item, made only where the condition holds. `add` and `delete` are for numbers and sets."""

    key: Key
    condition: Condition
    set: Mapping[str, Any] = field(default_factory=dict)
    remove: Collection[str] = ()
    add: Mapping[str, Any] = field(default_factory=dict)
    delete: Mapping[str, Any] = field(default_factory=dict)

    def request(self, table: str) -> dict[str, Any]:
        clauses = [
            ("SET", [f"#{name} = :{name}" for name in self.set]),
            ("REMOVE", [f"#{name}" for name in self.remove]),
            ("ADD", [f"#{name} :{name}" for name in self.add]),
            ("DELETE", [f"#{name} :{name}" for name in self.delete]),
        ]
        text = " ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses if parts)
        values = {f":{name}": value for name, value in {**self.set, **self.add, **self.delete}.items()}
        expressions = _expressions(UpdateExpression=Condition(text, values), ConditionExpression=self.condition)
        return {"TableName": table, "Key": _pack_key(self.key), **expressions}


@dataclass(frozen=True)
class Delete:
    """Removes an item, only where the condition holds."""

    key: Key
    condition: Condition

    def request(self, table: str) -> dict[str, Any]:
        expressions = _expressions(ConditionExpression=self.condition)
        return {"TableName": table, "Key": _pack_key(self.key), **expressions}


@dataclass(frozen=True)
class ConditionCheck(Delete):
    """Changes nothing, and fails the transaction unless the condition holds."""


Action = Put | Update | Delete


class Table:
    """The table of one deployment."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self.client = client
        self.name = name
        self._deadline: float | None = None  # of time.monotonic(); without one each call has a time of its own
        self.outdated: dict[Key, list[str]] = {}  # attributes seen on an item that its next update may remove
        self.uncounted: dict[Key, int] = {}  # hours in which an API key was seen to need no count
        self._threads = ThreadPoolExecutor(max_workers=64)

    def for_request(self, seconds: float = REQUEST_SECONDS) -> "Table":
        """This table for one request, whose calls have so many seconds together."""
        table = copy.copy(self)
        table._deadline = time.monotonic() + seconds
        return table

    def warm_up(self) -> None:
        """Opens the connections of a request: reads, and beside it updates, what is not there. Both also do what
        botocore does once per operation. Does that fail, then a request will say so if it still does."""
        table = self.for_request(WARM_UP_SECONDS)
        with suppress(ConditionFailed, Unavailable, ClientError, BotoCoreError):
            beside = table.run_in_background(lambda: table.update(Update(WARM_UP_KEY, EXISTS, remove=["nothing"])))
            table.read([WARM_UP_KEY])
            beside.result()

    def run_in_background(self, call: Callable[[], Answer]) -> "Future[Answer]":
        """Starts the call in a thread of its own: its round trip takes no time of those that follow here. What the
        context knows of this request, it knows there too."""
        return self._threads.submit(copy_context().run, call)

    def read(self, keys: Iterable[Key]) -> ItemsByKey:
        """What is stored under each of at most 100 keys, in one round trip; None where nothing is."""
        items: dict[Key, Item | None] = dict.fromkeys(keys)
        wanted: Any = {self.name: {"Keys": [_pack_key(key) for key in items], "ConsistentRead": True}}
        for _ in self.attempts():
            answer = self._call(self.client.batch_get_item, RequestItems=wanted)
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
        where: Condition | None = None,
    ) -> Page[Item]:
        """The items whose sort key starts with the prefix, in its order; `after` is what the page before said.

        Without a filter it is one round trip, and DynamoDB ends a page at 1 MB. With one it reads on until the page is
        full, but no more than MAX_READS times; so a page can be short, even empty, with others behind it.
        """
        expressions = {
            "KeyConditionExpression": Condition(
                "#PK = :PK AND begins_with(#SK, :prefix)", {":PK": partition, ":prefix": prefix}
            )
        }
        if where is not None:
            expressions["FilterExpression"] = where
        request: dict[str, Any] = {
            "TableName": self.name,
            "ConsistentRead": True,
            "ScanIndexForward": not newest_first,
            **_expressions(**expressions),
        }
        if where is None:
            request["Limit"] = limit + 1
        if after is not None:
            request["ExclusiveStartKey"] = _pack_key((partition, after))
        items: list[Any] = []
        reads = 1 if where is None else MAX_READS
        while True:
            answer = self._call(self.client.query, **request)
            items += answer["Items"]
            last = items[limit - 1] if len(items) > limit else answer.get("LastEvaluatedKey")
            reads -= 1
            if not last or not reads or len(items) >= limit:
                return [_unpack(item) for item in items[:limit]], last["SK"]["S"] if last else None
            request["ExclusiveStartKey"] = last

    def put(self, put: Put) -> None:
        """Raises ConditionFailed, unless just this item is stored: then an attempt whose answer was lost wrote it."""
        request = put.request(self.name)
        try:
            self._call(self.client.put_item, **request, ReturnValuesOnConditionCheckFailure="ALL_OLD")
        except ConditionFailed as failure:
            if failure.item != _unpack(request["Item"]):
                raise

    def update(self, update: Update) -> Item:
        """The item after the update. Raises ConditionFailed."""
        request = update.request(self.name)
        answer = self._call(
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
            self._call(self.client.transact_write_items, TransactItems=items, ClientRequestToken=str(uuid4()))
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

    def _call(self, operation: Callable[..., Answer], **request: Any) -> Answer:
        """Calls DynamoDB, again and again while what fails may pass. Raises Unavailable, ConditionFailed."""
        failure: Exception | None = None
        for _ in self.attempts():
            try:
                return operation(**request)
            except (exceptions.ConnectionError, exceptions.HTTPClientError) as lost:
                failure = lost
            except ClientError as refusal:
                if refusal.response["Error"]["Code"] == "ConditionalCheckFailedException":
                    item: Any = refusal.response.get("Item")
                    raise ConditionFailed(_unpack(item) if item else None) from None
                if not _is_retryable(refusal):
                    raise
                failure = refusal
        raise Unavailable(_cause(failure)) from failure

    def attempts(self, most: int = 8) -> Iterator[int]:
        """Counts attempts while there is time, and waits at random between them. Raises Unavailable if there is no
        time for one."""
        deadline = self._deadline or time.monotonic() + REQUEST_SECONDS
        for attempt in range(most):
            if attempt:
                time.sleep(random.uniform(0, min(BACKOFF_CAP, BACKOFF_BASE * 2 ** (attempt - 1))))  # noqa: S311
            if time.monotonic() > deadline:
                if not attempt:
                    raise Unavailable("no time was left")
                return
            yield attempt


@cache
def from_env() -> Table:
    """The table that `TABLE_NAME` names, with a client that all requests of this process share."""
    # What boto3.client("dynamodb") makes, without the rest of boto3, whose import is 8 % of the init's processor time.
    session = botocore.session.get_session()
    # A User-Agent that is told is not put together anew for each call, which is 11 % of a call's processor time.
    config = CONFIG.merge(Config(user_agent=session.user_agent()))
    # botocore refuses an empty AWS_CA_BUNDLE, which here is a parameter left empty, and means the bundle of the layer.
    bundle = session.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE") or True
    client: Any = session.create_client("dynamodb", config=config, verify=bundle)
    client.meta.events.register("before-parse.dynamodb", _check_reply)
    return Table(client, os.environ["TABLE_NAME"])


def _check_reply(response_dict: Mapping[str, Any], **_: object) -> None:
    """Raises HTTPClientError for a reply that is cut or not DynamoDB's: botocore would take it for an empty answer."""
    checksum, body = response_dict["headers"].get("x-amz-crc32"), response_dict["body"]
    try:
        if checksum is None:
            json.loads(body)
        elif checksum != str(zlib.crc32(body)):
            raise ValueError("the checksum differs")
    except ValueError as fault:
        raise exceptions.HTTPClientError(error=fault) from None


def _cause(failure: Exception | None) -> str:
    """The code of the last failure, for the log; its message may hold what is stored."""
    if not isinstance(failure, ClientError):
        return type(failure).__name__
    reasons = [reason.get("Code", "") for reason in failure.response.get("CancellationReasons", [])]
    return " ".join([failure.response["Error"]["Code"], *sorted({*reasons} - {"None", ""})])


def _is_retryable(refusal: ClientError) -> bool:
    """Throttling, a fault of DynamoDB's own, or a transaction that was cancelled, but by no condition."""
    code = refusal.response["Error"]["Code"]
    if code in RETRYABLE_CODES or refusal.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
        return True
    if code.isdigit():  # the status, for want of a code: somebody between us and DynamoDB says so
        return True
    reasons = {reason.get("Code") for reason in refusal.response.get("CancellationReasons", [])}
    return code == "TransactionCanceledException" and "ConditionalCheckFailed" not in reasons


def _expressions(**expressions: Condition) -> dict[str, Any]:
    """The expressions of a request, with the names and values that they mention declared."""
    names = {name for expression in expressions.values() for name in ATTRIBUTE.findall(expression.text)}
    values = {name: value for expression in expressions.values() for name, value in expression.values.items()}
    request: dict[str, Any] = {parameter: expression.text for parameter, expression in expressions.items()}
    request["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
    if values:
        request["ExpressionAttributeValues"] = _pack(values)
    return request


def _pack_key(key: Key) -> dict[str, Any]:
    return {"PK": {"S": key[0]}, "SK": {"S": key[1]}}


def _pack(values: Mapping[str, Any]) -> dict[str, Any]:
    """Python values as DynamoDB's. None and empty sets are left out."""
    return {name: _pack_value(value) for name, value in values.items() if value is not None and value != set()}


def _pack_value(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case float():  # as text: a DynamoDB number has another range and rounds, and what is stored has to come back
            return {"S": repr(value)}
        case set():
            return {"SS": sorted(value)}
        case list():
            return {"L": [_pack_value(entry) for entry in value]}
    raise TypeError(f"There is no DynamoDB type for {type(value).__name__}.")


def _unpack(item: Mapping[str, Any]) -> Item:
    """DynamoDB's values as Python's; sets become sorted lists. Most values are text."""
    return {name: value["S"] if "S" in value else _unpack_value(value) for name, value in item.items()}


def _unpack_value(value: Mapping[str, Any]) -> Any:
    ((kind, content),) = value.items()
    if kind in ("S", "BOOL"):
        return content
    if kind == "N":
        return int(content)
    if kind == "SS":
        return sorted(content)
    if kind == "L":
        return [_unpack_value(entry) for entry in content]
    raise TypeError(f"The table does not hold {kind}.")
