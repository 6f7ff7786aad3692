"""Prices of AWS, by name: prices.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("prices.toml")

Quantities = Mapping[str, float]  # by the name of the price


@dataclass(frozen=True)
class Price:
    """`usd` for so many as `per`; the first `free` of a month cost nothing."""

    what: str
    usd: float
    per: float
    source: str
    free: float = 0

    def cost(self, quantity: float) -> float:
        return quantity * self.usd / self.per

    def cost_beyond_free(self, quantity: float) -> float:
        return self.cost(max(0, quantity - self.free))


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text())


def prices() -> dict[str, Price]:
    return {name: Price(**entry) for name, entry in _file().items() if isinstance(entry, dict)}


def region_and_date() -> tuple[str, date]:
    return _file()["region"], _file()["date"]


def cost(quantities: Quantities) -> float:
    return sum(prices()[name].cost(quantity) for name, quantity in quantities.items())


def cost_beyond_free(quantities: Quantities) -> float:
    return sum(prices()[name].cost_beyond_free(quantity) for name, quantity in quantities.items())
