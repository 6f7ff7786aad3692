"""CloudWatch Logs Insights: what the saved queries use of it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Line = Mapping[str, Any]
Test = Callable[[Line], bool]

TOKEN = re.compile(r'"[^"]*"|[\w.@]+|[=><!]+|[()]')
AGGREGATE = re.compile(r"(count|sum|latest)\(([*\w]+)\) as (\w+)")


def run(query: str, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The rows of the result. The lines are in the order of their `@timestamp`."""
    rows: list[Any] = list(lines)
    wanted: list[str] = []
    for command in (part.strip() for part in query.split("\n| ")):
        word, rest = command.split(None, 1)
        match word:
            case "filter":
                rows = list(filter(_test(iter([*TOKEN.findall(rest), ""])), rows))
            case "stats":
                rows = _stats(rest, rows)
            case "sort":
                name, order = rest.split()
                rows = sorted(rows, key=lambda row: (name in row, row.get(name)), reverse=order == "desc")
            case "limit":
                rows = rows[: int(rest)]
            case "fields":
                wanted = rest.split(", ")
            case _:
                raise AssertionError(f"{word} is not run here.")
    return [{name: row[name] for name in wanted if name in row} for row in rows] if wanted else rows


def _test(tokens: Iterator[str]) -> Test:
    """Comparisons, all of which must hold; those in parentheses may be joined by `or`."""
    alternatives: list[list[Test]] = [[]]
    for token in tokens:
        if token in (")", ""):
            break
        if token == "or":
            alternatives.append([])
        elif token == "(":
            alternatives[-1].append(_test(tokens))
        elif token != "and":
            alternatives[-1].append(_comparison(token, tokens))
    return lambda line: any(all(test(line) for test in tests) for tests in alternatives)


def _comparison(name: str, tokens: Iterator[str]) -> Test:
    operation = next(tokens)
    is_negated = operation == "not"
    operation = next(tokens) if is_negated else operation
    text = next(tokens)
    wanted: Any = text.strip('"') if text.startswith('"') else float(text)

    def holds(line: Line) -> bool:
        if (value := line.get(name)) is None:
            return False
        match operation:
            case "=":
                return bool(value == wanted)
            case ">":
                return bool(value > wanted)
            case "like":
                return (wanted in value) != is_negated
        raise AssertionError(f"{operation} is not compared here.")

    return holds


def _stats(text: str, rows: Sequence[Line]) -> list[dict[str, Any]]:
    aggregates, _, names = text.partition(" by ")
    groups: dict[tuple[Any, ...], list[Line]] = {}
    for row in rows:
        groups.setdefault(tuple(row.get(name) for name in names.split(", ")), []).append(row)
    return [
        {name: value for name, value in zip(names.split(", "), group, strict=True) if value is not None}
        | {title: _aggregate(kind, field, found) for kind, field, title in AGGREGATE.findall(aggregates)}
        for group, found in groups.items()
    ]


def _aggregate(kind: str, field: str, rows: Sequence[Line]) -> Any:
    values = [row[field] for row in rows if field in row]
    return len(rows) if kind == "count" else values[-1] if kind == "latest" else sum(values)
