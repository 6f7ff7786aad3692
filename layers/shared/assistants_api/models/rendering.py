"""The values of variables, as a request sends them."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError, WithJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError

from assistants_api.models.creation import Creation
from assistants_api.models.messages import JSON_TYPES, LONE_SURROGATE
from assistants_api.models.parsing import OptionalAccountBody

MAX_DEPTH = 3  # names of a path, such as that to contact.custom.budget
MAX_NAME = 200  # characters
MAX_VALUE = 4_000  # characters
MAX_VALUES = 500

SURROGATE = re.compile("[\ud800-\udfff]")

Path = tuple[str, ...]


def _by_name(sent: object) -> object:
    """The values as text, by the names of their variables, such as `{"contact.first_name": "Ada"}`, without nulls."""
    if not isinstance(sent, dict):
        return sent  # which pydantic refuses
    leaves = list(islice(_leaves(sent), MAX_VALUES + 1))
    if len(leaves) > MAX_VALUES:
        raise _refusal({(): f"has more than {MAX_VALUES} values; send those that the prompt uses."})
    values: dict[str, object] = {}
    faults: dict[Path, str] = {}
    for path, value in leaves:
        name = ".".join(path)
        if fault := "is sent twice; send it once." if name in values else _fault(name, value):
            faults[path] = fault
        values[name] = value
    if faults:
        raise _refusal(faults)
    return {name: _text(value) for name, value in values.items() if value is not None}


def _leaves(sent: Mapping[str, object], above: Path = ()) -> Iterator[tuple[Path, object]]:
    for name, value in sent.items():
        path = (*above, name)
        if isinstance(value, dict) and len(path) < MAX_DEPTH:
            yield from _leaves(value, path)
        else:
            yield path, value


def _fault(name: str, value: object) -> str | None:
    if isinstance(value, dict | list):
        return f"must be a string, a number, a boolean or null, not {JSON_TYPES[type(value)]}."
    if isinstance(value, float) and not math.isfinite(value):
        return "must be a finite number."
    if len(name) > MAX_NAME:
        return f"has a name of {len(name):,} characters; at most {MAX_NAME:,} are allowed."
    text = _text(value)
    if len(text) > MAX_VALUE:
        return f"has {len(text):,} characters; at most {MAX_VALUE:,} are allowed."
    return f"{LONE_SURROGATE}." if SURROGATE.search(name + text) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _refusal(faults: Mapping[Path, str]) -> ValidationError:
    errors = [
        InitErrorDetails(type=PydanticCustomError("value_error", "refused", {"error": fault}), loc=path, input="")
        for path, fault in faults.items()
    ]
    return ValidationError.from_exception_data("variables", errors)


class VariableValues(OptionalAccountBody, Creation):
    """The body of a request that renders prompts."""

    variables: Annotated[
        dict[str, str],
        BeforeValidator(_by_name),
        WithJsonSchema({"type": "object", "additionalProperties": True}),
    ] = Field(
        {},
        description=(
            "The values of variables, by name: objects within objects, or names with dots. A value is a string of up "
            "to 4,000 characters, a number or a boolean; null is no value. At most 500 values."
        ),
        examples=[{"contact": {"first_name": "Ada", "custom": {"budget": 5000}}}],
    )
