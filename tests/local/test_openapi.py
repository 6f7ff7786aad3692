"""openapi.json is what the templates, the functions and the models say, and says all of it."""

import json
import re
import runpy
from collections.abc import Iterator
from typing import Any

import pytest

from assistants_api import errors
from assistants_api.models.assistant import Assistant
from local.openapi.document import DOCUMENT as FILE, render
from local.openapi.models import Refusal
from local.openapi.responses import RESPONSES
from local.stack.template import Template
from tests.catalogue import ENDPOINTS, OF_CALL_TOKENS, PUBLIC, WEBHOOKS, WITH_SCOPE, Function
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.harness import ROOT, Account
from tests.unit.test_errors import CONCRETE_ERRORS

DOCUMENT: Any = json.loads(FILE.read_text("utf-8"))
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
PARAMETERS = [parameter for operation in OPERATIONS.values() for parameter in operation.get("parameters", [])]

# HEAD answers as GET, without a body: the document says so once. What needs no token is for browsers and tools.
TEMPLATE = Template()
NO_OPERATION = {function.name for function in (*PUBLIC, *OF_CALL_TOKENS, *WEBHOOKS)}
ROUTES = {
    route: name
    for route, name in TEMPLATE.routes.items()
    if not route.startswith("HEAD ") and TEMPLATE.functions[name].app.parent.name not in NO_OPERATION
}


def test_the_file_is_not_stale() -> None:
    assert FILE.read_text("utf-8") == render(), "Run `make openapi`."


def test_its_version_is_that_of_the_changelog() -> None:
    """released.json is the document of that version, or until a release is complete, of the one before."""
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.MULTILINE)[:2]
    released = json.loads((ROOT / "local/openapi/released.json").read_text("utf-8"))["info"]["version"]
    assert DOCUMENT["info"]["version"] == newest[0]
    assert released in newest


def test_it_has_just_the_routes_of_the_template_that_need_a_token() -> None:
    assert OPERATIONS.keys() == ROUTES.keys()
    for route, operation in OPERATIONS.items():
        assert operation["operationId"].lower() == ROUTES[route].lower()


def test_every_get_has_a_head_of_the_same_function() -> None:
    routes = Template().routes
    heads = {route.replace("HEAD ", "GET "): name for route, name in routes.items() if route.startswith("HEAD ")}
    assert heads == {route: name for route, name in routes.items() if route.startswith("GET ")}


def test_it_describes_the_responses_of_just_the_endpoints() -> None:
    assert RESPONSES.keys() == {endpoint.name for endpoint in ENDPOINTS}


def test_every_docstring_begins_with_its_route() -> None:
    template = Template()
    for function in template.functions.values():
        routes = [route for route, name in template.routes.items() if name == function.name]
        if routes:
            assert runpy.run_path(str(function.app))["__doc__"].startswith(f"{routes[0]}: ")


@pytest.mark.parametrize("endpoint", WITH_SCOPE)
def test_the_scope_is_the_one_that_is_needed(endpoint: Function) -> None:
    (route,) = (route for route, name in ROUTES.items() if name == endpoint.name.title().replace("_", ""))
    operation = OPERATIONS[route]
    assert operation["security"] == [{"bearerToken": [endpoint.scope]}]
    assert f"`{endpoint.scope}`" in operation["description"]
    is_described = endpoint.body is not None and not route.startswith("DELETE ")  # HTTP gives that body no meaning
    assert ("requestBody" in operation) is is_described


def test_every_error_over_http_is_described() -> None:
    operators: set[type[errors.ApiError]] = {
        errors.AccountErasing,
        errors.AccountNotFound,
        errors.AccountNotSuspended,
        errors.PhoneNumberHeldElsewhere,
        errors.SlugTaken,
    }
    no_routes = {errors.MethodNotAllowed, errors.RouteNotFound}
    carriers_and_workers = {errors.NotSigned, errors.CallNotFound}
    described = {
        code
        for response in DOCUMENT["components"]["responses"].values()
        for code in response["content"]["application/json"].get("examples", {})
    }
    assert described == {
        error.code for error in CONCRETE_ERRORS if error not in operators | no_routes | carriers_and_workers
    }


def test_an_error_is_described_by_its_class() -> None:
    response = DOCUMENT["components"]["responses"]["RateLimited"]
    example = response["content"]["application/json"]["examples"]["rate_limited"]
    assert example["summary"] == errors.RateLimited.__doc__
    assert example["value"]["error"] == errors.RateLimited(1_000, 1_234).message
    assert response["headers"].keys() == {"X-Request-Id", "RateLimit", "RateLimit-Policy", "Retry-After"}
    assert "WWW-Authenticate" in DOCUMENT["components"]["responses"]["Unauthenticated"]["headers"]


def test_every_field_and_parameter_has_a_description_and_an_example() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            is_made_of_others = any(f'"{word}"' in json.dumps(described) for word in ("$ref", "default"))
            assert "description" in described or is_made_of_others, f"{name}.{field}"
            assert "examples" in described or is_made_of_others, f"{name}.{field}"
    for parameter in PARAMETERS:
        assert parameter["description"]
        assert "example" in parameter or parameter["schema"]["examples"]


