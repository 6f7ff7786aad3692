"""The tables that `make cost` prints, and that docs/cost.md and the README show."""

import re
from collections.abc import Iterable, Sequence

from local.cost.months import User, month, users
from local.cost.prices import cost, cost_beyond_free, prices, region_and_date
from local.cost.requests import billed, billed_ms
from local.cost.units import SIZES, Units, counting_writes, units
from local.stack.template import Template

MILLION = 1_000_000
NUMBER = re.compile(r"[\d.,*%]*")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """As Markdown; columns of numbers are aligned to the right."""
    lines = [*rows]
    marks = ["--:" if all(map(NUMBER.fullmatch, column)) else "---" for column in zip(*lines, strict=True)]
    return "\n".join([_line(header), f"|{'|'.join(marks)}|", *map(_line, lines)])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def of_requests() -> str:
    """The cost of each endpoint, by size of the prompt, without and with a rate limit."""
    small, large = SIZES
    header = ["endpoint", *(f"{what}, {size} KB" for what in ("reads", "writes", "ms") for size in SIZES)]
    header += [f"**USD, {small} KB**", "with a limit", f"**USD, {large} KB**", "with a limit"]
    rows = [[f"`{name}`" if "_" in name else name, *_row(by_size)] for name, by_size in units().items()]
    return table(header, rows)


def _row(by_size: dict[int, Units]) -> list[str]:
    memory = Template().functions["GetAssistant"].memory
    found = [by_size[size] for size in SIZES]
    consumed = [f"{it.read_units:g}" for it in found] + [f"{it.write_units:g}" for it in found]
    times = [f"{billed_ms(it, memory):.0f}" for it in found]
    return consumed + times + [f"{MILLION * cost(billed(it, limit)):.2f}" for it in found for limit in (False, True)]


def of_parts(name: str, size: int) -> str:
    """Of what the cost of a million such requests is made."""
    quantities = billed(units()[name][size], has_limit=False)
    rows = [[prices()[item].what, f"{MILLION * prices()[item].cost(it):.2f}"] for item, it in quantities.items()]
    return table(["part", "USD"], [*rows, ["**all**", f"**{MILLION * cost(quantities):.2f}**"]])


def of_months() -> str:
    """What a month of each user costs, part by part; a part that costs nobody a cent is left out."""
    columns = [(user, size) for user in users() for size in SIZES]
    months = [month(user, size) for user, size in columns]
    rows = []
    for name, price in prices().items():
        costs = [price.cost(quantities.get(name, 0)) for quantities in months]
        if max(costs) >= 0.005:
            rows.append([price.what, *(f"{it:,.2f}" for it in costs)])
    rows.append(["**all**", *(f"**{cost(it):,.2f}**" for it in months)])
    rows.append(["beyond what is free for every account", *(f"{cost_beyond_free(it):,.2f}" for it in months)])
    return table(["USD a month", *(f"{user.name}, {size} KB" for user, size in columns)], rows)


def summary() -> str:
    """For the README: a month of each user."""
    return table(["a month, USD", "prompts of 2 KB", "of 60 KB"], [_summary(user) for user in users()])


def _summary(user: User) -> list[str]:
    return [f"{user.name}: {user.what}", *(f"{cost(month(user, size)):,.0f}" for size in SIZES)]


def basis() -> str:
    (region, day), memory = region_and_date(), Template().functions["GetAssistant"].memory
    return (
        f"List prices of {region}, {day:%Y-%m-%d}, before what is free; {memory} MB on arm64. A key that uses up a "
        f"limit adds {counting_writes():g} write units to each request."
    )
