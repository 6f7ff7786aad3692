"""What a call uses in the place of models that have retired, and what is wrong with the models of an assistant.

All of it follows from the assistant, the catalogue and the day.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal, NotRequired, TypedDict

from pydantic import Field

from assistants_api.catalogue import Kind, models
from assistants_api.models.assistant import Assistant
from assistants_api.models.parsing import Flag, Query

# The fields that name the provider and the model of each kind.
FIELDS: Mapping[Kind, tuple[str, str]] = {
    "llm": ("provider", "model"),
    "voice": ("voice_provider", "voice_model"),
    "transcription": ("transcriptor_provider", "transcriptor_model"),
}
SUBSTITUTABLE = ("model", "temperature", "max_tokens", "voice_model", "transcriptor_model")
OWN_TEMPERATURE = 1.0  # which every model takes that takes no other

ModelWarningCode = Literal[
    "retired_model", "retiring_model", "too_many_tokens", "unsupported_temperature", "unsupported_language"
]
Substitution = TypedDict("Substitution", {"field": str, "from": Any, "to": Any, "since": str})


class ModelWarning(TypedDict):
    """`field` is a JSON pointer into the assistant. The last three are those of a model that retires."""

    field: str
    code: ModelWarningCode
    message: str
    retires: NotRequired[str]
    replacement: NotRequired[str]
    source: NotRequired[str]


class CallQuery(Query):
    """The query parameters of what answers an assistant as a call uses it."""

    exact: Flag = Field(
        False, description="Whether to answer what is stored, even models that have retired.", examples=[True]
    )


def as_called(assistant: Assistant, today: date, exact: bool = False) -> tuple[Assistant, list[Substitution]]:
    """The assistant as a call uses it, and what differs from what is stored: in the place of a retired model its
    replacement, with a temperature and a number of tokens that this takes. If `exact`, nothing differs.
    """
    found = [] if exact else [each for kind in FIELDS for each in _substitutions(assistant, kind, today)]
    return assistant.model_copy(update={each["field"]: each["to"] for each in found}), found


def model_warnings(assistant: Assistant, today: date) -> list[ModelWarning]:
    """What is wrong with the models that the assistant names, today or within 90 days."""
    retiring = [warning for kind in FIELDS if (warning := _retirement(assistant, kind, today))]
    return [*retiring, *_unsupported_settings(assistant, today), *_unsupported_language(assistant, today)]


def _named(assistant: Assistant, kind: Kind) -> tuple[str, str]:
    provider, model = (getattr(assistant, field) for field in FIELDS[kind])
    return provider, model


def _used(assistant: Assistant, kind: Kind, today: date) -> str:
    """The model that a call uses."""
    provider, model = _named(assistant, kind)
    return models.in_service(kind, provider, model, today) or model


def _substitutions(assistant: Assistant, kind: Kind, today: date) -> Iterator[Substitution]:
    provider, model = _named(assistant, kind)
    used = _used(assistant, kind, today)
    if used == model:
        return
    changes: dict[str, Any] = {FIELDS[kind][1]: used}
    if kind == "llm":
        changes |= _accepted(assistant, used)
    since = models.find(kind, provider, model)["retires"]
    for field, value in changes.items():
        yield {"field": field, "from": getattr(assistant, field), "to": value, "since": since}


def _accepted(assistant: Assistant, model: str) -> dict[str, float]:
    """What the language model takes in the place of each setting that it refuses."""
    known = models.find("llm", assistant.provider, model)
    is_fixed, most = "fixed_temperature" in known, models.max_temperature(assistant.provider)
    settings = {
        "temperature": OWN_TEMPERATURE if is_fixed else min(assistant.temperature, most),
        "max_tokens": min(assistant.max_tokens, known.get("max_output_tokens", assistant.max_tokens)),
    }
    return {field: value for field, value in settings.items() if value != getattr(assistant, field)}


def _retirement(assistant: Assistant, kind: Kind, today: date) -> ModelWarning | None:
    provider, name = _named(assistant, kind)
    model, field = models.find(kind, provider, name), FIELDS[kind][1]
    has_retired = models.has_retired(model, today)
    if not (has_retired or models.retires_soon(model, today)):
        return None
    successor = models.in_service(kind, provider, name, max(today, date.fromisoformat(model["retires"])))
    warning: ModelWarning = {
        "field": f"/{field}",
        "code": "retired_model" if has_retired else "retiring_model",
        "message": f"{provider} {'ended' if has_retired else 'ends'} {name} on {model['retires']}; "
        + (_with_successor(field, successor, has_retired) if successor else _without_successor(has_retired)),
        "retires": model["retires"],
        "source": model["source"],
    }
    if successor:
        warning["replacement"] = successor
    return warning


def _with_successor(field: str, successor: str, has_retired: bool) -> str:
    when = "calls use" if has_retired else "from then on calls use"
    return f"{when} {successor} in its place. Change {field} to it, or to another model."


def _without_successor(has_retired: bool) -> str:
    return "calls with it fail. Choose another model." if has_retired else "choose another model before that day."


def _unsupported_settings(assistant: Assistant, today: date) -> Iterator[ModelWarning]:
    model = _used(assistant, "llm", today)
    accepted = _accepted(assistant, model)
    if "temperature" in accepted:
        most = accepted["temperature"]
        is_fixed = "fixed_temperature" in models.find("llm", assistant.provider, model)
        rule = f"{model} takes no temperature but {most}" if is_fixed else f"{assistant.provider} takes at most {most}"
        hint = f"send {most}" if is_fixed else f"send {most} or less"
        yield {"field": "/temperature", "code": "unsupported_temperature", "message": f"{rule}; {hint}."}
    if "max_tokens" in accepted:
        most = accepted["max_tokens"]
        message = f"{model} gives at most {most:,} tokens; send {most} or less."
        yield {"field": "/max_tokens", "code": "too_many_tokens", "message": message}


def _unsupported_language(assistant: Assistant, today: date) -> Iterator[ModelWarning]:
    model = _used(assistant, "transcription", today)
    known = models.find("transcription", assistant.transcriptor_provider, model).get("languages")
    tag = assistant.transcriptor_language
    if known is not None and tag.lower().partition("-")[0] not in known:
        message = f"{model} does not know {tag}; send one of {', '.join(known)}, or choose another model."
        yield {"field": "/transcriptor_language", "code": "unsupported_language", "message": message}
