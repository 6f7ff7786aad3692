"""What a month costs: the requests of a user, what is stored, and what is there whether it is used or not."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from assistants_api.models.call import RETENTION_SECONDS
from local.cost.prices import Quantities
from local.cost.requests import GB, assumptions, billed
from local.cost.units import stored_bytes, units
from local.stack.template import Template, document

MONTHS_OF_CALLS = RETENTION_SECONDS / (assumptions()["month"]["hours"] * 3600)  # that are kept
ALARM, DASHBOARD = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard"


@dataclass(frozen=True)
class User:
    """`calls` and other `requests`, by endpoint, of a month; `cold` is the share of requests that is a cold start;
    `hours` in which there are any."""

    name: str
    what: str
    calls: int
    assistants: int
    versions: int
    cold: float
    hours: int
    functions: int
    requests: dict[str, int]

    @property
    def all_requests(self) -> dict[str, int]:
        """By endpoint, those of its calls too."""
        return {name: each * self.calls for name, each in assumptions()["call"].items()} | self.requests


def users() -> list[User]:
    return [User(**it) for it in assumptions()["user"]]


def month(user: User, size: int) -> Quantities:
    """What the month is billed for, with prompts of that many kilobytes and keys without a limit."""
    total, found = defaultdict[str, float](float), units()
    for name, count in user.all_requests.items():
        for item, quantity in billed(found[name][size], has_limit=False).items():
            total[item] += quantity * count
    return {**total, **_cold_starts(user, total), **_stored(user, size), **_logs(total), **_standing(user)}


def _cold_starts(user: User, total: Quantities) -> Quantities:
    memory = Template().functions["GetAssistant"].memory / 1024
    init = assumptions()["request"]["init_ms"] / 1000 * memory
    cold = total["lambda_requests"] * user.cold
    return {"lambda_gb_seconds": total["lambda_gb_seconds"] + cold * init, "write_units": total["write_units"] + cold}


def _stored(user: User, size: int) -> Quantities:
    counts = {"assistant": user.assistants, "version": user.versions, "call": user.calls * MONTHS_OF_CALLS}
    kept = sum(count * stored_bytes(kind, size) for kind, count in counts.items())
    return {"stored_gb": kept / GB, "recoverable_gb": kept / GB}


def _logs(total: Quantities) -> Quantities:
    """The default retention is a month, so what comes in is what is kept; CloudWatch compresses it to some 15 %."""
    return {"kept_log_gb": total["log_gb"] * 0.15}


def _standing(user: User) -> Quantities:
    assumed, resources = assumptions()["month"], document()["Resources"].values()
    kinds = Counter(it["Type"] for it in resources)
    return {
        "metrics": assumed["metric_series"],
        "alarms": sum(_watched(it["Properties"]) for it in resources if it["Type"] == ALARM),
        "dashboards": kinds[DASHBOARD],
        "kms_keys": assumed["keys"],
        "kms_requests": user.functions * user.hours * assumed["table_key_requests_per_hour"],
        "secrets": assumed["secrets"],
    }


def _watched(alarm: dict[str, Any]) -> int:
    """How many metrics it reads, each of which is billed: https://aws.amazon.com/cloudwatch/pricing/"""
    return sum("MetricStat" in it for it in alarm["Metrics"]) if "Metrics" in alarm else 1
