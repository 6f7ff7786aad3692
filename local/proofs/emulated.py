"""What the emulator of AWS does not know of the stack, and where that is tested instead."""

from collections.abc import Iterator
from typing import Any

QUERY, ALARM = "AWS::Logs::QueryDefinition", "AWS::CloudWatch::Alarm"
NOTES = {
    QUERY: "left out, it has no saved queries; tests/observability runs them on lines of the log",
    ALARM: "on one metric, it knows no metric math and makes none of the log; tests/observability raises the alarms",
}


def unknown(template: dict[str, Any]) -> dict[str, Any]:
    """The resources that it does not know as they are, by their logical ids."""
    return {
        name: it
        for name, it in template["Resources"].items()
        if it["Type"] == QUERY or (it["Type"] == ALARM and "Metrics" in it["Properties"])
    }


def known(template: dict[str, Any]) -> dict[str, Any]:
    """The template without the unknown queries. Alarms stay, since others refer to them."""
    resources = {name: it for name, it in template["Resources"].items() if it["Type"] != QUERY}
    alarms = {name: _on_one_metric(it) for name, it in unknown(template).items() if it["Type"] == ALARM}
    return {**template, "Resources": resources | alarms}


def notes(template: dict[str, Any]) -> Iterator[str]:
    found = unknown(template)
    for kind, note in NOTES.items():
        yield f"{kind} {', '.join(name for name, it in found.items() if it['Type'] == kind)}: {note}"


def _on_one_metric(alarm: dict[str, Any]) -> dict[str, Any]:
    properties = dict(alarm["Properties"])
    first = next(it["MetricStat"] for it in properties.pop("Metrics") if "MetricStat" in it)
    return {
        **alarm,
        "Properties": properties | first["Metric"] | {"Period": first["Period"], "Statistic": first["Stat"]},
    }
