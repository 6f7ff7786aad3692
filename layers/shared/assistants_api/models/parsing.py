"""From the text of a request to a model, or to an InvalidRequest that says what to mend."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Annotated, Any, ClassVar, NoReturn, TypeVar
from urllib.parse import parse_qsl

from pydantic import MISSING, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from assistants_api.errors import InvalidRequest
from assistants_api.models.messages import JSON_TYPES, detail, shortened

Model = TypeVar("Model", bound=BaseModel)

MAX_DETAILS = 20
MAX_FIELDS = 100  # of an object; each unknown one would cost an error of its own
MAX_OBJECTS = 1_000
MAX_ENTRIES = 100_000  # of arrays and objects together; a prompt, which may be all commas, has 64,000 characters


class Resource(BaseModel):
    """What is stored and answered. If an item is corrupt, the log names the field and not what it holds."""

    model_config = ConfigDict(hide_input_in_errors=True)
    untagged: ClassVar[frozenset[str]] = frozenset()  # fields that change without a change of the resource

    def to_public(self) -> dict[str, Any]:
        """What its owner sees, as JSON has it."""
        return self.model_dump(mode="json")

    @property
    def etag(self) -> str:
        """Changes with every change of the resource."""
        return sha256(self.model_dump_json(exclude=set(self.untagged)).encode()).hexdigest()[:16]


class Body(BaseModel):
    """A JSON body. Types are strict ("true" is no boolean, null no value), and unknown fields are refused.

    A documented name such as phoneNumberIds may also be written as the fields of answers are: phone_number_ids.
    """

    model_config = ConfigDict(strict=True, extra="forbid", validate_by_name=True, validate_by_alias=True)


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

    model_config = ConfigDict(extra="forbid", validate_by_name=True)
    never_blank: ClassVar[frozenset[str]] = frozenset()  # what was meant without a value would be a guess

    account_slug: str | MISSING = Field(
        MISSING,
        alias="accountSlug",
        max_length=63,
        description="The slug of your account or workspace, which must be that of the API key.",
        examples=["my-team"],
    )


QueryModel = TypeVar("QueryModel", bound=Query)


class NoQuery(Query):
    """For endpoints that take no query parameters of their own."""


def _flag(text: object) -> bool:
    if not isinstance(text, str) or text.lower() not in ("true", "false"):
        raise ValueError("must be true or false.")
    return text.lower() == "true"


def _integer(number: object) -> object:
    return int(number) if isinstance(number, float) and number.is_integer() else number


Flag = Annotated[bool, BeforeValidator(_flag)]
Integer = Annotated[int, BeforeValidator(_integer)]  # 1024.0 too, as JSON Schema has it


class ChangeQuery(Query):
    """The query parameters of every change."""

    never_blank = frozenset({"dry_run"})

    dry_run: Flag = Field(
        False,
        description="Only say what would be done: the same checks and the same answer, with `diff`, and nothing is "
        "stored.",
        examples=[True],
    )


class Force(ChangeQuery):
    """The query parameters of a change that is refused while something depends on what it removes."""

    never_blank = ChangeQuery.never_blank | {"force"}

    force: Flag = Field(False, description="Whether to do it anyway.", examples=[True])


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


def parse_query(model: type[QueryModel], parameters: Mapping[str, str], raw: str = "") -> QueryModel:
    """Raises InvalidRequest for an unknown parameter, one that is sent twice, or a value that the model refuses.

    A filter without a value, such as `?name=`, is one that was not sent; `?dry_run=` is refused. API Gateway joins the
    values of a name that was sent twice with a comma, so the raw query string is asked.
    """
    if twice := first_duplicate(name for name, _ in parse_qsl(raw, keep_blank_values=True)):
        raise InvalidRequest.because([{"field": f"?{shortened(twice)}", "message": "is sent twice; send it once."}])
    known = {name for it, field in model.model_fields.items() for name in (it, field.alias)}
    optional = known - model.never_blank
    sent = {name: value for name, value in parameters.items() if value or name not in optional}
    return _validate(model, sent, pointer_prefix="?")


def _load(text: str) -> object:
    if max(text.count(","), text.count("[")) > MAX_ENTRIES:
        raise InvalidRequest(f"The body holds more than {MAX_ENTRIES:,} entries.")
    try:
        return json.loads(text, object_pairs_hook=_Objects().make, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise InvalidRequest(f"The body is not valid JSON: {_json_fault(error)}.") from None
    except RecursionError:
        raise InvalidRequest("The body is nested too deeply.") from None
    except ValueError:  # the interpreter's limit on the digits of an integer
        raise InvalidRequest("The body holds a number with too many digits.") from None


def _json_fault(error: json.JSONDecodeError) -> str:
    where = f"line {error.lineno}, column {error.colno}"
    if error.msg.startswith("Invalid control character"):
        return f"a text holds a raw line break or another control character at {where}; write it as \\n or \\u0000"
    return f"{error.msg.removesuffix(' at')} at {where}"


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
        details = [detail(model, error, pointer_prefix) for error in refusal.errors(include_url=False)[:MAX_DETAILS]]
        raise InvalidRequest.because(details) from None


def _check_fields(number: int, things: str) -> None:
    if number > MAX_FIELDS:
        raise InvalidRequest(f"The request has {number:,} {things}; at most {MAX_FIELDS} are allowed.")
