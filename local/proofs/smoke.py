"""`python -m local.proofs.smoke`: asks a stack what its first user asks, and reads back what was written.

STACK names a CloudFormation stack, STAGE an environment of samconfig.toml, whose stack it is; without both it is the
stack that runs here. The account `smoke-test` stays for the next time; its key and its assistant are deleted. The exit
code is 1 if anything is not as it should be, and 2 if there is nobody to ask.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.stack.admin import NOTHING_RUNS, AdminError, invoke
from local.stack.running import running
from local.stack.stages import stages

SLUG = "smoke-test"
ACCOUNT = {"action": "create_account", "slug": SLUG, "name": "Smoke test"}
KEY = {"action": "create_api_key", "slug": SLUG, "name": "Smoke test", "scopes": ["*"], "expires_in_days": 1}
CONTENT = {"accountSlug": SLUG, "name": "Smoke test", "templateId": "custom", "temperature": 0.4}
SECONDS = 30  # for an answer, more than any function takes

Ask = Callable[[Mapping[str, object]], Any]


class SmokeError(Exception):
    """The stack does not do what it should; the message says at which step."""


def main() -> int:
    try:
        stack = name_of_stack(os.environ)
        check(url_of(stack), lambda payload: invoke(dict(payload), stack))
    except (AdminError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 2
    except SmokeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def name_of_stack(variables: Mapping[str, str]) -> str | None:
    """None for the one that runs here. Raises AdminError."""
    if stack := variables.get("STACK"):
        return stack
    if not (stage := variables.get("STAGE")):
        return None
    known = stages()
    if stage not in known:
        raise AdminError(f"samconfig.toml has no environment {stage}; it has {', '.join(known)}.")
    name: str = known[stage]["global"]["parameters"]["stack_name"]
    return name


def url_of(stack: str | None) -> str:
    """Raises AdminError, BotoCoreError and ClientError."""
    if stack is None:
        here = running()
        if here is None:
            raise AdminError(NOTHING_RUNS)
        return here.url
    resources: Any = boto3.client("cloudformation")  # type: ignore[call-overload,unused-ignore]
    (described,) = resources.describe_stacks(StackName=stack)["Stacks"]
    (url,) = (str(it["OutputValue"]) for it in described["Outputs"] if it["OutputKey"] == "ApiUrl")
    return url


def check(url: str, ask: Ask) -> None:
    """Makes an account, a key and an assistant, and reads it back. Raises SmokeError, and what `ask` raises."""
    account = ask(ACCOUNT)
    if not account["ok"] and account["code"] != "slug_taken":
        raise SmokeError(f"create_account: {account['error']}")
    say("account", SLUG, "made" if account["ok"] else "there from before")
    key = ask(KEY)
    if not key["ok"]:
        raise SmokeError(f"create_api_key: {key['error']}")
    say("API key", key["api_key"]["id"], "made")
    client = Client(url, key["full_key"])
    with deleting(client, f"/api/api-keys/{key['api_key']['id']}?force=true"):
        check_assistant(client)
    say("API key", key["api_key"]["id"], "deleted")


def check_assistant(client: "Client") -> None:
    made = client.request("POST", "/api/assistants", CONTENT)["assistant"]
    path = f"/api/assistants/{made['id']}"
    say("assistant", made["id"], "made")
    with deleting(client, path):
        found = client.request("GET", path)["assistant"]
    if found != made or found["temperature"] != CONTENT["temperature"]:
        raise SmokeError(f"GET {path} answered another assistant than was made: {found}")
    say("assistant", made["id"], "read back and deleted")


@contextmanager
def deleting(client: "Client", path: str) -> Iterator[None]:
    """Deletes it at the end. Raises SmokeError if that fails, unless something else did before."""
    try:
        yield
    except SmokeError:
        with suppress(SmokeError):
            client.request("DELETE", path)
        raise
    client.request("DELETE", path)


class Client:
    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def request(self, method: str, path: str, body: object = None) -> Any:
        """The answer of a request that succeeds. Raises SmokeError."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(self._url + path, data, self._headers, method=method)  # noqa: S310  the URL is the stack's
        try:
            with urlopen(request, timeout=SECONDS) as response:  # noqa: S310
                return json.load(response)
        except HTTPError as error:
            raise SmokeError(f"{method} {path}: {error.code} {error.read().decode(errors='replace')}") from None
        except (URLError, TimeoutError, ValueError) as error:
            raise SmokeError(f"{method} {self._url}{path}: {error}") from None


def say(thing: str, name: str, what: str) -> None:
    print(f"{thing} {name}: {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
