"""What the template lets pages do whose origins are given: all that the API has."""

import json
from collections.abc import Iterator
from typing import Any

from local.openapi.document import DOCUMENT
from local.stack.template import document

CONTENT = json.loads(DOCUMENT.read_text("utf-8"))
API = document()["Resources"]["Api"]
CONDITION, CORS, OTHERWISE = API["Properties"]["CorsConfiguration"]["Fn::If"]


def operations() -> Iterator[tuple[str, Any]]:
    for path in CONTENT["paths"].values():
        yield from path.items()


def headers(response: Any) -> Iterator[str]:
    name = response.get("$ref", "").rpartition("/")[2]
    yield from (CONTENT["components"]["responses"][name] if name else response).get("headers", {})


def lower(names: Iterator[str]) -> set[str]:
    return {name.lower() for name in names}


def test_without_origins_there_is_none_of_it() -> None:
    assert (CONDITION, OTHERWISE) == ("HasCorsOrigins", {"Ref": "AWS::NoValue"})
    assert CORS["AllowOrigins"] == {"Fn::Split": [",", {"Ref": "CorsOrigins"}]}


def test_every_method_is_allowed() -> None:
    assert set(CORS["AllowMethods"]) == {method.upper() for method, _ in operations()}


def test_every_header_of_a_request_is_allowed() -> None:
    parameters = [it for _, operation in operations() for it in operation.get("parameters", [])]
    sent = lower(it["name"] for it in parameters if it["in"] == "header")
    assert sent
    assert set(CORS["AllowHeaders"]) == sent | {"authorization", "content-type"}


def test_every_header_of_an_answer_is_exposed() -> None:
    answers = [it for _, operation in operations() for it in operation["responses"].values()]
    assert set(CORS["ExposeHeaders"]) == lower(name for it in answers for name in headers(it))
