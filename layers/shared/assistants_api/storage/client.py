"""Clients for DynamoDB and KMS, and calls that are tried again. With `table`, the only modules that use botocore.

What passes by itself (throttling, a conflict of transactions, a lost connection, a signature that was made before a
freeze) is tried again until the request's time is over, then it is an Unavailable.
"""

import json
import logging
import os
import random
import time
import zlib
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import botocore.session
from botocore import exceptions
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.retries.quota import RetryQuota

from assistants_api import metrics
from assistants_api.errors import Unavailable
from assistants_api.metrics import Attempt, Failure

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Reply = TypeVar("Reply")

for library in ("botocore", "urllib3"):  # at DEBUG they log whole requests and replies: credentials, prompts, tokens
    logging.getLogger(library).setLevel(logging.INFO)

# No attempt begins after the request's 6 seconds and none takes more than 3, so no request takes 10, well under the
# function's 15. botocore's own retries are off: they know of no such end.
REQUEST_SECONDS = 6
CONFIG = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 1},
    parameter_validation=False,  # docs/decisions.md
)
CREATION = Lock()  # a session of botocore makes one client at a time
RETRYABLE_CODES = {
    "ExpiredTokenException",
    "InvalidSignatureException",
    "ProvisionedThroughputExceededException",
    "ReplicatedWriteConflictException",
    "RequestExpired",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
    "UnrecognizedClientException",
}
BACKOFF_BASE, BACKOFF_CAP = 0.025, 0.4  # seconds; full jitter: at random from 0 to the base, doubled with each attempt
CONFLICT_CODES = {"TransactionConflict", "TransactionConflictException", "TransactionInProgressException"}
THROTTLING_CODES = {  # of a call, and of an action of a transaction
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingError",
    "ThrottlingException",
}
# A write that others race is tried so often, while there is time. Its waits stay short: nothing is overloaded.
MAX_RACES, RACE_BACKOFF_CAP = 100, 0.1
RETRY_COST = 5  # of the budget, which begins with 500 and regains 1 with each call that succeeds


def new_client() -> "DynamoDBClient":
    client = _new_client("dynamodb")
    client.meta.events.register("before-parse.dynamodb", _read_reply)
    return client  # type: ignore[no-any-return]


def new_kms_client() -> Any:
    return _new_client("kms")


def _new_client(service: str) -> Any:
    # What boto3.client makes, without importing boto3: docs/decisions.md.
    session = _session()
    # A User-Agent that is given is not put together anew for each call: docs/decisions.md.
    config = CONFIG.merge(Config(user_agent=session.user_agent()))
    # botocore refuses an empty AWS_CA_BUNDLE. The stack's parameter may be empty, which means the layer's own bundle.
    bundle = session.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE") or True
    with CREATION:
        client: Any = session.create_client(service, config=config, verify=bundle)
    client.meta.events.register(f"before-parse.{service}", _check_reply)
    return client


@cache
def _session() -> botocore.session.Session:
    """One for all clients, since to make it costs more than to make a client."""
    return botocore.session.get_session()


def call(
    operation: Callable[..., Reply],
    request: Mapping[str, Any],
    deadline: float,
    budget: RetryQuota,
    max_attempts: int | None = None,
) -> Reply:
    """The reply of the service. The deadline is one of time.monotonic().

    The budget is that of the process, as in botocore's standard mode: when everything is throttled, it is soon used up,
    and retries don't make the throttling worse. Conflicts of transactions cost nothing, since they are no sign of it.
    Raises Unavailable when time or budget is used up, and ClientError for a failure that stays.
    """
    failure: Exception | None = None
    paid = 0
    for attempt in attempts(deadline, max_attempts):
        if failure and not _is_conflict(failure):
            if not budget.acquire(RETRY_COST):
                break
            paid = RETRY_COST
        try:
            reply = _noted(operation, request, is_retry=attempt > 0)
        except (exceptions.ConnectionError, exceptions.HTTPClientError) as lost:
            failure = lost
        except ClientError as refusal:
            if not _is_retryable(refusal):
                budget.release(paid or 1)
                raise
            failure = refusal
        else:
            budget.release(paid or 1)
            return reply
    raise Unavailable(_cause(failure)) from failure


