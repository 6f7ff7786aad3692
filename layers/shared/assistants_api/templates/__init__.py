"""The starter configurations, a TOML file each: what it is for, and the configuration it gives."""

import tomllib
from pathlib import Path
from typing import Any, get_args

from assistants_api.errors import TemplateNotFound
from assistants_api.models.assistant import TemplateId

FOLDER = Path(__file__).parent


def catalogue() -> list[dict[str, Any]]:
    """Every template as `load` answers it."""
    return [load(template_id) for template_id in get_args(TemplateId)]


def load(template_id: str) -> dict[str, Any]:
    """A template: its `id`, its `description` in a sentence, and the `configuration` that it gives an assistant, which
    is every field but the name and what the service itself sets. Raises TemplateNotFound.
    """
    known = get_args(TemplateId)
    if template_id not in known:
        raise TemplateNotFound(template_id, known)
    return {"id": template_id, **tomllib.loads((FOLDER / f"{template_id}.toml").read_text("utf-8"))}
