"""Metrics as CloudWatch keeps them, and what it makes of lines in the embedded metric format."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

Series = tuple[str, str, frozenset[tuple[str, str]]]  # namespace, name, dimensions


def series(namespace: str, name: str, **dimensions: str) -> Series:
    return namespace, name, frozenset(dimensions.items())


class Metrics:
    """Each value of each series, with its time in seconds."""

    def __init__(self) -> None:
        self.values: dict[Series, list[tuple[float, float]]] = defaultdict(list)

    def add(self, of: Series, time: float, value: float) -> None:
        self.values[of].append((time, value))

    def add_line(self, line: Mapping[str, Any]) -> None:
        """Raises KeyError for a line that names what it does not have."""
        for directive in line["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                dimensions = {name: line[name] for name in names}
                for metric in directive["Metrics"]:
                    values = line[metric["Name"]]
                    for value in values if isinstance(values, list) else [values]:
                        of = series(directive["Namespace"], metric["Name"], **dimensions)
                        self.add(of, line["_aws"]["Timestamp"] / 1000, value)

    def statistic(self, of: Series, name: str, start: float, end: float) -> float | None:
        """Such as Sum or p99 of the values from the start until before the end; None where there is none."""
        values = sorted(value for time, value in self.values.get(of, ()) if start <= time < end)
        if not values:
            return None
        match name:
            case "Sum":
                return sum(values)
            case "Maximum":
                return values[-1]
        return values[min(len(values) - 1, int(len(values) * float(name.removeprefix("p")) / 100))]
