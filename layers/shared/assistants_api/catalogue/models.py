"""What is known of models: when they retire, what replaces them, and what they take.

`make catalogue` writes language_models.json; speech_models.json is written by hand. Both name their sources. Each is
read when a model is first looked up. A model that the catalogue does not know is taken to be in service and to take
everything.
"""

import json
import math
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypedDict, cast

from assistants_api.catalogue import Kind, Provider, ids_by_word

FOLDER = Path(__file__).parent
LANGUAGE_MODELS, SPEECH_MODELS = FOLDER / "language_models.json", FOLDER / "speech_models.json"
SOON = timedelta(days=90)
MAX_REPLACEMENTS = 10  # in a row; tests see to it that each chain ends


class Model(TypedDict, total=False):
    """`retires` is the first day without it, as 2026-06-01; `source` says so. `languages` are BCP-47 tags."""

    retires: str
    replacement: str
    source: str
    max_output_tokens: int
    fixed_temperature: bool
    languages: list[str]


class Retirement(TypedDict):
    """`checked` is the day on which the source said so; `replacement` is None where nothing replaces the model."""

    kind: Kind
    model: str
    retires: str
    replacement: str | None
    source: str
    checked: str


def find(kind: Kind, provider: str, name: str) -> Model:
    """What is known of a model of the provider, which an id or an alias names; empty if nothing is."""
    provider_id = ids_by_word(kind).get(provider, provider)
    return _models(kind).get(provider_id, {}).get(name, {})


def has_retired(model: Model, today: date) -> bool:
    return "retires" in model and model["retires"] <= today.isoformat()


def retires_soon(model: Model, today: date) -> bool:
    """Within 90 days, and not yet."""
    return "retires" in model and today.isoformat() < model["retires"] <= (today + SOON).isoformat()


def in_service(kind: Kind, provider: str, name: str, today: date) -> str | None:
    """The model itself, or the one that replaces it after it has retired; None if none does."""
    for _ in range(MAX_REPLACEMENTS):
        model = find(kind, provider, name)
        if not has_retired(model, today):
            return name
        if "replacement" not in model:
            return None
        name = model["replacement"]
    return None


def max_temperature(provider: str) -> float:
    """What the provider of language models takes at most; infinity where nothing is known."""
    provider_id = ids_by_word("llm").get(provider, provider)
    known: dict[str, Any] = _read(LANGUAGE_MODELS)["temperatures"]
    return cast(float, known[provider_id]["max"]) if provider_id in known else math.inf


def retirements(provider: Provider, kind: Kind | None = None) -> list[Retirement]:
    """The provider's models, those of the kind or of all kinds, that have retired or will."""
    return [
        Retirement(
            kind=each,
            model=name,
            retires=model["retires"],
            replacement=model.get("replacement"),
            source=model["source"],
            checked=_file(each)["checked"],
        )
        for each in (provider["kinds"] if kind is None else [kind])
        for name, model in _models(each).get(provider["id"], {}).items()
        if "retires" in model
    ]


def _models(kind: Kind) -> dict[str, dict[str, Model]]:
    return cast(dict[str, dict[str, Model]], _file(kind)["models"][kind])


def _file(kind: Kind) -> dict[str, Any]:
    return _read(LANGUAGE_MODELS if kind == "llm" else SPEECH_MODELS)


@cache
def _read(file: Path) -> dict[str, Any]:
    return cast(dict[str, Any], json.loads(file.read_text("utf-8")))
