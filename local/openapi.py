"""`make openapi`: writes openapi.json from template.yaml, the functions, their models and local/contract.py."""

import json
import re
import runpy
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from assistants_api import errors
from assistants_api.errors import ApiError, InvalidCursor
from assistants_api.models.changes import Changes
from assistants_api.models.paging import Page
from assistants_api.models.parsing import AccountBody, Body, Nothing
from local import contract
from local.contract import Promise
from local.template import DEFAULT_ROUTE, TEMPLATE, Template

ROOT = TEMPLATE.parent
DOCUMENT = ROOT / "functions/get_openapi/openapi.json"
JSON = "application/json"
SCHEMAS = "#/components/schemas/"
SECURITY = "apiKey"

Json = dict[str, Any]


class Operation:
    """A route of the template with all that is known of it."""

    def __init__(self, route: str, function: str, tag: str, app: Mapping[str, Any], promise: Promise) -> None:
        self.method, self.path = route.split(" ")
        self.names = re.findall(r"{(\w+)}", self.path)
        self.function, self.tag, self.promise = function, tag, promise
        self.documentation: str = app["__doc__"]
        takes = vars(app["handler"])
        self.is_public = "sends" not in takes
        self.scope: str | None = takes.get("scope")
        sends: type[BaseModel] = takes.get("sends", Nothing)
        self.body = sends if issubclass(sends, Body) else None
        self.query: type[BaseModel] = takes.get("query", Nothing) if self.body else sends

    @property
    def id(self) -> str:
        """The function's logical id; of one that serves files, with what the path names."""
        more = "".join(name.capitalize() for name in self.names if isinstance(self.promise.answers, Mapping))
        return self.function[0].lower() + self.function[1:] + more

    @property
    def summary(self) -> str:
        text = self.documentation.split("\n", 1)[0].split(": ", 1)[1]
        return text[0].upper() + text[1:]

    @property
    def description(self) -> str:
        needs = "Needs no token."
        if not self.is_public:
            needs = f"Needs the scope `{self.scope}`." if self.scope else "Needs a token, of whatever scope."
        paragraphs = self.documentation.split("\n\n")[1:]
        return "\n\n".join([*(" ".join(paragraph.split()) for paragraph in paragraphs), needs])

    @property
    def refusals(self) -> dict[int, list[type[ApiError]]]:
        """The errors by status. Those that all endpoints have in common follow from `assistants_api.endpoint`."""
        found: list[type[ApiError]] = [errors.InternalError]
        if not self.is_public:
            found += [errors.InvalidRequest, errors.Unauthenticated, errors.RateLimited, errors.Unavailable]
        if self.scope:
            found.append(errors.MissingScope)
        if self.body:
            found += [errors.BodyTooLarge, errors.UnsupportedMediaType]
            found += [errors.AccountMismatch] * issubclass(self.body, AccountBody)
            found += [errors.ReadOnlyField] * issubclass(self.body, Changes)
        found += [InvalidCursor] * issubclass(self.query, Page)
        found += [error for name in self.names for error in contract.PATH[name].refuses]
        by_status: dict[int, list[type[ApiError]]] = {}
        for error in dict.fromkeys([*found, *self.promise.refuses]):
            by_status.setdefault(error.status, []).append(error)
        return dict(sorted(by_status.items()))


class Schemas(GenerateJsonSchema):
    """Pydantic's schemas, shorter, and with what is always answered told from what may be left out."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Without null, which as a default means that the field may be left out."""
        inner = super().default_schema(schema)
        return {name: value for name, value in inner.items() if (name, value) != ("default", None)}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        if isinstance(inner.get("type"), str) and "enum" not in inner:
            return inner | {"type": [inner["type"], "null"]}
        return self.get_union_of_schemas([inner, {"type": "null"}])

    def field_is_required(self, field: Any, total: bool) -> bool:
        """An answer has all its fields, but those that its model leaves out when empty."""
        if self.mode == "serialization":
            return "serialization_exclude_if" not in field
        return super().field_is_required(field, total)


def document() -> Json:
    operations = list(_operations(Template()))
    schemas = _schemas(operations)
    responses: Json = {}
    paths: dict[str, Json] = {}
    for operation in operations:
        described = _describe(operation, operations, schemas, responses)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Assistants API",
            "version": project["version"],
            "summary": project["description"],
            "description": contract.DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "The host that this document comes from."}],
        "tags": [{"name": name, "description": description} for name, description in contract.CONTRACT],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": dict(sorted(responses.items())),
            "headers": {
                name: {"description": description, "schema": schema}
                for name, (description, schema) in contract.HEADERS.items()
            },
            "securitySchemes": {
                SECURITY: {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "tk_live_... or tk_test_...",
                    "description": "An API key. The scopes listed with an operation are those that the key needs.",
                }
            },
        },
    }


