import json
from pathlib import Path
from typing import Any

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

from local.stack.functions import INVOKE_PATH, InvokeApi, LambdaFunction
from local.stack.template import Function

SOURCE = """
def handler(event, context):
    return {
        "event": event,
        "name": context.function_name,
        "arn": context.invoked_function_arn,
        "memory": context.memory_limit_in_mb,
        "request_id": context.aws_request_id,
        "remaining": context.get_remaining_time_in_millis(),
        "module": __name__,
    }
"""


def load(folder: Path, source: str = SOURCE, name: str = "Echo") -> LambdaFunction:
    app = folder / name / "app.py"
    app.parent.mkdir()
    app.write_text(source)
    return LambdaFunction(Function(name, app, "handler", memory=512, timeout=3, environment={}))


def invoke(
    name: str, body: Any = b"{}", host: str = "127.0.0.1", off: str | None = None, **headers: str
) -> TestResponse:
    """The answer of an Invoke API that listens on `host` and the port 3000."""

    def echo(event: Any, request_id: str) -> Any:
        return {"event": event}

    def broken(event: Any, request_id: str) -> Any:
        raise LookupError("nothing there")

    api = InvokeApi({"Echo": echo, "Broken": broken}, host, off)
    app = DispatcherMiddleware(Response(status=404), {INVOKE_PATH: api})
    named = {name.replace("_", "-"): value for name, value in {"Host": "localhost:3000", **headers}.items()}
    environ = {"SERVER_PORT": "3000"}
    return Client(app).post(f"{INVOKE_PATH}/{name}/invocations", data=body, headers=named, environ_overrides=environ)


def is_refused(response: TestResponse, status: int, kind: str, *said: str) -> bool:
    """Whether the answer is this error, and no function has run."""
    error = json.loads(response.data)
    assert error.keys() == {"Type", "Message"}
    assert all(each in error["Message"] for each in said)
    return (response.status_code, response.headers["X-Amzn-ErrorType"]) == (status, kind)


def test_a_handler_gets_the_event_and_the_context_of_its_function(tmp_path: Path) -> None:
    result = load(tmp_path)({"a": 1}, "request-1")
    assert result["event"] == {"a": 1}
    assert (result["name"], result["memory"], result["request_id"]) == ("Echo", 512, "request-1")
    assert result["arn"].endswith(":function:Echo")
    assert 0 < result["remaining"] <= 3000


def test_functions_whose_files_have_one_name_are_modules_of_their_own(tmp_path: Path) -> None:
    first, second = load(tmp_path, name="First"), load(tmp_path, name="Second")
    assert first({})["module"] != second({})["module"]


def test_a_result_that_is_not_json_is_an_error(tmp_path: Path) -> None:
    function = load(tmp_path, "def handler(event, context): return {1, 2}")
    with pytest.raises(TypeError, match="not JSON serializable"):
        function({})


@pytest.mark.parametrize(
    "name",
    ["Echo", "Echo:$LATEST", "Echo:live", "arn:aws:lambda:us-east-1:123456789012:function:Echo", "1:function:Echo:1"],
)
def test_a_function_is_found_by_name_qualifier_or_arn(name: str) -> None:
    response = invoke(name, b'{"a": 1}')
    assert (response.status_code, response.json) == (200, {"event": {"a": 1}})
    assert response.headers["X-Amz-Executed-Version"] == "$LATEST"
    assert response.headers["X-Amzn-RequestId"]
    assert "X-Amz-Function-Error" not in response.headers


def test_no_payload_is_an_empty_event() -> None:
    assert invoke("Echo", b"").json == {"event": {}}


def test_a_payload_may_be_any_json() -> None:
    assert invoke("Echo", b"[1]").json == {"event": [1]}


def test_a_handler_that_raises_is_reported_in_a_successful_response() -> None:
    response = invoke("Broken")
    assert (response.status_code, response.headers["X-Amz-Function-Error"]) == (200, "Unhandled")
    error = json.loads(response.data)
    assert (error["errorType"], error["errorMessage"]) == ("LookupError", "nothing there")
    assert error["requestId"] == response.headers["X-Amzn-RequestId"]
    assert "raise LookupError" in error["stackTrace"][-1]


def test_an_unknown_function_is_not_found() -> None:
    response = invoke("Nothing")
    assert (response.status_code, response.headers["X-Amzn-ErrorType"]) == (404, "ResourceNotFoundException")
    error = json.loads(response.data)
    assert error["Type"] == "User"
    assert error["Message"].startswith("Function not found: ")
    assert error["Message"].endswith(":Nothing")


def test_a_payload_that_is_not_json_is_refused() -> None:
    response = invoke("Echo", b"{")
    assert (response.status_code, response.headers["X-Amzn-ErrorType"]) == (400, "InvalidRequestContentException")


