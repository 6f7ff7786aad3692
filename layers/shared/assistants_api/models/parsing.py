"""From the text of a request to a model, or to an InvalidRequest that says what to mend."""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, NoReturn, TypeVar
from urllib.parse import parse_qsl

from pydantic import MISSING, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from assistants_api.errors import Detail, InvalidRequest

Model = TypeVar("Model", bound=BaseModel)

JSON_TYPES = {type(None): "null", bool: "a boolean", int: "a number", float: "a number", str: "a string"}
JSON_TYPES |= {list: "an array", dict: "an object"}
LONE_SURROGATE = "is not valid Unicode (a surrogate without its pair)"
MAX_TEXT_SHOWN = 100  # characters of the caller's own text that a message repeats at most
MAX_DETAILS = 20
MAX_FIELDS = 100  # of an object; each unknown one would cost an error of its own
MAX_OBJECTS = 1_000
MAX_ENTRIES = 100_000  # of arrays and objects together; a prompt, which may be all commas, has 64,000 characters


class Resource(BaseModel):
    """What is stored and answered. If an item is corrupt, the log names the field and not what it holds."""

    model_config = ConfigDict(hide_input_in_errors=True)


class Body(BaseModel):
    """A JSON body. Types are strict ("true" is no boolean, 1.0 no integer, null no value), unknown fields refused."""

    model_config = ConfigDict(strict=True, extra="forbid")


class OptionalAccountBody(Body):
    """A body that may name the account; the API key tells which it is."""

    account_slug: str | MISSING = Field(MISSING, alias="accountSlug", min_length=1, max_length=63)


class AccountBody(OptionalAccountBody):
    """A body that names the account it means, so that a request never lands in another by mistake."""

    account_slug: str = Field(
        alias="accountSlug",
        min_length=1,
        max_length=63,
        description="The slug of your account or workspace, which must be that of the API key.",
        examples=["my-team"],
    )


