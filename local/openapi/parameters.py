"""The parameters of paths, queries and headers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from pydantic import BaseModel

from assistants_api import errors
from assistants_api.errors import ApiError
from assistants_api.models.assistant import TemplateId
from assistants_api.models.ids import API_KEY_ID, ASSISTANT_ID, E164, PHONE_NUMBER_ID
from local.openapi.schemas import Json, JsonSchema


@dataclass(frozen=True)
class PathParameter:
    """`pointer` finds the value in the response that creates the resource: `POST /api/assistants` answers the
    `assistantId` of other paths in /assistant/id."""

    description: str
    schema: Json
    example: str
    errors: Sequence[type[ApiError]]
    pointer: str | None = None


VIEWER = ["docs.css", "docs.js", "swagger-ui.css", "swagger-ui.js"]
PATH_PARAMETERS = {
    "assistantId": PathParameter(
        "The unique ID of the assistant.",
        {"type": "string", "pattern": f"^{ASSISTANT_ID.pattern}$"},
        "asst_01jd5xexamp1e0000000000000",
        [errors.MalformedId, errors.AssistantNotFound],
        "/assistant/id",
    ),
    "phoneNumberId": PathParameter(
        "The unique ID of the phone number.",
        {"type": "string", "pattern": f"^{PHONE_NUMBER_ID.pattern}$"},
        "pn_14155550101",
        [errors.MalformedId, errors.PhoneNumberNotFound],
        "/phone_number/id",
    ),
    "apiKeyId": PathParameter(
        "The unique ID of the API key.",
        {"type": "string", "pattern": f"^{API_KEY_ID.pattern}$"},
        f"key_{'0' * 64}",
        [errors.MalformedId, errors.ApiKeyNotFound],
        "/api_key/id",
    ),
    "templateId": PathParameter(
        "The name of the template.",
        {"type": "string", "enum": list(get_args(TemplateId))},
        "outbound-setter",
        [errors.TemplateNotFound],
    ),
    "phoneNumber": PathParameter(
        "The called number in E.164 form. In a URL, write its `+` as `+` or `%2B`.",
        {"type": "string", "pattern": f"^{E164.pattern}$"},
        "+14155550101",
        [errors.MalformedId, errors.PhoneNumberNotFound],
        "/phone_number/phone_number",
    ),
    "file": PathParameter(
        "The name of the file.", {"type": "string", "enum": VIEWER}, VIEWER[0], [errors.RouteNotFound]
    ),
}


def path_parameters(names: Sequence[str]) -> Iterator[Json]:
    for name in names:
        known = PATH_PARAMETERS[name]
        yield _parameter("path", name, known.description, known.schema) | {"required": True, "example": known.example}


def query_parameters(model: type[BaseModel]) -> Iterator[Json]:
    fields = model.model_json_schema(schema_generator=JsonSchema).get("properties", {})
    for name, schema in fields.items():
        yield _parameter("query", name, schema.pop("description"), _not_null(schema))


def header_parameters(descriptions: Mapping[str, str]) -> Iterator[Json]:
    for name, description in descriptions.items():
        yield _parameter("header", name, description, {"type": "string"})


def _parameter(place: str, name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": place, "description": description, "schema": schema}


def _not_null(schema: Json) -> Json:
    """The schema of a query parameter, which can't be null."""
    choices = [choice for choice in schema.pop("anyOf", []) if choice != {"type": "null"}]
    if isinstance(schema.get("type"), list):
        schema["type"] = schema["type"][0]
    return schema | (choices[0] if choices else {})