@pytest.mark.parametrize(("kind", "status"), [("Event", 202), ("DryRun", 204)])
def test_an_event_and_a_dry_run_are_answered_without_a_result(kind: str, status: int) -> None:
    response = invoke("Broken", X_Amz_Invocation_Type=kind)
    assert (response.status_code, response.data) == (status, b"")
    assert "X-Amz-Function-Error" not in response.headers


LISTENING = [
    ("127.0.0.1", ["127.0.0.1:3000", "localhost:3000", "LOCALHOST:3000", "[::1]:3000"]),
    ("::1", ["127.0.0.1:3000", "localhost:3000", "[::1]:3000"]),
    ("192.168.1.5", ["192.168.1.5:3000", "localhost:3000"]),
    ("Workshop.example", ["workshop.example:3000", "localhost:3000"]),
    ("0.0.0.0", ["127.0.0.1:3000", "localhost:3000", "[::1]:3000", "10.1.2.3:3000", "[fe80::1]:3000"]),  # noqa: S104
    ("::", ["127.0.0.1:3000", "localhost:3000", "[::1]:3000", "10.1.2.3:3000", "[2001:db8::1]:3000"]),
]
FOREIGN = [
    "", "rebound.example:3000", "rebound.example", "localhost.rebound.example:3000", "127.0.0.1.rebound.example:3000",
    "localhost", "localhost:3001", "localhost:80", "127.0.0.1:", "127.0.0.1:3000:3000", "[::1]", "::1:3000",
    "localhost.:3000", "127.0.0.1@rebound.example:3000", "localhost:3000,rebound.example:3000",
    "[rebound.example]:3000", " ", ":3000", "lo\u00e7alhost:3000",
]  # fmt: skip


@pytest.mark.parametrize(
    ("listens_on", "host"), [(listens_on, host) for listens_on, hosts in LISTENING for host in hosts]
)
def test_it_answers_at_its_own_address(listens_on: str, host: str) -> None:
    assert invoke("Echo", b"[1]", host=listens_on, Host=host).json == {"event": [1]}


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("listens_on", [listens_on for listens_on, _ in LISTENING])
def test_it_answers_at_no_foreign_address(listens_on: str, host: str) -> None:
    assert is_refused(invoke("Echo", host=listens_on, Host=host), 403, "AccessDeniedException", "own address")


@pytest.mark.parametrize("host", ["10.1.2.3:3000", "0.0.0.0:3000", "[::]:3000", "[2001:db8::1]:3000"])
@pytest.mark.parametrize("listens_on", ["127.0.0.1", "::1", "192.168.1.5", "workshop.example"])
def test_where_it_listens_on_one_address_another_is_foreign(listens_on: str, host: str) -> None:
    assert is_refused(invoke("Echo", host=listens_on, Host=host), 403, "AccessDeniedException", "own address")


@pytest.mark.parametrize(
    ("listens_on", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:3000."),
        ("0.0.0.0", "http://127.0.0.1:3000."),  # noqa: S104
        ("::1", "http://[::1]:3000."),
        ("192.168.1.5", "http://192.168.1.5:3000."),
    ],
)
def test_its_own_address_is_named(listens_on: str, url: str) -> None:
    assert is_refused(invoke("Echo", host=listens_on, Host="x"), 403, "AccessDeniedException", url)


@pytest.mark.parametrize("origin", ["https://rebound.example", "http://localhost:3000", "null", ""])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104
def test_it_answers_no_page_in_a_browser(host: str, origin: str) -> None:
    assert is_refused(invoke("Echo", host=host, Origin=origin), 403, "AccessDeniedException", "in a browser")


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/cloudevents+json",
        "application/octet-stream",
        "application/x-amz-json-1.0",
        "application/x-amz-json-1.1",
    ],
)
def test_a_payload_is_json_under_the_names_that_clients_of_aws_give_it(media_type: str) -> None:
    assert invoke("Echo", b"[1]", Content_Type=media_type).json == {"event": [1]}


@pytest.mark.parametrize("body", [b'{"action": "x"}', b""])
@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "text/plain;charset=UTF-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/json",
        "application/json, text/plain",
        "application/x-amz-json",
        "application/javascript",
        "json",
    ],
)
def test_a_payload_that_a_form_could_send_is_refused(media_type: str, body: bytes) -> None:
    response = invoke("Echo", body, Content_Type=media_type)
    assert is_refused(response, 415, "UnsupportedMediaTypeException", "Content-Type: application/json")


@pytest.mark.parametrize("kind", ["RequestResponse", "Event", "DryRun"])
def test_what_is_off_invokes_nothing_and_says_why(kind: str) -> None:
    response = invoke("Echo", off="It is off for a reason.", X_Amz_Invocation_Type=kind)
    assert is_refused(response, 403, "AccessDeniedException", "It is off for a reason.")
