"""The operator has turned the documentation off: nothing of it is there, and no error leads to it."""

import json
from typing import Any

import pytest

from tests.harness import load_handler, sample

FUNCTIONS = {"/docs": "show_docs", "/docs/nothing.js": "show_docs", "/api/openapi.json": "get_openapi"}


@pytest.fixture(autouse=True)
def off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCUMENTATION", "false")


def ask(function: str, method: str, path: str) -> Any:
    event = sample(function)
    event["requestContext"]["http"] |= {"method": method, "path": path}
    event["pathParameters"] = {"file": path.removeprefix("/docs/")} if path.startswith("/docs/") else {}
    return load_handler(function)(event, None)


@pytest.mark.parametrize("path", FUNCTIONS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_its_paths_are_a_404_as_if_no_route_took_them(path: str, method: str) -> None:
    found, unknown = ask(FUNCTIONS[path], method, path), ask("reject_unknown_route", method, path)
    assert found["statusCode"] == unknown["statusCode"] == 404
    if method == "GET":
        assert json.loads(found["body"])["error"] == json.loads(unknown["body"])["error"] == f"There is no GET {path}."


@pytest.mark.parametrize("path", ["/", "/docs/", *FUNCTIONS])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_other_answer_tells_of_it(path: str, method: str) -> None:
    response = ask("reject_unknown_route", method, path)
    assert response["statusCode"] == 404
    assert json.loads(response["body"])["error"] == f"There is no {method} {path}."
    assert "allow" not in response["headers"]


def test_the_methods_of_other_paths_are_told_as_ever() -> None:
    response = ask("reject_unknown_route", "PUT", "/api/assistants")
    assert (response["statusCode"], response["headers"]["allow"]) == (405, "GET, HEAD, POST")