def render() -> str:
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def _operations(template: Template) -> Iterator[Operation]:
    promises = {function: promise for promises in contract.CONTRACT.values() for function, promise in promises.items()}
    tags = {function: tag for (tag, _), promises in contract.CONTRACT.items() for function in promises}
    for route, name in template.routes.items():
        app = template.functions[name].app
        function = app.parent.name
        if route != DEFAULT_ROUTE:
            yield Operation(route, name, tags[function], runpy.run_path(str(app)), promises[function])


def _schemas(operations: Iterable[Operation]) -> Json:
    """The schemas of all bodies and answers, by the names of their models."""
    bodies = list(dict.fromkeys(operation.body for operation in operations if operation.body))
    answers = [it for operation in operations if isinstance(it := operation.promise.answers, type)]
    schemas = _generated(bodies, [*answers, contract.Error, contract.GatewayError])
    wholes = _generated([], contract.PART_OF.values())
    for body in bodies:
        fields = schemas[body.__name__]["properties"]
        if body in contract.PART_OF:
            _complete(fields, wholes[contract.PART_OF[body].__name__]["properties"])
        for name in getattr(body, "read_only", ()):
            fields[name]["readOnly"] = True
        _complete(fields, AccountBody.model_json_schema()["properties"])
    return dict(sorted(schemas.items()))


def _generated(bodies: Iterable[type[BaseModel]], answers: Iterable[type[BaseModel]]) -> Json:
    models = [*((it, "validation") for it in bodies), *((it, "serialization") for it in dict.fromkeys(answers))]
    generated = models_json_schema(models, ref_template=SCHEMAS + "{model}", schema_generator=Schemas)  # type: ignore[arg-type]
    schemas: Json = generated[1]["$defs"]
    return schemas


def _complete(fields: Json, described: Json) -> None:
    """Adds what only the other model says of a field of the same name."""
    for name, field in fields.items():
        for word in ("description", "examples"):
            if word in described.get(name, ()):
                field.setdefault(word, described[name][word])


def _describe(operation: Operation, operations: list[Operation], schemas: Json, responses: Json) -> Json:
    described: Json = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "security": [] if operation.is_public else [{SECURITY: [operation.scope] if operation.scope else []}],
    }
    if parameters := list(_parameters(operation)):
        described["parameters"] = parameters
    if operation.body:
        example = contract.EXAMPLES.get(operation.body) or _example(_ref(operation.body), schemas)
        described["requestBody"] = {
            "required": any(field.is_required() for field in operation.body.model_fields.values()),
            "content": {JSON: {"schema": _ref(operation.body), "example": example}},
        }
    described["responses"] = {"200": _success(operation, operations, schemas)}
    if "If-None-Match" in operation.promise.headers:
        headers = _headers("X-Request-Id", "ETag", "Cache-Control")
        described["responses"]["304"] = {"description": "What was fetched before still holds.", "headers": headers}
    refusals = operation.refusals
    by_gateway = contract.GATEWAY.keys() - ([] if operation.body else [413])
    for status in sorted(refusals.keys() | by_gateway):
        refused = refusals.get(status, [])
        name = "Or".join(error.__name__ for error in refused) or f"Gateway{status}"
        responses[name] = _refusal(status, refused, schemas)
        described["responses"][str(status)] = {"$ref": f"#/components/responses/{name}"}
    return described


def _parameters(operation: Operation) -> Iterator[Json]:
    for name in operation.names:
        known = contract.PATH[name]
        yield _parameter("path", name, known.description, known.schema, known.example) | {"required": True}
    query = operation.query.model_json_schema(schema_generator=Schemas).get("properties", {})
    for name, schema in query.items():
        yield _parameter("query", name, schema.pop("description"), _not_null(schema))
    for name, description in operation.promise.headers.items():
        yield _parameter("header", name, description, {"type": "string"})


def _parameter(place: str, name: str, description: str, schema: Json, example: Any = None) -> Json:
    parameter = {"name": name, "in": place, "description": description, "schema": schema}
    return parameter if example is None else parameter | {"example": example}


