"""The starter configurations, a TOML file each: what it is for, and the configuration it gives."""

import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def configuration(template_id: str) -> dict[str, Any]:
    """The fields of an assistant that the template sets: all but its name and what the service itself sets."""
    template = tomllib.loads((FOLDER / f"{template_id}.toml").read_text("utf-8"))
    return dict(template["configuration"])
