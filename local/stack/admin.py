"""`python -m local.stack.admin ACTION SLUG ...`: invokes AdminFunction with the values of these environment variables.

`make admin` names the variables that stand on its command line. Without STACK the function is that of the stack that
runs here, with it that of the CloudFormation stack of this name. The answer is printed as JSON on stdout; what is
refused goes to stderr, and the exit code is 1.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.stack.running import lambda_client, running

ADMIN = "AdminFunction"
USAGE = """\
Name an action and its fields:

make admin ACTION=create_account SLUG=my-team NAME="My Team"
make admin ACTION=create_api_key SLUG=my-team NAME=Production SCOPES='*' RATE_LIMIT_PER_HOUR=1000
make admin ACTION=list_api_keys SLUG=my-team
make admin ACTION=revoke_api_key SLUG=my-team ID=key_...

STACK=assistants-api sends it to the stack of that name in AWS, in place of the one that runs here.
`python -m local.admin --help` lists all actions, and prints for people."""
NOTHING_RUNS = """\
No stack runs here: start one with `make run` in another terminal, or name a stack in AWS, such as \
STACK=assistants-api."""
OF_NO_PAYLOAD = {"STACK", "PORT", "PYTHON", "VENV"}


Invoke = Callable[[Mapping[str, object], str | None, str | None], Any]


class AdminError(Exception):
    """The function cannot be invoked; the message says why."""


def main(names: list[str]) -> int:
    values = {name: os.environ[name] for name in names}
    payload = {name.lower(): read(name.lower(), value) for name, value in values.items() if name not in OF_NO_PAYLOAD}
    if "action" not in payload:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        answer = invoke(payload, values.get("STACK"))
    except (AdminError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 2
    if not answer.pop("ok"):
        print(f"{answer['error']} ({answer['code']})", file=sys.stderr)
        return 1
    print(json.dumps(answer, indent=2, ensure_ascii=False))
    return 0


def scopes(text: str) -> list[str]:
    return text.replace(",", " ").split()


def number(text: str) -> object:
    """`null` is no limit. What is no number stays as it is, for the function to refuse."""
    return None if text == "null" else int(text) if text.isascii() and text.isdigit() else text


READERS: dict[str, Callable[[str], object]] = {
    "scopes": scopes,
    "expires_in_days": number,
    "rate_limit_per_hour": number,
    "limit": number,
    "max_api_keys": number,
    "max_assistants": number,
    "max_phone_numbers": number,
    "max_telephony_connections": number,
}


def read(field: str, text: str) -> object:
    return READERS.get(field, str)(text)


def invoke(payload: Mapping[str, object], stack: str | None, endpoint: str | None = None) -> Any:
    """The answer of the function of this stack in AWS, of that at this URL, or of the stack that runs here. Raises
    AdminError, BotoCoreError and ClientError."""
    client, name = function_in_aws(stack) if stack else function_at(endpoint) if endpoint else function_here()
    response = client.invoke(FunctionName=name, Payload=json.dumps(payload))
    answer = json.load(response["Payload"])
    if "FunctionError" in response:
        raise AdminError(f"{ADMIN} failed: {answer['errorMessage']}")
    return answer


def function_here() -> tuple[Any, str]:
    stack = running()
    if stack is None:
        raise AdminError(NOTHING_RUNS)
    return stack.lambda_client(), ADMIN


def function_at(endpoint: str) -> tuple[Any, str]:
    return lambda_client(endpoint), ADMIN


def function_in_aws(stack: str) -> tuple[Any, str]:
    resources: Any = boto3.client("cloudformation")  # type: ignore[call-overload,unused-ignore]
    described = resources.describe_stack_resource(StackName=stack, LogicalResourceId=ADMIN)
    return boto3.client("lambda"), described["StackResourceDetail"]["PhysicalResourceId"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