def _not_null(schema: Json) -> Json:
    """The schema of a query parameter, where null can't be sent."""
    choices = [choice for choice in schema.pop("anyOf", []) if choice != {"type": "null"}]
    if isinstance(schema.get("type"), list):
        schema["type"] = schema["type"][0]
    return schema | (choices[0] if choices else {})


def _success(operation: Operation, operations: list[Operation], schemas: Json) -> Json:
    answers = operation.promise.answers
    names = ["X-Request-Id"] + ["RateLimit", "RateLimit-Policy"] * (not operation.is_public)
    names += ["ETag"] * operation.promise.has_etag + ["Cache-Control"] * operation.is_public
    success: Json = {"description": "Success.", "headers": _headers(*names)}
    if not isinstance(answers, type):
        kinds = {kind: {"schema": {"type": "object" if kind == JSON else "string"}} for kind in answers[operation.path]}
        return success | {"content": kinds}
    success["content"] = {JSON: {"schema": _ref(answers), "example": _example(_ref(answers), schemas)}}
    links = {link["operationId"]: link for link in _links(operation, operations, answers)}
    return success | ({"links": links} if links else {})


def _links(operation: Operation, operations: list[Operation], answers: type[BaseModel]) -> Iterator[Json]:
    """Where to go on: to all about what was made, to a look for what was deleted, to the next page."""
    for other in operations:
        if operation.method == "POST" and len(other.names) == 1:
            noun, name = contract.NAMED_IN.get(other.names[0], ("", ""))
            if noun in answers.model_fields:
                yield _link(other, {other.names[0]: f"$response.body#/{noun}/{name}"})
        if (operation.method, other.method) == ("DELETE", "GET") and other.path == operation.path:
            yield _link(other, {name: f"$request.path.{name}" for name in operation.names})
    if issubclass(operation.query, Page):
        same = {name: f"$request.path.{name}" for name in operation.names}
        yield _link(operation, same | {"cursor": "$response.body#/next_cursor"})


def _link(operation: Operation, parameters: Json) -> Json:
    return {"operationId": operation.id, "description": operation.summary + ".", "parameters": parameters}


def _refusal(status: int, refusals: list[type[ApiError]], schemas: Json) -> Json:
    said = [f"`{error.code}`: {contract.WHEN[error][0]}" for error in refusals]
    kinds = [_ref(contract.Error)] if refusals else []
    names = ["X-Request-Id", *contract.OWN_HEADERS.get(refusals[0], ())] if refusals else []
    if status in contract.GATEWAY:
        said.append(contract.GATEWAY[status])
        kinds.append(_ref(contract.GatewayError))
    examples = {}
    for error in refusals:
        summary, sentence = contract.WHEN[error]
        value = _example(_ref(contract.Error), schemas) | {"error": sentence, "code": error.code}
        examples[error.code] = {"summary": summary, "value": value}
    return {
        "description": said[0] if len(said) == 1 else "\n".join(f"- {line}" for line in said),
        **({"headers": _headers(*names)} if names else {}),
        "content": {
            JSON: {
                "schema": kinds[0] if len(kinds) == 1 else {"anyOf": kinds},
                **({"examples": examples} if examples else {}),
            }
        },
    }


def _headers(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _ref(model: type[BaseModel]) -> Json:
    return {"$ref": SCHEMAS + model.__name__}


def _example(schema: Json, schemas: Json) -> Any:
    """An example made of those of the fields; an optional field is in it if it has one of its own."""
    match schema:
        case {"$ref": str(ref)}:
            return _example(schemas[ref.removeprefix(SCHEMAS)], schemas)
        case {"examples": [first, *_]} | {"anyOf": [{"examples": [first, *_]}, *_]}:
            return first
        case {"anyOf": [first, *_]}:
            return _example(first, schemas)
        case {"type": "array", "items": items}:
            return [_example(items, schemas)]
        case {"properties": fields}:
            wanted = {name for name in fields if name in schema.get("required", ()) or "examples" in fields[name]}
            return {name: _example(field, schemas) for name, field in fields.items() if name in wanted}
    raise ValueError(f"No example can be made of {schema}.")


if __name__ == "__main__":
    DOCUMENT.write_text(render(), "utf-8")
    routes = sum(len(methods) for methods in document()["paths"].values())
    print(f"{DOCUMENT.relative_to(ROOT)}: {DOCUMENT.stat().st_size:,} bytes, {routes} operations")
