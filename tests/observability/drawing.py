"""The dashboard as a picture: an SVG of the widgets of template.yaml, with what was recorded."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.observability.alarms import fires
from tests.observability.definitions import alarms, widgets
from tests.observability.metrics import series
from tests.observability.recording import START, Recording

CELL_WIDTH, CELL_HEIGHT, GAP = 50, 40, 8
TITLE_HEIGHT, LEGEND_LINE, AXIS = 24, 14, 38
LEGEND_COLUMNS = 3
COLOURS = (
    "#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf",
    "#393b79", "#8c6d31", "#ad494a",
)  # fmt: skip
STYLE = (
    "text{font-family:system-ui,sans-serif;font-size:10px;fill:#444}.title{font-size:12px;font-weight:600}"
    ".end{text-anchor:end}.grid{stroke:#ddd}"
)

Line = tuple[str, list[float | None]]  # label, and a value for each period


def draw(recording: Recording) -> str:
    found = widgets()
    height = max(it["y"] + it["height"] for it in found) * CELL_HEIGHT
    size = f'width="{24 * CELL_WIDTH}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>{STYLE}</style>',
        _box(0, 0, 1200, height, "#f4f4f4"),
    ]
    for widget in found:
        box = tuple(
            widget[name] * cell for name, cell in zip(("x", "y", "width", "height"), (50, 40, 50, 40), strict=True)
        )
        parts += _alarms(recording, box) if widget["type"] == "alarm" else _chart(recording, widget["properties"], box)
    return "\n".join([*parts, "</svg>\n"])


def lines(recording: Recording, properties: Mapping[str, Any]) -> list[Line]:
    """What a widget shows; in its rows a full stop stands for what stands above."""
    found: list[Line] = []
    above: list[str] = []
    for row in properties["metrics"]:
        options = row[-1] if isinstance(row[-1], dict) else {}
        texts = [text for text in row if isinstance(text, str)]
        above = [above[place] if text == "." else text for place, text in enumerate(texts)]
        namespace, name, *pairs = above
        of = series(namespace, name, **dict(zip(pairs[::2], pairs[1::2], strict=True)))
        statistic, period = options.get("stat") or properties["stat"], properties["period"]
        values = [
            recording.metrics.statistic(of, statistic, start, start + period)
            for start in range(START, int(recording.time), period)
        ]
        changing = [text for text, given in zip(above, row, strict=False) if given != "."]
        label = options.get("label") or options.get("stat") or (changing[-1] if len(found) else "")
        if statistic == "Sum":
            values = [value or 0 for value in values]
        found.append((label or _first_label(properties, above), values))
    return found


def _first_label(properties: Mapping[str, Any], first: Sequence[str]) -> str:
    """Of the first row: what the second one has otherwise, or else the name of the metric."""
    rows = properties["metrics"]
    if len(rows) == 1:
        return first[1]
    return next(text for text, below in zip(first, rows[1], strict=False) if below != ".")


def _chart(recording: Recording, properties: Mapping[str, Any], box: Sequence[int]) -> Iterator[str]:
    x, y, width, height = box
    shown = lines(recording, properties)
    yield _box(x + GAP / 2, y + GAP / 2, width - GAP, height - GAP, "#fff")
    yield f'<text x="{x + 14}" y="{y + 20}" class="title">{properties["title"]}</text>'
    rows = -(-len(shown) // LEGEND_COLUMNS)
    left, right, top, bottom = x + AXIS, x + width - 16, y + TITLE_HEIGHT + 8, y + height - 16 - rows * LEGEND_LINE
    if properties.get("stacked"):
        shown = _stacked(shown)
    highest = max([value for _, values in shown for value in values if value is not None] + [1.0])
    for part in (0, 0.5, 1):
        at = bottom - part * (bottom - top)
        yield f'<line x1="{left}" x2="{right}" y1="{at}" y2="{at}" class="grid"/>'
        yield f'<text x="{left - 4}" y="{at + 3}" class="end">{round(part * highest, 1):g}</text>'
    for number, (label, values) in reversed(list(enumerate(shown))):
        colour, step = COLOURS[number], (right - left) / max(1, len(values) - 1)
        points = [
            (left + step * at, bottom - it / highest * (bottom - top)) for at, it in enumerate(values) if it is not None
        ]
        path = " ".join(f"{horizontal:.0f},{vertical:.1f}" for horizontal, vertical in points)
        if properties.get("stacked"):
            yield f'<polygon points="{left},{bottom} {path} {right},{bottom}" fill="{colour}"/>'
        else:
            yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        column, row = number % LEGEND_COLUMNS, number // LEGEND_COLUMNS
        place, line = x + 14 + column * 126, y + height - 12 - (rows - 1 - row) * LEGEND_LINE
        yield _box(place, line - 7, 8, 8, colour)
        yield f'<text x="{place + 11}" y="{line}">{label}</text>'


def _stacked(shown: Sequence[Line]) -> list[Line]:
    sums = [0.0] * len(shown[0][1])
    found: list[Line] = []
    for label, values in shown:
        sums = [below + (value or 0) for below, value in zip(sums, values, strict=True)]
        found.append((label, [*sums]))
    return found


def _alarms(recording: Recording, box: Sequence[int]) -> Iterator[str]:
    """Each alarm, and for how many minutes of the recording it was on."""
    x, y, width, height = box
    yield _box(x + GAP / 2, y + GAP / 2, width - GAP, height - GAP, "#fff")
    yield f'<text x="{x + 14}" y="{y + 20}" class="title">Alarms: in how many minutes each was on</text>'
    for number, (name, alarm) in enumerate(alarms().items()):
        minutes = len(list(fires(alarm, recording.metrics, START, int(recording.time))))
        place, line = x + 14 + number % 5 * 236, y + 34 + number // 5 * 38
        yield _box(place, line, 226, 30, "#fbe3e4" if minutes else "#e3f4e6")
        yield f'<text x="{place + 8}" y="{line + 19}">{name.removesuffix("Alarm")}: {minutes or "never"}</text>'


def _box(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{colour}" rx="2"/>'