class Query(BaseModel):
    """Query parameters: text by nature, so numbers and booleans are read from it; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid")


class NoQuery(Query):
    """For endpoints that take no query parameters."""


def _flag(text: object) -> bool:
    if text not in ("true", "false"):
        raise ValueError("must be true or false.")
    return text == "true"


Flag = Annotated[bool, BeforeValidator(_flag)]


class Force(Query):
    """The query parameters of a change that is refused while something depends on what it removes."""

    force: Flag = Field(False, description="Whether to do it anyway.")


def parse_body(model: type[Model], text: str) -> Model:
    """Raises InvalidRequest: not JSON, not an object, or not what the model says."""
    if text.strip():
        return parse_object(model, _load(text))
    if any(field.is_required() for field in model.model_fields.values()):
        raise InvalidRequest("The body is empty; send a JSON object.")
    return parse_object(model, {})


def parse_object(model: type[Model], content: object) -> Model:
    """Raises InvalidRequest: not an object, or not what the model says."""
    if not isinstance(content, dict):
        raise InvalidRequest(f"The body is {JSON_TYPES[type(content)]}; send a JSON object.")
    return _validate(model, content, pointer_prefix="/")


def parse_query(model: type[Model], parameters: Mapping[str, str], raw: str = "") -> Model:
    """Raises InvalidRequest for an unknown parameter, one that is sent twice, or a value that the model refuses.

    API Gateway joins the values of a name that was sent twice with a comma, so the raw query string is asked.
    """
    if twice := first_duplicate(name for name, _ in parse_qsl(raw, keep_blank_values=True)):
        raise InvalidRequest.because([{"field": f"?{shortened(twice)}", "message": "is sent twice; send it once."}])
    return _validate(model, dict(parameters), pointer_prefix="?")


def _load(text: str) -> object:
    if max(text.count(","), text.count("[")) > MAX_ENTRIES:
        raise InvalidRequest(f"The body holds more than {MAX_ENTRIES:,} entries.")
    try:
        return json.loads(text, object_pairs_hook=_Objects().make, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidRequest(f"The body is not valid JSON: {error.msg} at {where}.") from None
    except RecursionError:
        raise InvalidRequest("The body is nested too deeply.") from None
    except ValueError:  # the interpreter's limit on the digits of an integer
        raise InvalidRequest("The body holds a number with too many digits.") from None


class _Objects:
    """Makes the objects of a JSON text, and refuses what no request needs before it takes much time or memory."""

    def __init__(self) -> None:
        self._count = 0

    def make(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        self._count += 1
        if self._count > MAX_OBJECTS:
            raise InvalidRequest(f"The body holds more than {MAX_OBJECTS:,} objects.")
        _check_fields(len(pairs), "fields")
        content = dict(pairs)
        if len(content) < len(pairs):  # RFC 8259 leaves it open which of two equal names counts, so neither does
            twice = first_duplicate(name for name, _ in pairs)
            raise InvalidRequest(f"The body has the field {shortened(twice or '')} twice; send it once.")
        return content


def first_duplicate(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def _no_constant(name: str) -> NoReturn:
    raise InvalidRequest(f"The body is not valid JSON: {name} is not a JSON number.")


def _validate(model: type[Model], content: dict[str, Any], pointer_prefix: str) -> Model:
    _check_fields(len(content), "query parameters" if pointer_prefix == "?" else "fields")
    try:
        return model.model_validate(content)
    except ValidationError as refusal:
        details = [_detail(model, error, pointer_prefix) for error in refusal.errors(include_url=False)[:MAX_DETAILS]]
        raise InvalidRequest.because(details) from None


def _check_fields(number: int, things: str) -> None:
    if number > MAX_FIELDS:
        raise InvalidRequest(f"The request has {number:,} {things}; at most {MAX_FIELDS} are allowed.")


def _detail(model: type[BaseModel], error: ErrorDetails, pointer_prefix: str) -> Detail:
    path = [shortened(part) if isinstance(part, str) else str(part) for part in error["loc"]]
    pointer = pointer_prefix + "/".join(part.replace("~", "~0").replace("/", "~1") for part in path) if path else ""
    return {"field": pointer, "message": _sentence(model, error)}


def _sentence(model: type[BaseModel], error: ErrorDetails) -> str:
    given, context, kind = error["input"], error.get("ctx", {}), error["type"]
    if given is None and kind != "extra_forbidden":
        return "must not be null; leave the field out instead."
    match kind:
        case "missing":
            return "is required."
        case "extra_forbidden":
            names = [field.alias or name for name, field in model.model_fields.items()]
            return f"is not known here{_nearest(str(error['loc'][-1]), names)}."
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
            return f"must be one of {choices}{_nearest(given, choices.split(', '))}."
        case "greater_than_equal":
            return f"must be at least {context['ge']}."
        case "less_than_equal":
            return f"must be at most {context['le']:,}."
        case "finite_number":
            return "must be a finite number."
        case "value_error":
            return str(context["error"])
    expected = {"string": "a string", "int": "an integer", "float": "a number", "bool": "a boolean", "list": "an array"}
    wanted = expected.get(kind.removesuffix("_type").removesuffix("_parsing").removesuffix("_from_float"), "valid")
    return f"must be {wanted}, not {_described(given)}."


def _described(given: object) -> str:
    """`the number 1.5` is clearer than `a number` where an integer was wanted."""
    if isinstance(given, float):
        return f"the number {given}"
    if isinstance(given, str):
        return f"the text {shortened(given)!r}"
    return JSON_TYPES.get(type(given), "that")


def _nearest(given: object, names: list[str]) -> str:
    from difflib import get_close_matches  # only for the one who errs

    near = get_close_matches(shortened(given), names, n=1, cutoff=0.6) if isinstance(given, str) else []
    return f"; did you mean {near[0]}?".removesuffix("?") if near else ""


def shortened(text: str) -> str:
    """A text as a message may repeat it: short, and valid Unicode whatever the caller sent."""
    short = text if len(text) <= MAX_TEXT_SHOWN else text[:MAX_TEXT_SHOWN] + "..."
    return short.encode("utf-8", "replace").decode()
