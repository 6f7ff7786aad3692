"""`python -m local.events`: writes the JSON Schema of the events on the event bus, docs/events.schema.json."""

import json
from typing import Any

from assistants_api.models.event import AnyEvent
from local.stack.template import ROOT

SCHEMA = ROOT / "docs" / "events.schema.json"


def schema() -> dict[str, Any]:
    """That of an event as EventBridge delivers it; what EventBridge itself adds is left open."""
    detail = AnyEvent.json_schema(mode="serialization", ref_template="#/$defs/{model}")
    definitions = detail.pop("$defs")
    types = [kind for model in definitions.values() for kind in _types(model)]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An event of the assistants API",
        "type": "object",
        "required": ["source", "detail-type", "time", "detail"],
        "properties": {
            "source": {"const": "assistants"},
            "detail-type": {"enum": types},
            "time": {"type": "string", "format": "date-time"},
            "detail": detail,
        },
        "$defs": definitions,
    }


def _types(model: dict[str, Any]) -> list[str]:
    kind = model["properties"]["type"]
    return kind["enum"] if "enum" in kind else [kind["const"]]


if __name__ == "__main__":
    SCHEMA.write_text(f"{json.dumps(schema(), indent=2)}\n")
