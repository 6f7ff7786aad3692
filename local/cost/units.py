"""What each endpoint consumes, as `make measure-cost` found it: local/cost/units.json."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("units.json")
SIZES = (2, 60)  # kilobytes of a prompt


@dataclass(frozen=True)
class Units:
    """Of a request. `processor_ms` is that of one whole processor; round trips to DynamoDB come on top. `has_key` says
    that an API key opens the endpoint, and so may limit it.
    """

    read_units: float
    write_units: float
    round_trips: int
    has_key: bool
    processor_ms: float
    log_bytes: int
    answer_bytes: int


@cache
def _recorded() -> Any:
    return json.loads(FILE.read_text())


def units() -> dict[str, dict[int, Units]]:
    """By endpoint and by the size of the prompt."""
    return {
        name: {int(size): Units(**found) for size, found in by_size.items()}
        for name, by_size in _recorded()["endpoints"].items()
    }


def counting_writes() -> float:
    """Write units for each request of a key with a limit."""
    return float(_recorded()["counting_writes_per_request"])


def stored_bytes(kind: str, size: int) -> int:
    """Of an `assistant`, a `version` or a `call` with a prompt of that size."""
    return int(_recorded()["stored_bytes"][str(size)][kind])
