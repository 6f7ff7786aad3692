"""What the smoke test says of a stack that is not well. `make smoke` against one that is, is in test_make.py."""

import json
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from local.proofs.smoke import SmokeError, check

MADE = {"success": True, "assistant": {"id": "asst_1", "temperature": 0.4}}
OTHER = {"success": True, "assistant": {"id": "asst_1", "temperature": 0.7}}
FAILED = {"success": False, "error": "Something went wrong on our side.", "code": "internal_error"}


class Api(ThreadingHTTPServer):
    """Answers each method as `answers` says, and notes what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, tuple[int, object]] = {"POST": (200, MADE), "GET": (200, MADE), "DELETE": (200, {})}
        self.asked: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.asked.append(f"{self.command} {self.path}")
        status, content = self.server.answers[self.command]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    do_POST = do_DELETE = do_GET  # noqa: N815

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as api:
        thread = Thread(target=api.serve_forever)
        thread.start()
        yield api
        api.shutdown()
        thread.join()


def operator(payload: Mapping[str, object]) -> Any:
    answers = {
        "create_account": {"ok": True},
        "create_api_key": {"ok": True, "full_key": "tk_live_x", "api_key": {"id": "key_1"}},
    }
    return answers[str(payload["action"])]


def test_a_stack_that_is_well_is_asked_for_all_of_it(api: Api) -> None:
    check(api.url, operator)
    assert api.asked == [
        "POST /api/assistants",
        "GET /api/assistants/asst_1",
        "DELETE /api/assistants/asst_1",
        "DELETE /api/api-keys/key_1?force=true",
    ]


@pytest.mark.parametrize(
    ("method", "answer", "said"),
    [
        ("POST", (500, FAILED), "POST /api/assistants: 500 .*internal_error"),
        ("GET", (503, FAILED), "GET /api/assistants/asst_1: 503"),
        ("GET", (200, OTHER), "answered another assistant than was made"),
        ("DELETE", (404, FAILED), "DELETE /api/.*: 404"),
    ],
)
def test_what_fails_is_named_and_the_key_is_deleted_all_the_same(
    api: Api, method: str, answer: tuple[int, object], said: str
) -> None:
    api.answers[method] = answer
    with pytest.raises(SmokeError, match=said):
        check(api.url, operator)
    assert api.asked[-1] == "DELETE /api/api-keys/key_1?force=true"


@pytest.mark.parametrize(("action", "code"), [("create_account", "unavailable"), ("create_api_key", "invalid_request")])
def test_what_the_operator_is_refused_is_named(api: Api, action: str, code: str) -> None:
    def refusing(payload: Mapping[str, object]) -> Any:
        return {"ok": False, "code": code, "error": "no"} if payload["action"] == action else operator(payload)

    with pytest.raises(SmokeError, match=f"{action}: no"):
        check(api.url, refusing)
    assert api.asked == []


def test_an_api_that_is_not_there_is_named() -> None:
    with Api() as api:
        url = api.url
    with pytest.raises(SmokeError, match=f"POST {url}/api/assistants: "):
        check(url, operator)