def test_the_examples_are_those_of_the_documentation() -> None:
    def example(route: str) -> Any:
        return OPERATIONS[route]["requestBody"]["content"]["application/json"]["example"]

    assert example("POST /api/assistants") == {
        "accountSlug": "my-team",
        "name": "Q1 Outbound Setter",
        "templateId": "outbound-setter",
    }
    assert example("PATCH /api/assistants/{assistantId}")["voice_id"] == "EXAVITQu4vr4xnSDxMaL"
    answer = OPERATIONS["POST /api/assistants"]["responses"]["200"]["content"]["application/json"]["example"]
    assert answer["assistant"].keys() == Assistant.model_fields.keys() - {"assignments"}
    assert (answer["assistant"]["type"], answer["assistant"]["voice_model"]) == ("outbound-setter", "sonic-english")


def test_what_a_tool_could_take_for_null_is_none() -> None:
    for parameter in PARAMETERS:
        assert "null" not in json.dumps(parameter)
    assert '"default": null' not in FILE.read_text("utf-8")


def test_no_example_of_an_optional_parameter_gets_into_a_request_by_itself() -> None:
    """Pages and tools send what is in `example`, and a cursor that is made up is refused."""
    for parameter in PARAMETERS:
        assert ("example" in parameter) is parameter.get("required", False)


def test_a_description_begins_with_a_sentence_that_stands_alone() -> None:
    """Tools for AI agents show no summary."""
    for route, operation in OPERATIONS.items():
        assert re.match(r"[A-Z][a-z]+s (?:[^.]+)\.\s", operation["description"]), route
        assert not operation["description"].startswith("Needs "), route


def schemas(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in the document, which every schema is."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from schemas(inner)


def test_it_has_nothing_that_generators_of_clients_trip_over() -> None:
    """openapi-generator's Python checks `const: true` against the text "True"; Go makes `NewX` a constructor of `X`."""
    for schema in schemas(DOCUMENT):
        assert schema.keys().isdisjoint({"anyOf", "const", "ge", "le"}), schema
        assert not isinstance(schema.get("default"), dict | list), schema
        assert schema.get("type") != "array" or "maxItems" in schema, schema
    names = DOCUMENT["components"]["schemas"].keys()
    assert not [name for name in names if name.startswith("New")]
    assert names.isdisjoint({"Configuration", "Error", "ApiClient", "ApiResponse", "Request", "Response", "Api"})
    assert not [name for name in names if name.lower().endswith("test")]
    assert names.isdisjoint(DOCUMENT["components"]["responses"].keys() | DOCUMENT["components"]["securitySchemes"])


def test_every_instant_is_a_date_time() -> None:
    instants = {
        (name, field): described
        for name, schema in DOCUMENT["components"]["schemas"].items()
        for field, described in schema.get("properties", {}).items()
        if field.endswith("_at")
    }
    assert len(instants) > 10
    assert [where for where, described in instants.items() if described.get("format") != "date-time"] == []


MODELS = {function: spec.model for function, spec in RESPONSES.items()}
ANSWERING = [scenario for scenario in SCENARIOS if scenario.function in MODELS]


@pytest.mark.parametrize("scenario", ANSWERING)
def test_an_answer_is_just_its_model(account: Account, scenario: Scenario) -> None:
    """With no field more, which the document would let pass, and none less."""
    reply = scenario.prepare(account).act()
    assert (reply.status, reply.json.get("count") == 0) == (200, False)
    MODELS[scenario.function].model_validate_json(reply.text, extra="forbid")
    assert [*lacking({"$ref": f"#/components/schemas/{MODELS[scenario.function].__name__}"}, reply.json)] == []


def lacking(schema: Any, answered: Any) -> Iterator[str]:
    """The required fields of the document that an answer has not, in what it holds too."""
    if isinstance(answered, dict):
        schema = next((each for each in schema.get("oneOf", []) if "$ref" in each), schema)
        if "$ref" in schema:
            schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        yield from set(schema.get("required", ())) - answered.keys()
        for name, inner in schema.get("properties", {}).items():
            yield from lacking(inner, answered.get(name))
    for entry in answered if isinstance(answered, list) else ():
        yield from lacking(schema["items"], entry)


def test_every_function_that_answers_with_a_model_has_a_scenario() -> None:
    assert {scenario.function for scenario in ANSWERING} == MODELS.keys()


def test_an_error_is_just_its_model(account: Account) -> None:
    reply = account.call("create_assistant", body={"accountSlug": account.slug})
    Refusal.model_validate_json(reply.text, extra="forbid")


def test_the_generator_and_its_models_are_nothing_that_a_function_imports() -> None:
    imports = re.compile(r"^\s*(?:from|import) (?:local|tests)\b", re.MULTILINE)
    shipped = [*(ROOT / "layers").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    assert not [path for path in shipped if imports.search(path.read_text("utf-8"))]
    users = [
        path.parent.name for path in (ROOT / "functions").glob("*/app.py") if "assistants_api.files" in path.read_text()
    ]
    assert sorted(users) == ["get_openapi", "show_docs"]
