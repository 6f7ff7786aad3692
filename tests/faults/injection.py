"""Faults between the functions and DynamoDB, by botocore's events."""

import io
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import local
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from tests.harness import counts

TARGET = "DynamoDB_20120810."
ALWAYS = 1_000_000
COUNTING = "the count of the request"

Reply = dict[str, Any]  # botocore's: status_code, headers, body
Sabotage = Callable[[str], AWSResponse | None]  # instead of sending a request of this operation
Falsify = Callable[[str, Reply], None]  # what has come back of one


class Fault:
    """Something that goes wrong before a request reaches DynamoDB, or after it."""

    def __init__(
        self, before: Sabotage = lambda operation: None, after: Falsify = lambda operation, reply: None
    ) -> None:
        self.before = before
        self.after = after


class Injection:
    """`sent` tells of every attempt of the operations concerned, by name; one that counts a request has its own."""

    def __init__(self, fault: Fault, times: int, concerns: Callable[[str], bool]) -> None:
        self._fault, self._times, self._concerns = fault, times, concerns
        self._of_thread = local()  # the operation whose reply is to be falsified
        self.sent: list[str] = []

    def before_send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        self._of_thread.operation = None
        target: bytes = request.headers["X-Amz-Target"]  # type: ignore[assignment]
        operation = target.decode().removeprefix(TARGET)
        name = COUNTING if counts({"body": request.body}) else operation
        if not self._concerns(name):
            return None
        self.sent.append(name)
        if self.sent.count(name) > self._times:
            return None
        self._of_thread.operation = operation
        return self._fault.before(operation)

    def before_parse(self, response_dict: Reply, **_: object) -> None:
        if self._of_thread.operation:
            self._fault.after(self._of_thread.operation, response_dict)


@contextmanager
def injected(client: Any, fault: Fault, times: int = ALWAYS, *operations: str) -> Iterator[Injection]:
    """The fault befalls the first requests of each operation, or of each of those named. At least one must be sent."""
    injection = Injection(fault, times, lambda name: not operations or name in operations)
    events = client.meta.events
    events.register_first("before-send.dynamodb", injection.before_send)
    events.register_first("before-parse.dynamodb", injection.before_parse)
    try:
        yield injection
    finally:
        events.unregister("before-send.dynamodb", injection.before_send)
        events.unregister("before-parse.dynamodb", injection.before_parse)
    assert injection.sent, "The fault befell no request."


def answered(status: int, content: object) -> Fault:
    """Somebody answers so, and DynamoDB never hears of the request."""
    body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
    return Fault(before=lambda operation: AWSResponse("", status, HTTPHeaders(), Raw(body)))


def refused(code: str, status: int = 400, reasons: Sequence[str] = ()) -> Fault:
    """DynamoDB refuses the request with this error."""
    content: dict[str, object] = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code}
    return answered(status, content | {"CancellationReasons": [{"Code": reason} for reason in reasons]})


def cancelled(*reasons: str) -> Fault:
    """DynamoDB cancels the transaction."""
    return refused("TransactionCanceledException", reasons=reasons)


def lost_request() -> Fault:
    def before(operation: str) -> None:
        raise EndpointConnectionError(endpoint_url=operation)

    return Fault(before=before)


def lost_reply() -> Fault:
    def after(operation: str, reply: Reply) -> None:
        raise ReadTimeoutError(endpoint_url=operation)

    return Fault(after=after)


def garbled_reply(garbled: Callable[[bytes], bytes]) -> Fault:
    """The request took effect; of its reply only the body is another."""

    def after(operation: str, reply: Reply) -> None:
        reply["body"] = garbled(reply["body"])

    return Fault(after=after)


def unprocessed(keep: int) -> Fault:
    """BatchGetItem reads as many of the keys as to keep, and names the others as UnprocessedKeys."""

    def after(operation: str, reply: Reply) -> None:
        if operation != "BatchGetItem":
            return
        content = json.loads(reply["body"])
        for table, items in content["Responses"].items():
            if left := items[keep:]:
                keys = [{name: item[name] for name in ("PK", "SK")} for item in left]
                content["UnprocessedKeys"] = {table: {"Keys": keys, "ConsistentRead": True}}
            content["Responses"][table] = items[:keep]
        reply["body"] = json.dumps(content).encode()
        reply["headers"]["x-amz-crc32"] = str(zlib.crc32(reply["body"]))

    return Fault(after=after)


class Raw(io.BytesIO):
    """A body as urllib3 would have received it."""

    def stream(self) -> Iterator[bytes]:
        yield self.getvalue()
