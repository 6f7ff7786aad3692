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


def invoke(name: str, body: Any = b"{}", **headers: str) -> TestResponse:
    def echo(event: Any, request_id: str) -> Any:
        return {"event": event}

    def broken(event: Any, request_id: str) -> Any:
        raise LookupError("nothing there")

    app = DispatcherMiddleware(Response(status=404), {INVOKE_PATH: InvokeApi({"Echo": echo, "Broken": broken})})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client(app).post(f"{INVOKE_PATH}/{name}/invocations", data=body, headers=named)


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