def _noted(operation: Callable[..., Reply], request: Mapping[str, Any], *, is_retry: bool) -> Reply:
    """The reply; how the attempt went is noted for the metrics of the request."""
    began, failure, units = metrics.timer(), Failure.OTHER, 0.0
    try:
        reply = operation(**request)
        failure, units = Failure.NONE, _capacity_units(reply)
        return reply
    except ClientError as refusal:
        failure = _kind(refusal)
        raise
    finally:
        name = operation.__name__.title().replace("_", "")  # as the API has it: BatchGetItem
        metrics.note(Attempt(name, 1000 * (metrics.timer() - began), is_retry, failure, units))


def _capacity_units(reply: Any) -> float:
    consumed = reply.get("ConsumedCapacity", [])
    return sum(float(each["CapacityUnits"]) for each in (consumed if isinstance(consumed, list) else [consumed]))


def attempts(deadline: float, limit: int | None = None, at_once: int = 1, cap: float = BACKOFF_CAP) -> Iterator[int]:
    """Counts attempts from 0 while there is time, and waits between them: exponential backoff with full jitter.

    The first `at_once` attempts follow each other without a wait. Raises Unavailable if there is no time for one.
    """
    for attempt in count() if limit is None else range(limit):
        if attempt >= at_once:
            backoff = min(cap, BACKOFF_BASE * 2 ** min(attempt - at_once, 10))
            time.sleep(random.uniform(0, backoff))  # noqa: S311
        if time.monotonic() > deadline:
            if not attempt:
                raise Unavailable("no time was left")
            return
        yield attempt


def races(deadline: float) -> Iterator[int]:
    """Attempts at a write that may lose a race. The second follows at once: it knows what the first one learned."""
    return attempts(deadline, MAX_RACES, at_once=2, cap=RACE_BACKOFF_CAP)


def _check_reply(response_dict: Mapping[str, Any], **_: object) -> None:
    """Raises HTTPClientError for a reply that is cut or not the service's: botocore would take it for an empty one."""
    checksum, body = response_dict["headers"].get("x-amz-crc32"), response_dict["body"]
    try:
        if checksum is None:
            if not isinstance(json.loads(body), dict):
                raise ValueError("it is no object")
        elif checksum != str(zlib.crc32(body)):
            raise ValueError("the checksum differs")
    except ValueError as fault:
        raise exceptions.HTTPClientError(error=fault) from None


def _read_reply(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Reads what DynamoDB answers as botocore does, which goes through all types for each value: docs/decisions.md."""
    if response_dict["status_code"] < 300:
        customized_response_dict.update(json.loads(response_dict["body"], object_hook=_with_bytes))
        response_dict["body"] = b"{}"


def _with_bytes(value: dict[str, Any]) -> dict[str, Any]:
    """An attribute's value, whose bytes are Base64 in JSON; or any other object, as it is."""
    if isinstance(value.get("B"), str):
        return {"B": b64decode(value["B"])}
    if "BS" in value and isinstance(value["BS"], list):
        return {"BS": [b64decode(text) for text in value["BS"]]}
    return value


def _is_retryable(refusal: ClientError) -> bool:
    """Throttling, a stale signature, a fault of DynamoDB's own, or a transaction that no condition cancelled."""
    code = refusal.response["Error"]["Code"]
    if code in RETRYABLE_CODES or refusal.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
        return True
    if code.isdigit():  # the HTTP status, for want of a code: a proxy between us and DynamoDB answered
        return True
    return code == "TransactionCanceledException" and "ConditionalCheckFailed" not in cancellation_codes(refusal)


def _is_conflict(failure: Exception) -> bool:
    return isinstance(failure, ClientError) and _kind(failure) is Failure.CONFLICT


def _kind(refusal: ClientError) -> Failure:
    codes = {refusal.response["Error"]["Code"], *cancellation_codes(refusal)}
    if not CONFLICT_CODES.isdisjoint(codes):
        return Failure.CONFLICT
    return Failure.OTHER if THROTTLING_CODES.isdisjoint(codes) else Failure.THROTTLE


def cancellation_codes(refusal: ClientError) -> set[str]:
    """Why the actions of a transaction failed."""
    return {reason.get("Code", "") for reason in refusal.response.get("CancellationReasons", [])} - {"", "None"}


def _cause(failure: Exception | None) -> str:
    """The code of the last failure, for the log; its message may hold what is stored."""
    if not isinstance(failure, ClientError):
        return type(failure).__name__
    return " ".join([failure.response["Error"]["Code"], *sorted(cancellation_codes(failure))])
