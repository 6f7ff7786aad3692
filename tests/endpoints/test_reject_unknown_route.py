import json
from typing import Any

import pytest

from local.openapi.document import ROUTES, render_routes
from local.stack.template import DEFAULT_ROUTE, Template
from tests.harness import load_handler, sample

KNOWN = [route.split(" ") for route in Template().routes.keys() - {DEFAULT_ROUTE}]
PATHS = sorted({path for _, path in KNOWN})


def reject(method: str, path: str) -> Any:
    event = sample("reject_unknown_route")
    event["requestContext"]["http"] |= {"method": method, "path": path}
    return load_handler("reject_unknown_route")(event, None)


def test_an_unknown_route_gets_the_usual_envelope() -> None:
    response = load_handler("reject_unknown_route")(sample("reject_unknown_route"), None)
    assert response["statusCode"] == 404
    assert response["headers"]["x-request-id"] == "JKJaXmPLvHcESHA="
    assert response["body"] == (
        '{"success":false,"error":"There is no GET /api/nowhere; see /docs for the endpoints.",'
        '"code":"route_not_found","request_id":"JKJaXmPLvHcESHA="}'
    )


def test_the_routes_are_those_of_the_template() -> None:
    assert ROUTES.read_text() == render_routes(), "Run `make openapi`."


@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "TRACE", "get"])
@pytest.mark.parametrize("path", PATHS)
def test_a_known_path_with_another_method_says_which_methods_it_has(path: str, method: str) -> None:
    response = reject(method, path.replace("{", "x").replace("}", ""))
    allowed = sorted(known for known, its_path in KNOWN if its_path == path)
    assert response["statusCode"] == 405
    assert response["headers"]["allow"] == ", ".join(allowed)
    assert json.loads(response["body"])["code"] == "method_not_allowed"


@pytest.mark.parametrize(("path", "location"), [("/", "docs"), ("/docs/", "../docs")])
def test_who_looks_for_the_documentation_is_led_to_it(path: str, location: str) -> None:
    found = reject("GET", path)
    assert (found["statusCode"], found["headers"]["location"]) == (302, location)
    assert json.loads(found["body"]) == {"success": True, "docs": "/docs", "openapi": "/api/openapi.json"}
    assert (reject("HEAD", path)["statusCode"], reject("HEAD", path)["body"]) == (302, "")
    assert reject("POST", path)["statusCode"] == 404


@pytest.mark.parametrize(
    "path",
    [
        "",
        "//",
        "/docs//",
        "/health/",
        "/api",
        "/api/assistants/",
        "/api/assistants/a/b",
        "/docs/a/b",
        "/API/assistants",
    ],
)
def test_an_unknown_path_is_not_found_with_any_method(path: str) -> None:
    assert reject("GET", path)["statusCode"] == reject("PUT", path)["statusCode"] == 404
