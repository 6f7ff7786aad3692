"""The OpenAPI document as a whole."""

import json
import tomllib
from collections.abc import Iterator, Sequence

from assistants_api.errors import ApiError, RateLimited
from assistants_api.models.pagination import Pagination
from local.openapi.models import GatewayError, Refusal
from local.openapi.operations import Operation, read_operations
from local.openapi.parameters import header_parameters, path_parameters, query_parameters
from local.openapi.responses import (
    GATEWAY_ERRORS,
    HEADERS,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    PATH_PARAMETERS,
    RATE_LIMIT_HEADERS,
    TAGS,
)
from local.openapi.schemas import Json, component_schemas, example, named, ref, request_example
from local.stack.template import DEFAULT_ROUTE, TEMPLATE, Template

ROOT = TEMPLATE.parent
DOCUMENT = ROOT / "functions/get_openapi/openapi.json"
ROUTES = ROOT / "functions/reject_unknown_route/routes.json"
JSON = "application/json"
SECURITY = "bearerToken"
EITHER = "RefusalOrGatewayError"
DESCRIPTION = """\
A self-hosted control plane for voice-AI assistants: create and edit assistants, import phone numbers, assign numbers
to assistants, and ask which assistant answers a call.

Send your API key with every request: `Authorization: Bearer <token>`. Request and response bodies are JSON in UTF-8.
Times are ISO 8601 in UTC. An unknown field or query parameter is an error that names it. In the body of a POST, null
leaves an optional field out.

A success has the status 200 and `"success": true`. An error has `"success": false`, a sentence in `error` that tells
people what to do, a `code` for programs, and the `request_id` to name when you ask for support. Every response carries
this id in `X-Request-Id` too. `RateLimit` tells how many requests an API key with a limit has left. HEAD answers as
GET, without a body. A method that a path does not have answers 405 with `Allow`, a path that this document does not
describe 404 with the code `route_not_found`. If API Gateway itself refuses a request, because there are too many or it
is too large, the body has only a `message`.
"""

# Many generated clients take parameters by their position, so a new one comes behind those that were there.
YOUNGER = ("accountSlug", "caller", "call_id", "exact", "attention", "deleted", "dry_run", "Idempotency-Key")


def document() -> Json:
    operations = list(read_operations())
    schemas = component_schemas(
        {it.function: (it.body, it.response.model) for it in operations if it.body},
        [*(it.response.model for it in operations), Refusal, GatewayError],
    )
    schemas[EITHER] = {
        "description": "The request failed in the API, or API Gateway itself refused it.",
        "oneOf": [ref(Refusal), ref(GatewayError)],
    }
    responses: Json = {}
    paths: dict[str, Json] = {}
    for operation in operations:
        described = _operation(operation, operations, schemas)
        for status, name, response in _error_responses(operation, schemas):
            responses[name] = response
            described["responses"][status] = {"$ref": f"#/components/responses/{name}"}
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Assistants API",
            "version": project["version"],
            "summary": project["description"],
            "description": DESCRIPTION,
            "contact": {"name": "The operator of this deployment"},
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "..", "description": "Where this document comes from, with the path before `/api`."}],
        "tags": [{"name": name, "description": description} for name, description in TAGS],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": dict(sorted(responses.items())),
            "headers": {
                name: {"description": description, "schema": schema} for name, (description, schema) in HEADERS.items()
            },
            "securitySchemes": {
                SECURITY: {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "tk_live_... or tk_test_...",
                    "description": "An API key. An operation lists the scopes that the key needs.",
                }
            },
        },
    }


def render_routes() -> str:
    """The methods of each path, for the function that answers what no route takes."""
    methods: dict[str, list[str]] = {}
    for route in Template().routes.keys() - {DEFAULT_ROUTE}:
        method, path = route.split(" ")
        methods.setdefault(path, []).append(method)
    return json.dumps({path: sorted(methods[path]) for path in sorted(methods)}, indent=1) + "\n"


