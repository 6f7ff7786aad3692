"""The table's stream, and the pipe of template.yaml that makes events of it, as EventBridge Pipes does."""

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import boto3
from moto.events.models import EventPattern

from assistants_api.storage.table import Table
from local.stack.template import document
from tests.harness import load_handler

Record = Any  # of a stream
Event = dict[str, Any]  # as it is on the bus

RESOURCES = document()["Resources"]
PIPE = RESOURCES["EventPipe"]["Properties"]
SOURCE = PIPE["SourceParameters"]
TARGET = PIPE["TargetParameters"]["EventBridgeEventBusParameters"]
BATCH_SIZE = SOURCE["DynamoDBStreamParameters"]["BatchSize"]
MAX_ENTRIES = 10  # of PutEvents, and so of a batch with an event bus as the target
PATTERNS = [EventPattern.load(it["Pattern"]) for it in SOURCE["FilterCriteria"]["Filters"]]


class Stream:
    """The stream of the table, from its beginning."""

    def __init__(self, table: Table, arn: str) -> None:
        self._arn = arn
        self._client: Any = boto3.client("dynamodbstreams", endpoint_url=table.client.meta.endpoint_url)

    def close(self) -> None:
        self._client.close()

    def records(self) -> list[Record]:
        """All records, as a pipe gets them."""
        shards = self._client.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]
        return [as_json(record) for shard in shards for record in self._of_shard(shard["ShardId"])]

    def _of_shard(self, shard: str) -> Iterator[Record]:
        wanted = {"StreamArn": self._arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
        iterator = self._client.get_shard_iterator(**wanted)["ShardIterator"]
        while iterator:
            answer = self._client.get_records(ShardIterator=iterator)
            yield from answer["Records"]
            iterator = answer.get("NextShardIterator") if answer["Records"] else None


def as_json(record: Any) -> Record:
    """A record of the API as Lambda and pipes have it: times are seconds, bytes are base64."""

    def plain(value: object) -> object:
        return value.timestamp() if isinstance(value, datetime) else b64encode(bytes(value)).decode()  # type: ignore[call-overload]

    text = json.dumps(record, default=plain)
    return json.loads(text)


@contextmanager
def stream_of(table: Table) -> Iterator[Stream]:
    """A new stream of the table, which ends with it."""
    wanted = RESOURCES["Table"]["Properties"]["StreamSpecification"] | {"StreamEnabled": True}
    described = table.client.update_table(TableName=table.name, StreamSpecification=wanted)["TableDescription"]
    stream = Stream(table, described["LatestStreamArn"])
    try:
        yield stream
    finally:
        stream.close()
        table.client.update_table(TableName=table.name, StreamSpecification={"StreamEnabled": False})


def is_passed_on(record: Record) -> bool:
    return any(pattern.matches_event(record) for pattern in PATTERNS)


def described(records: Sequence[Record]) -> list[Any]:
    """What the function answers for the records, in batches."""
    batches = [records[start : start + BATCH_SIZE] for start in range(0, len(records), BATCH_SIZE)]
    answers = [load_handler("describe_change")(json.loads(json.dumps(batch)), None) for batch in batches]
    assert all(len(answer) <= MAX_ENTRIES for answer in answers)
    return [detail for answer in answers for detail in json.loads(json.dumps(answer))]


def events_of(records: Sequence[Record]) -> list[Event]:
    """What the pipe puts on the bus of these records."""
    details = described([record for record in records if is_passed_on(record)])
    return [
        {**{_name(key): _at(value, detail) for key, value in TARGET.items()}, "detail": detail} for detail in details
    ]


def _name(parameter: str) -> str:
    return {"Source": "source", "DetailType": "detail-type", "Time": "time"}[parameter]


def _at(value: str, detail: Any) -> Any:
    """A parameter is a path from its `$.` on, and else the value itself."""
    return detail[value.removeprefix("$.")] if value.startswith("$.") else value
