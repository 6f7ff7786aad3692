"""docs/deploying.md tells how to let a page of another site use the API: all of it."""

import json
from collections.abc import Iterator
from typing import Any

from local.openapi.document import DOCUMENT
from local.proofs.documentation import documented_cors

CONTENT = json.loads(DOCUMENT.read_text("utf-8"))


def operations() -> Iterator[tuple[str, Any]]:
    for path in CONTENT["paths"].values():
        yield from path.items()


def headers(response: Any) -> Iterator[str]:
    name = response.get("$ref", "").rpartition("/")[2]
    yield from (CONTENT["components"]["responses"][name] if name else response).get("headers", {})


def lower(names: Iterator[str]) -> set[str]:
    return {name.lower() for name in names}


def test_every_method_is_allowed() -> None:
    assert set(documented_cors()["AllowMethods"]) == {method.upper() for method, _ in operations()}


def test_every_header_of_a_request_is_allowed() -> None:
    parameters = [it for _, operation in operations() for it in operation.get("parameters", [])]
    sent = lower(it["name"] for it in parameters if it["in"] == "header")
    assert sent
    assert set(documented_cors()["AllowHeaders"]) == sent | {"authorization", "content-type"}


def test_every_header_of_an_answer_is_exposed() -> None:
    answers = [it for _, operation in operations() for it in operation["responses"].values()]
    assert set(documented_cors()["ExposeHeaders"]) == lower(name for it in answers for name in headers(it))