def render() -> str:
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def _operation(operation: Operation, operations: Sequence[Operation], schemas: Json) -> Json:
    endpoint = operation.endpoint
    described: Json = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "security": [{SECURITY: [endpoint.scope] if endpoint.scope else []}],
    }
    parameters = [
        *path_parameters(operation.path_names),
        *query_parameters(endpoint.query),
        *header_parameters(IF_MATCH if operation.endpoint.is_conditional else {}),
        *header_parameters(IDEMPOTENCY_KEY if operation.endpoint.changes else {}),
    ]
    if parameters:
        described["parameters"] = sorted(parameters, key=lambda parameter: _age(parameter["name"]))
    if body := operation.body:
        described["requestBody"] = {
            "required": any(field.is_required() for field in body.model_fields.values()),
            "content": {
                JSON: {
                    "schema": named(operation.function),
                    "example": request_example(body, operation.function, schemas),
                }
            },
        }
    described["responses"] = {"200": _success(operation, operations, schemas)}
    return described


def _age(parameter: str) -> int:
    return YOUNGER.index(parameter) + 1 if parameter in YOUNGER else 0


def _success(operation: Operation, operations: Sequence[Operation], schemas: Json) -> Json:
    response = operation.response
    body = ref(response.model)
    success: Json = {
        "description": "Success.",
        "headers": _headers(
            "X-Request-Id",
            *RATE_LIMIT_HEADERS,
            *["ETag"] * response.has_etag,
            *["Idempotent-Replayed"] * operation.endpoint.changes,
        ),
        "content": {JSON: {"schema": body, "example": example(body, schemas)}},
    }
    links = {link["operationId"]: link for link in _links(operation, operations)}
    return success | ({"links": links} if links else {})


def _links(operation: Operation, operations: Sequence[Operation]) -> Iterator[Json]:
    """To every operation on what was created, to GET of what was deleted, and to the next page."""
    fields = operation.response.model.model_fields
    same_path = {name: f"$request.path.{name}" for name in operation.path_names}
    for other in operations:
        is_creation = operation.method == "POST" and operation.endpoint.changes
        if is_creation and len(other.path_names) == 1 and not other.is_undo:
            (name,) = other.path_names
            pointer = PATH_PARAMETERS[name].pointer
            if pointer and pointer.split("/")[1] in fields:
                yield _link(other, {name: f"$response.body#{pointer}"})
        if (operation.method, other.method) == ("DELETE", "GET") and other.path == operation.path:
            yield _link(other, same_path)
    if issubclass(operation.endpoint.query, Pagination):
        yield _link(operation, same_path | {"cursor": "$response.body#/next_cursor"})


def _link(operation: Operation, parameters: Json) -> Json:
    return {"operationId": operation.id, "description": operation.summary + ".", "parameters": parameters}


def _error_responses(operation: Operation, schemas: Json) -> Iterator[tuple[str, str, Json]]:
    """The status, the name among the components, and the response."""
    by_function = operation.errors
    by_gateway = GATEWAY_ERRORS.keys() - ([] if operation.endpoint.body else [413])
    for status in sorted(by_function.keys() | by_gateway):
        errors = by_function.get(status, [])
        name = "Or".join(error.__name__ for error in errors) or f"Gateway{status}"
        yield str(status), name, _error_response(status, errors, schemas)


def _error_response(status: int, errors: Sequence[type[ApiError]], schemas: Json) -> Json:
    lines = [f"`{error.code}`: {_summary(error)}" for error in errors]
    kinds = [ref(Refusal)] if errors else []
    if status in GATEWAY_ERRORS:
        lines.append(GATEWAY_ERRORS[status])
        kinds.append(ref(GatewayError))
    response: Json = {"description": lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)}
    content: Json = {"schema": kinds[0] if len(kinds) == 1 else named(EITHER)}
    if errors:
        response["headers"] = _headers(*_error_headers(errors))
        content["examples"] = {error.code: _error_example(error, schemas) for error in errors}
    return response | {"content": {JSON: content}}


def _error_example(error: type[ApiError], schemas: Json) -> Json:
    body = example(ref(Refusal), schemas) | {"error": error(*error.example).message, "code": error.code}
    return {"summary": _summary(error), "value": body}


def _error_headers(errors: Sequence[type[ApiError]]) -> list[str]:
    own = {name for error in errors for name in error(*error.example).headers}
    limited = RATE_LIMIT_HEADERS if RateLimited in errors else ()
    return ["X-Request-Id", *limited, *(name for name in HEADERS if name.lower() in own)]


def _summary(error: type[ApiError]) -> str:
    return " ".join((error.__doc__ or "").split("\n\n")[0].split())


def _headers(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
