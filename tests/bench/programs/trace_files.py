"""Prints the moves of one PATCH of an assistant between the files of a checkout, and how many files these are.

    .venv/bin/python tests/bench/programs/trace_files.py [CHECKOUT]

A move is the call of a function in another file than the function of ours that calls it, whatever is in between. The
API key has no rate limit and was used before, so that nothing is counted. Run by hand, with Python 3.12 or newer.
"""

import importlib.util
import json
import os
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import boto3
from moto import mock_aws

CHECKOUT = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[3]).resolve()
OURS = tuple(f"{CHECKOUT / folder}{os.sep}" for folder in ("layers", "functions"))
KEY_SCHEMA = [("PK", "HASH"), ("SK", "RANGE")]
ENVIRONMENT = {
    "TABLE_NAME": "assistants",
    "TOKEN_SECRET": "secret",
    "MAX_API_KEYS": "100",
    "MAX_ASSISTANTS": "100",
    "POWERTOOLS_SERVICE_NAME": "assistants",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}

moves: list[str] = []
files: set[str] = set()


def handler(function: str) -> Any:
    spec = importlib.util.spec_from_file_location(function, CHECKOUT / "functions" / function / "app.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.handler


def event(function: str, token: str, body: object, **path: str) -> dict[str, Any]:
    sample = json.loads((CHECKOUT / "events" / f"{function}.json").read_text())
    headers = {**sample["headers"], "authorization": f"Bearer {token}"}
    return {**sample, "headers": headers, "body": json.dumps(body), "pathParameters": path}


def note(code: CodeType, _: int) -> None:
    """Called when a function starts."""
    if not code.co_filename.startswith(OURS):
        return
    files.add(code.co_filename)
    caller: FrameType | None = sys._getframe(1).f_back
    while caller and not caller.f_code.co_filename.startswith(OURS):
        caller = caller.f_back
    if caller and caller.f_code.co_filename != code.co_filename:
        moves.append(f"{_name(caller.f_code)} -> {_name(code)}")


def _name(code: CodeType) -> str:
    return f"{Path(code.co_filename).relative_to(CHECKOUT)} {code.co_qualname}"


def main() -> None:
    boto3.client("dynamodb").create_table(
        TableName=ENVIRONMENT["TABLE_NAME"],
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in KEY_SCHEMA],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in KEY_SCHEMA],  # type: ignore[typeddict-item]
    )
    admin, create, update = handler("admin"), handler("create_assistant"), handler("update_assistant")
    admin({"action": "create_account", "slug": "my-team", "name": "My Team"}, None)
    key = {"slug": "my-team", "name": "trace", "scopes": ["*"], "rate_limit_per_hour": None}
    token = admin({"action": "create_api_key", **key}, None)["full_key"]
    body = {"accountSlug": "my-team", "name": "Before", "templateId": "custom"}
    assistant = json.loads(create(event("create_assistant", token, body), None)["body"])["assistant"]["id"]
    change = {"accountSlug": "my-team", "name": "After", "temperature": 0.4}
    monitoring = sys.monitoring
    monitoring.use_tool_id(monitoring.PROFILER_ID, "trace_files")
    monitoring.register_callback(monitoring.PROFILER_ID, monitoring.events.PY_START, note)
    monitoring.set_events(monitoring.PROFILER_ID, monitoring.events.PY_START)
    response = update(event("update_assistant", token, change, assistantId=assistant), None)
    monitoring.set_events(monitoring.PROFILER_ID, 0)
    assert response["statusCode"] == 200, response


if __name__ == "__main__":
    sys.path[:0] = [str(CHECKOUT / "layers" / "shared")]
    os.environ |= ENVIRONMENT
    with mock_aws(), redirect_stdout(StringIO()):  # metrics are printed
        main()
    sys.stdout.writelines(f"{line}\n" for line in (*moves, f"{len(moves)} moves between {len(files)} files"))
