"""What a request costs: its units, in the quantities that AWS bills."""

import tomllib
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

from local.cost.prices import Quantities
from local.cost.units import Units, counting_writes
from local.stack.template import Template

FILE = Path(__file__).with_name("assumptions.toml")
GB = 1024**3
API_UNIT = 512 * 1024  # bytes


@cache
def assumptions() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text())


def billed_ms(units: Units, memory: int) -> float:
    """Of a warm request: its processor time with the share that this much memory has, and what it waits."""
    assumed = assumptions()["request"]
    share = min(1.0, memory / float(assumed["full_processor_mb"]))
    return ceil(units.processor_ms / share + units.round_trips * float(assumed["database_ms"]))


def billed(units: Units, has_limit: bool) -> Quantities:
    """What a warm request is billed for; with the writes that count, where its key has a limit."""
    assumed, memory = assumptions()["request"], Template().functions["GetAssistant"].memory
    lines = 3 if assumed["access_log_bytes"] == 0 else 4
    logged = units.log_bytes + assumed["lambda_log_bytes"] + assumed["access_log_bytes"]
    return {
        "api_requests": max(1, ceil(units.answer_bytes / API_UNIT)),
        "lambda_requests": 1,
        "lambda_gb_seconds": billed_ms(units, memory) / 1000 * memory / 1024,
        "read_units": units.read_units,
        "write_units": units.write_units + (counting_writes() if has_limit and units.has_key else 0),
        "log_gb": (logged + lines * assumed["log_event_bytes"]) / GB,
        "sent_gb": units.answer_bytes / GB,
    }
