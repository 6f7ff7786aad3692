"""What is wrong with a field, in a sentence that says what would be accepted."""

import json
from collections.abc import Iterable, Iterator
from math import isfinite
from typing import get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from assistants_api.errors import Detail

JSON_TYPES = {type(None): "null", bool: "a boolean", int: "a number", float: "a number", str: "a string"}
JSON_TYPES |= {list: "an array", dict: "an object"}
EXPECTED = {"string": "a string", "int": "an integer", "float": "a number", "bool": "a boolean", "list": "an array"}
EXPECTED |= {"dict": "an object", "model": "an object"}
LONE_SURROGATE = "is not valid Unicode (a surrogate without its pair)"
MAX_TEXT_SHOWN = 100  # characters of the caller's own text that a message repeats at most
MAX_NAMES_SHOWN = 10

Path = tuple[int | str, ...]  # from the body to a field, with the positions of entries


def detail(model: type[BaseModel], error: ErrorDetails, pointer_prefix: str) -> Detail:
    path = [shortened(part) if isinstance(part, str) else str(part) for part in error["loc"]]
    pointer = pointer_prefix + "/".join(part.replace("~", "~0").replace("/", "~1") for part in path) if path else ""
    return {"field": pointer, "message": _sentence(model, error, is_query=pointer_prefix == "?")}


def shortened(text: str) -> str:
    """A text as a message may repeat it: short, and valid Unicode whatever the caller sent."""
    short = text if len(text) <= MAX_TEXT_SHOWN else text[:MAX_TEXT_SHOWN] + "..."
    return short.encode("utf-8", "replace").decode()


def nearest(given: object, names: Iterable[str]) -> str | None:
    """The name that is most like what was given, if one is near."""
    from difflib import get_close_matches  # only for the one who errs

    near = get_close_matches(shortened(given), list(names), n=1, cutoff=0.65) if isinstance(given, str) else []
    return near[0] if near else None


def did_you_mean(name: str | None) -> str:
    return f"; did you mean {name}" if name else ""


def _sentence(model: type[BaseModel], error: ErrorDetails, is_query: bool) -> str:
    given, context, kind = error["input"], error.get("ctx", {}), error["type"]
    if kind == "extra_forbidden":
        return _unknown(model, error["loc"], is_query)
    field = _field(_owner(model, error["loc"]), error["loc"][-1]) if error["loc"] else None
    if kind == "missing":
        return f"is required{_such_as(field)}."
    if given is None and field:
        wanted = EXPECTED.get(kind.removesuffix("_type"), "as described")
        if field.is_required():
            return f"is required, and must be {wanted}, not null{_such_as(field)}."
        return "must not be null; leave the field out instead."
    match kind:
        case "string_unicode":
            return f"{LONE_SURROGATE}."
        case "string_too_short":
            return f"must have at least {context['min_length']} character{'s' * (context['min_length'] > 1)}."
        case "string_too_long":
            return f"has {len(given):,} characters; at most {context['max_length']:,} are allowed."
        case "too_short":
            return f"must have at least {context['min_length']} {'entry' if context['min_length'] == 1 else 'entries'}."
        case "too_long":
            return f"has {context['actual_length']:,} entries; at most {context['max_length']:,} are allowed."
        case "literal_error":
            choices = context["expected"].replace("'", "").replace(" or ", ", ")
            return f"must be one of {choices}{did_you_mean(nearest(given, choices.split(', ')))}."
        case "greater_than_equal":
            return f"must be at least {context['ge']}."
        case "less_than_equal":
            return f"must be at most {context['le']:,}."
        case "finite_number":
            return "must be a finite number."
        case "value_error":
            return str(context["error"])
        case "float_type" if type(given) is int:  # with more digits than a float can hold
            return f"is too large: it has {len(str(abs(given))):,} digits."
    wanted = kind.removesuffix("_type").removesuffix("_parsing").removesuffix("_from_float")
    quoted = JSON_TYPES.get(type(given), "that") if field and not field.repr else _described(given)
    return f"must be {EXPECTED.get(wanted, 'valid')}, not {quoted}."


def _owner(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """The model that has, or lacks, the field at the end of the path; None within an object of any fields."""
    owner: type[BaseModel] | None = model
    for name in path[:-1]:
        if owner and isinstance(name, str):
            field = _field(owner, name)
            owner = next(_models(field.annotation), None) if field else None
    return owner


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _field(model: type[BaseModel] | None, name: int | str) -> FieldInfo | None:
    """None for an entry of an array."""
    fields = model.model_fields.items() if model else ()
    return next((field for it, field in fields if name in (it, field.alias)), None)


def _such_as(field: FieldInfo | None) -> str:
    return f", such as {json.dumps(field.examples[0])}" if field and field.examples else ""


def _described(given: object) -> str:
    """`the number 1.5` is clearer than `a number` where an integer was wanted."""
    if isinstance(given, float):
        return f"the number {given}" if isfinite(given) else "a number that is too large"
    if isinstance(given, str):
        return f"the text {shortened(given)!r}"
    return JSON_TYPES.get(type(given), "that")


def _unknown(request: type[BaseModel], path: Path, is_query: bool) -> str:
    """That there is no field of this name, and which one is meant, or which request takes it."""
    from assistants_api.models.siblings import SYNONYMS, TAKEN_BY  # only for the one who errs

    model, name = _owner(request, path) or request, str(path[-1])
    read_only: frozenset[str] = getattr(model, "read_only", frozenset())
    taken = {_plain(alias): alias for it, field in model.model_fields.items() if (alias := field.alias or it)}
    taken = {plain: alias for plain, alias in taken.items() if alias not in read_only}
    plain = _plain(shortened(name))
    if other := _other_spelling(model, name):
        return f"is sent as {other} too; send one of them."
    elsewhere = {_plain(field): request for field, request in TAKEN_BY.items()}
    if plain in taken:
        return f"is not known here; did you mean {taken[plain]}."
    if SYNONYMS.get(plain) in taken.values():
        return f"is not known here; did you mean {SYNONYMS[plain]}."
    if plain in elsewhere and not is_query and len(path) == 1:
        return f"is not a field of this request; send it with {elsewhere[plain]}."
    if near := nearest(plain, taken):
        return f"is not known here; did you mean {taken[near]}."
    if is_query:
        return f"is not known here; the query parameters are {', '.join(list(taken.values())[:MAX_NAMES_SHOWN])}."
    if len(path) > 1 and len(taken) <= MAX_NAMES_SHOWN:
        return f"is not known here; the fields are {', '.join(taken.values())}."
    return "is not known here."


def _other_spelling(model: type[BaseModel], name: str) -> str | None:
    """Of a field that has two, such as phoneNumber and phone_number: then the other was sent too."""
    spellings = {field.alias: it for it, field in model.model_fields.items() if field.alias}
    return spellings.get(name) or next((alias for alias, it in spellings.items() if it == name), None)


def _plain(name: str) -> str:
    """Without what differs between camelCase and snake_case."""
    return name.replace("_", "").replace("-", "").lower()
