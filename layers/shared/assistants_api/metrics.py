"""The one line that each request writes to the log, which is its metrics too: CloudWatch's embedded metric format.

A metric is paid for once for each combination of its dimensions' values. So an endpoint counts in its group and an
outcome in its class; the exact ones are plain fields, for queries. docs/operations.md has all metrics and their price.

The lines are written by hand: Powertools' `Metrics` gives every value all the dimensions: docs/decisions.md.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, NamedTuple

Group = Literal["assistants", "phone_numbers", "calls", "api_keys", "other"]
Class = Literal["ok", "client_error", "refused", "server_error"]

NAMESPACE = "Assistants"
GROUPS: dict[str, Group] = {  # by the beginning of the path
    "/api/assistants": "assistants",
    "/api/phone-numbers": "phone_numbers",
    "/api/telephony-connections": "phone_numbers",
    "/api/routes": "calls",
    "/api/calls": "calls",
    "/telephony": "calls",
    "/api/api-keys": "api_keys",
    "/api/test-api-key": "api_keys",
}
REFUSED = {401, 403, 429}
# By these a call arrives; one that is not routed counts by its reason. What is refused or malformed is no call.
CALL_ROUTES = {
    "GET /api/routes/{phoneNumber}",
    "POST /api/routes/{phoneNumber}",
    "POST /telephony/{carrier}/{connectionId}/voice",
}
NO_CALL = {400, 401, 403, 413, 415}
ROUTED = "routed"
READS = {"BatchGetItem", "Query"}
COUNTS = {"Retries", "Throttles", "Conflicts", "NotCounted", "ColdStarts"}  # all other values are milliseconds
MAX_VALUES = 100  # of a metric in a line, as the format has it

now, timer = time.time, time.perf_counter  # seconds; a recorded load has a clock of its own
_first_requests = iter([1])  # of this process: the first one waited for a cold start


class Failure(Enum):
    """Of an attempt; a condition that does not hold is another one."""

    NONE, THROTTLE, CONFLICT, OTHER = range(4)


class Attempt(NamedTuple):
    """One call to DynamoDB or KMS, such as `BatchGetItem`; `units` are of its capacity, read or write."""

    operation: str
    milliseconds: float
    is_retry: bool
    failure: Failure
    units: float


@dataclass
class Use:
    """What a request asked of DynamoDB and KMS, in all of its threads; `not_counted` is why a count failed open."""

    attempts: list[Attempt] = field(default_factory=list)
    not_counted: str | None = None


_use: ContextVar[Use | None] = ContextVar("use", default=None)


@contextmanager
def watched() -> Iterator[Use]:
    """Notes what is asked in the `with` block."""
    token = _use.set(use := Use())
    try:
        yield use
    finally:
        _use.reset(token)


def note(attempt: Attempt) -> None:
    if use := _use.get():
        use.attempts.append(attempt)


def note_not_counted(reason: str) -> None:
    if use := _use.get():
        use.not_counted = reason


def class_of(status: int) -> Class:
    if status >= 500:
        return "server_error"
    if status in REFUSED:
        return "refused"
    return "client_error" if status >= 400 else "ok"


def group_of(route: str) -> Group:
    """Of a route key, such as `GET /api/assistants/{assistantId}`."""
    path = route.partition(" ")[2]
    for prefix, group in GROUPS.items():
        if path == prefix or path.startswith(f"{prefix}/"):
            return group
    return "other"


def line(route: str, outcome: str, status: int, use: Use, fields: Mapping[str, Any]) -> str:
    """The line of a request. `status` is what happened, such as 503 where the caller hears a busy signal; `fields` are
    the plain ones."""
    group, kind = group_of(route), class_of(status)
    service = os.environ.get("POWERTOOLS_SERVICE_NAME", "")
    values: dict[str, Any] = {"service": service, "group": group, "class": kind, "outcome": outcome, "Requests": 1}
    directives = [REQUESTS]
    if kind == "server_error":
        directives.append(FAILURES)
        values["Failures"] = 1
    if route in CALL_ROUTES and status not in NO_CALL:
        reason = str(fields.get("routed") or outcome)
        is_routed = reason == ROUTED
        values |= {"routed": reason, "RoutedCalls": int(is_routed), "UnroutedCalls": int(not is_routed)}
        directives += [CALLS] if is_routed else [CALLS, UNROUTED]
    if measured := _measured(use):
        directives.append(_directive(*((name, _unit(name)) for name in measured)))
    sums = _sums(use)
    metadata = {"Timestamp": int(now() * 1000), "CloudWatchMetrics": directives}
    return json.dumps({"_aws": metadata, **fields, **sums, **values, **measured}, separators=(",", ":"))


def _measured(use: Use) -> dict[str, float | list[float]]:
    """Values that only the service tells apart; none is 0, so that what does not happen costs nothing."""
    times: dict[str, list[float]] = {}
    for attempt in use.attempts:
        times.setdefault(attempt.operation, []).append(round(attempt.milliseconds, 1))
    counts = {
        "Retries": sum(attempt.is_retry for attempt in use.attempts),
        "Throttles": sum(attempt.failure is Failure.THROTTLE for attempt in use.attempts),
        "Conflicts": sum(attempt.failure is Failure.CONFLICT for attempt in use.attempts),
        "NotCounted": int(use.not_counted is not None),
        "ColdStarts": next(_first_requests, 0),
    }
    values = {name: each[:MAX_VALUES] if len(each) > 1 else each[0] for name, each in times.items()}
    return values | {name: it for name, it in counts.items() if it}


def _sums(use: Use) -> dict[str, float | str]:
    """Plain fields. Of capacity CloudWatch has metrics from DynamoDB itself, at no cost."""
    milliseconds = round(sum(attempt.milliseconds for attempt in use.attempts), 1)
    reads = sum(attempt.units for attempt in use.attempts if attempt.operation in READS)
    writes = sum(attempt.units for attempt in use.attempts if attempt.operation not in READS)
    sums = {"database_milliseconds": milliseconds, "read_units": reads, "write_units": writes}
    found: dict[str, float | str] = {name: it for name, it in sums.items() if it}
    return found | ({"not_counted": use.not_counted} if use.not_counted else {})


def _directive(*metrics: tuple[str, str], dimensions: tuple[tuple[str, ...], ...] = (("service",),)) -> dict[str, Any]:
    named = [{"Name": name, "Unit": unit} for name, unit in metrics]
    return {"Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": named}


def _unit(name: str) -> str:
    return "Count" if name in COUNTS else "Milliseconds"


REQUESTS = _directive(("Requests", "Count"), dimensions=(("service", "group", "class"), ("service", "class")))
FAILURES = _directive(("Failures", "Count"), dimensions=(("service", "outcome"),))
CALLS = _directive(("RoutedCalls", "Count"), ("UnroutedCalls", "Count"))
UNROUTED = _directive(("UnroutedCalls", "Count"), dimensions=(("service", "routed"),))
