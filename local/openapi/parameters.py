"""The parameters of paths, queries and headers.

The example of an optional one is in its schema, because pages and tools put one that is beside it into the request.
"""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel

from local.openapi.responses import PATH_PARAMETERS
from local.openapi.schemas import Json, JsonSchema


def path_parameters(names: Sequence[str]) -> Iterator[Json]:
    for name in names:
        known = PATH_PARAMETERS[name]
        yield _parameter("path", name, known.description, known.schema) | {"required": True, "example": known.example}


def query_parameters(model: type[BaseModel]) -> Iterator[Json]:
    fields = model.model_json_schema(schema_generator=JsonSchema).get("properties", {})
    for name, schema in fields.items():
        yield _parameter("query", name, schema.pop("description"), _not_null(schema))


def header_parameters(described: Mapping[str, tuple[str, Json]]) -> Iterator[Json]:
    for name, (description, schema) in described.items():
        yield _parameter("header", name, description, schema)


def _parameter(place: str, name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": place, "description": description, "schema": schema}


def _not_null(schema: Json) -> Json:
    """The schema of a query parameter, which can't be null."""
    choices = [choice for choice in schema.pop("oneOf", []) if choice != {"type": "null"}]
    if isinstance(schema.get("type"), list):
        schema["type"] = schema["type"][0]
    return schema | (choices[0] if choices else {})
