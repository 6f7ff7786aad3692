"""From samples to medians, ratios, targets, tables and a picture."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from tests.bench.emulator import Sample
from tests.bench.packages import Variant

Metrics = Mapping[str, Any]
Results = Mapping[tuple[str, str], Metrics]  # by the function and the variant's label

# Name, unit, digits and what it means.
COLUMNS = {
    "init": ("Init Duration", "ms", 0),
    "init_cpu": ("init CPU", "ms", 0),
    "instructions": ("init instructions", "M", 0),
    "first": ("first request", "ms", 1),
    "first_cpu": ("first CPU", "ms", 1),
    "warm_instructions": ("warm instructions", "M", 2),
    "cpu": ("warm CPU p50", "ms", 2),
    "cpu_p99": ("p99", "ms", 2),
    "beside": ("beside DynamoDB", "us", 0),
    "wall": ("warm wall p50", "ms", 1),
    "wall_p99": ("p99", "ms", 1),
    "round_trips": ("round trips", "", 1),
    "calls": ("calls", "", 1),
    "sent": ("bytes sent", "", 0),
    "received": ("bytes received", "", 0),
    "rss": ("peak RSS", "MB", 0),
    "size": ("package", "MB", 1),
}
NEVER = float("nan")
BEFORE = "before, byte code"  # the label of an earlier state


@dataclass(frozen=True)
class Target:
    text: str
    ratio: float
    most: float

    @property
    def is_met(self) -> bool:
        return self.ratio <= self.most


def metrics(
    variant: Variant,
    samples: Sequence[Sample],
    starts: Sequence[Sample],
    instructions: float,
    warm_instructions: float,
) -> dict[str, Any]:
    """Medians over the processes; of warm requests, over all of them. `starts` are of all that start from the package.

    Of instructions, 0 means that they were not counted.
    """
    warm = [request for sample in samples for request in sample.warm]

    def middle(value: Callable[[Sample], float], samples: Sequence[Sample] = samples) -> float:
        return median(map(value, samples))

    return {
        "init": middle(lambda sample: sample.init_wall, starts),
        "init_cpu": middle(lambda sample: sample.init_cpu, starts),
        "init_quartiles": _quartiles([sample.init_wall for sample in starts]),
        "instructions": instructions,
        "warm_instructions": warm_instructions,
        "modules": middle(lambda sample: sample.modules),
        "first": middle(lambda sample: sample.first.wall),
        "first_cpu": middle(lambda sample: sample.first.cpu),
        "cpu": median(request.cpu for request in warm),
        "cpu_p99": _p99(request.cpu for request in warm),
        "beside": 1000 * middle(lambda sample: sample.beside),
        "wall": median(request.wall for request in warm),
        "wall_p99": _p99(request.wall for request in warm),
        "round_trips": middle(lambda sample: sample.round_trips),
        "calls": middle(lambda sample: sample.calls),
        "sent": middle(lambda sample: sample.bytes_sent),
        "received": middle(lambda sample: sample.bytes_received),
        "rss": middle(lambda sample: sample.peak_rss) / 1e6,
        "size": variant.size / 1e6,
    }


def _quartiles(values: list[float]) -> list[float]:
    return quantiles(values, n=4, method="inclusive")[::2] if len(values) > 1 else values * 2


def _p99(values: Iterable[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[98]


def targets(results: Results, artefact: str) -> list[Target]:
    """Of the artefact as it was built or, where it says so, with byte code for all. Those against an earlier state
    count where it was measured too."""
    found: list[Target] = []

    def add(
        text: str, metric: str, ours: str, peer: str, most: float, functions: Iterable[str] = ("get", "update")
    ) -> None:
        for verb in functions:
            one, other = (results.get((f"{verb}_assistant", label)) for label in (ours, peer))
            if one and other and other[metric]:
                name = "GET" if verb == "get" else "PATCH"
                found.append(Target(f"{name}: {text}", one[metric] / other[metric], most))

    compiled = "ours, byte code"
    for metric, name in (
        ("init", "Init Duration"),
        ("init_cpu", "the same in CPU time"),
        ("instructions", "the same in instructions"),
    ):
        add(f"{name}, artefact / plain FastAPI + Mangum", metric, artefact, "fastapi_mangum", 0.20)
        for peer, most in (("fastapi_mangum", 0.50), ("one_function", 0.62), ("resolver", 0.70), ("boto3_dict", 1.05)):
            add(f"{name}, byte code for all / {peer}", metric, compiled, f"{peer}, byte code", most)
    add("first request, byte code for all / resolver", "first", compiled, "resolver, byte code", 0.35)
    add("the same in CPU time", "first_cpu", compiled, "resolver, byte code", 0.35)
    add("first request, artefact / plain resolver", "first", artefact, "resolver", 0.35)
    add("CPU beside the database / fastapi_mangum", "beside", compiled, "fastapi_mangum, byte code", 0.26)
    add("warm CPU / with two GetItems", "cpu", compiled, "ours, two GetItems, byte code", 0.60, ["get"])
    add("peak RSS / boto3 and pydantic", "rss", compiled, "pydantic_only, byte code", 1.10)
    answered, got = (results.get((function, artefact)) for function in ("answer_call", "get_assistant"))
    if answered and got:
        for metric, name, most in (
            ("init", "Init Duration", 1.15),
            ("init_cpu", "init CPU", 1.15),
            ("instructions", "init instructions", 1.10),
        ):
            if got[metric]:
                found.append(Target(f"a carrier's webhook: {name} / GET", answered[metric] / got[metric], most))
        found.append(Target("a carrier's webhook: round trips / 2", answered["round_trips"] / 2, 1.0))
    add("init instructions / before", "instructions", artefact, BEFORE, 1.02)
    add("warm instructions / before", "warm_instructions", artefact, BEFORE, 1.05)
    add("warm CPU / before", "cpu", artefact, BEFORE, 1.05)
    return found


def tables(results: Results, artefact: str) -> str:
    """Per function: what was measured, and what the artefact takes of what each peer takes."""
    parts = []
    for function in dict.fromkeys(function for function, _ in results):
        rows = {label: measured for (name, label), measured in results.items() if name == function}
        ours = rows[artefact]
        columns = {metric: it for metric, it in COLUMNS.items() if any(row[metric] for row in rows.values())}
        heads = [f"{title} {unit}".strip() for title, unit, _ in columns.values()]
        measured = [
            [label, *(_number(row[metric] or NEVER, digits) for metric, (_, _, digits) in columns.items())]
            for label, row in rows.items()
        ]
        ratios = [
            [label, *(_number(_ratio(ours[metric], row[metric]), 2) for metric in columns)]
            for label, row in rows.items()
            if label != artefact
        ]
        parts += [f"### {function}", markdown(["", *heads], measured)]
        titles = [title for title, _, _ in columns.values()]
        parts += [f"What `{artefact}`, the artefact as built, takes of it:", markdown(["", *titles], ratios)]
    return "\n\n".join(parts)


def listed(found: Sequence[Target]) -> str:
    rows = [[it.text, f"{it.ratio:.3f}", f"{it.most:.2f}", "met" if it.is_met else "NOT MET"] for it in found]
    return markdown(["target", "ratio", "at most", ""], rows)


def _ratio(one: float, other: float) -> float:
    return one / other if other else NEVER


def _number(value: float, digits: int) -> str:
    return "-" if value != value else f"{value:,.{digits}f}"


def markdown(heads: list[str], rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]

    def line(cells: list[str]) -> str:
        padded = [
            cells[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)),
        ]
        return f"| {' | '.join(padded)} |"

    rule = "|" + "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])]) + "|"
    return "\n".join([line(heads), rule, *map(line, rows)])


def picture(results: Results, artefact: str, caption: str) -> str:
    """Bars: of each function the Init Duration, without and with byte code, and the CPU time of a warm request."""
    panels = []
    for function in dict.fromkeys(function for function, _ in results):
        rows = {label: row for (name, label), row in results.items() if name == function}
        names = [label for label in rows if f"{label}, byte code" in rows]
        title = {"get_assistant": "GET", "update_assistant": "PATCH"}.get(function, function)
        cold = [(name, [rows[name]["init"], rows[f"{name}, byte code"]["init"]]) for name in names]
        warm = [(name, [rows[f"{name}, byte code"]["cpu"]]) for name in names]
        panels += [(f"{title}: Init Duration in ms, as a plain `sam build` packages it and with byte code", cold)]
        panels += [(f"{title}: CPU time of a warm request in ms", warm)]
    return _svg(panels, caption)


def _svg(panels: list[tuple[str, list[tuple[str, list[float]]]]], caption: str) -> str:
    left, width, bar = 150, 520, 13
    y, parts = 24, [f'<text x="8" y="{16}" class="small">{_escaped(caption)}</text>']
    for title, rows in panels:
        y += 26
        parts.append(f'<text x="8" y="{y}" class="title">{_escaped(title)}</text>')
        y += 8
        longest = max(value for _, values in rows for value in values)
        for name, values in rows:
            height = bar * len(values)
            mine = "ours" if name == "ours" else "peer"
            parts.append(f'<text x="{left - 8}" y="{y + height / 2 + 4}" class="name">{_escaped(name)}</text>')
            for number, value in enumerate(values):
                shade = "plain" if number + 1 < len(values) else "compiled"
                length = max(1.0, width * value / longest)
                top = y + number * bar
                parts.append(
                    f'<rect x="{left}" y="{top}" width="{length:.1f}" height="{bar - 2}" class="{mine} {shade}"/>'
                    f'<text x="{left + length + 6:.1f}" y="{top + bar - 4}" class="small">{_short(value)}</text>'
                )
            y += height + 5
    style = (
        "text{font-family:system-ui,sans-serif;font-size:12px;fill:#444}.title{font-weight:600;font-size:13px}"
        ".small{font-size:10px}.name{text-anchor:end}.peer{fill:#8a94a6}.ours{fill:#0b7a55}.plain{opacity:.45}"
    )
    size = f'width="{left + width + 70}" height="{y + 10}"'
    background = '<rect width="100%" height="100%" fill="#fff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>{style}</style>{background}{"".join(parts)}</svg>\n'


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _rounded(number: str) -> float:
    return round(float(number), 4)


def as_json(results: Results) -> list[dict[str, Any]]:
    return [
        {"function": function, "variant": label, **json.loads(json.dumps(row), parse_float=_rounded)}
        for (function, label), row in results.items()
    ]
