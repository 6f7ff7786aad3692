"""Alarms, queries and dashboard as template.yaml defines them, with the names that the recorded load has."""

import json
import re
from typing import Any

from local.stack.template import document

NAMES = {"AWS::StackName": "assistants", "AWS::Region": "us-east-1", "Table": "assistants"}
VARIABLE = re.compile(r"\$\{([\w:.]+)\}")


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of each such resource by its logical id."""
    found = {name: it["Properties"] for name, it in document()["Resources"].items() if it["Type"] == kind}
    return {name: _resolved(properties) for name, properties in found.items()}


def alarms() -> dict[str, dict[str, Any]]:
    return of_type("AWS::CloudWatch::Alarm")


def queries() -> dict[str, str]:
    """By their names without the stack's."""
    found = of_type("AWS::Logs::QueryDefinition").values()
    return {it["Name"].removeprefix("assistants/"): it["QueryString"] for it in found}


def widgets() -> list[dict[str, Any]]:
    (dashboard,) = of_type("AWS::CloudWatch::Dashboard").values()
    found: list[dict[str, Any]] = json.loads(dashboard["DashboardBody"])["widgets"]
    return found


def _resolved(value: Any) -> Any:
    """Of what is not known here, the name of a resource is its logical id, and so is what it is asked for."""
    match value:
        case {"Ref": name}:
            return NAMES.get(name, name)
        case {"Fn::GetAtt": name}:
            return str(name).partition(".")[0]
        case {"Fn::If": [_, value, _]}:  # as it is without parameters, or with all that there are
            return _resolved(value)
        case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), _]}:
            return VARIABLE.sub(lambda found: NAMES.get(found[1], found[1].partition(".")[0]), text)
        case dict():
            return {name: _resolved(it) for name, it in value.items()}
        case list():
            return [_resolved(it) for it in value]
    return value
