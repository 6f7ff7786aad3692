import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest

from local.stack.carriers import ACCOUNT_SID, API_KEY, AUTH_TOKEN
from local.stack.functions import INVOKE_PATH
from local.stack.kms_moto import kms
from local.stack.stack import Stack, StackError, is_here
from local.stack.template import Template
from tests.catalogue import STREAM_CONSUMERS
from tests.harness import sample

ROOT = Path(__file__).parent.parent.parent
COMMAND = [sys.executable, "-m", "local"]


def environment(**variables: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "POWERTOOLS_"))}
    return inherited | {"PORT": "0", "AWS_ENDPOINT_URL_DYNAMODB": ""} | variables


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("ALLOW_PRIVATE_HOSTS")  # which is here as it is in AWS
        before = dict(os.environ)
        with Stack() as stack:
            yield stack
        assert dict(os.environ) == before


def get(stack: Stack, path: str) -> Any:
    with urlopen(Request(stack.base_url + path, headers={"Authorization": f"Bearer {stack.api_token}"})) as response:  # noqa: S310
        return json.load(response)


def test_the_demo_account_has_three_numbers(stack: Stack) -> None:
    numbers = get(stack, "/api/phone-numbers")["numbers"]
    assert [number["phone_number"] for number in numbers] == ["+14155550101", "+14155550102", "+14155550103"]


def test_calls_may_go_to_a_worker_on_this_machine(stack: Stack) -> None:
    body = {
        "accountSlug": "my-team",
        "provider": "sip",
        "media": {"kind": "stream", "url": "ws://127.0.0.1:7860/ws"},
    }
    headers = {"Authorization": f"Bearer {stack.api_token}", "Content-Type": "application/json"}
    request = Request(f"{stack.base_url}/api/telephony-connections", json.dumps(body).encode(), headers)  # noqa: S310
    with urlopen(request) as response:  # noqa: S310
        assert json.load(response)["telephony_connection"]["media"] == body["media"]


def test_a_function_is_invoked_by_its_logical_id(stack: Stack) -> None:
    keys = stack.invoke("AdminFunction", {"action": "list_api_keys", "slug": "my-team"})
    assert [key["name"] for key in keys["api_keys"]] == ["demo"]


def test_the_operators_command_line_asks_the_stack_at_its_url(stack: Stack) -> None:
    command = [sys.executable, "-m", "local.admin", "--endpoint", stack.base_url]
    done = subprocess.run([*command, "list-accounts"], cwd=ROOT, capture_output=True, text=True)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("my-team  acct_")
    refused = subprocess.run([*command, "show-account", "nobody"], cwd=ROOT, capture_output=True, text=True)  # noqa: S603
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("There is no account nobody; ")


@pytest.fixture(scope="module")
def lambda_client(stack: Stack) -> Iterator[Any]:
    client: Any = boto3.Session("a", "b", region_name="us-east-1").client("lambda", endpoint_url=stack.base_url)  # type: ignore[call-overload,unused-ignore]
    yield client
    client.close()


@pytest.mark.parametrize("name", Template().functions)
def test_boto3_invokes_every_function(lambda_client: Any, name: str) -> None:
    event = an_event(Template().functions[name].app.parent.name)
    answer = lambda_client.invoke(FunctionName=name, Payload=json.dumps(event))
    assert answer["StatusCode"] == 200
    assert "FunctionError" not in answer
    assert json.load(answer["Payload"])


def an_event(function: str) -> Any:
    if function in {consumer.name for consumer in STREAM_CONSUMERS}:
        return sample(function)
    context = {"requestId": "r", "routeKey": "GET /", "http": {"method": "GET", "path": "/"}}
    return {"headers": {}, "requestContext": context, "rawPath": "/", "isBase64Encoded": False}


def test_what_one_stack_encrypts_another_one_can_decrypt(stack: Stack) -> None:
    body = {"accountSlug": "my-team", "provider": "sip", "username": "trunk", "password": "p"}
    headers = {"Authorization": f"Bearer {stack.api_token}", "Content-Type": "application/json"}
    request = Request(f"{stack.base_url}/api/telephony-connections", json.dumps(body).encode(), headers)  # noqa: S310
    with urlopen(request) as response:  # noqa: S310
        connection = json.load(response)["telephony_connection"]["id"]
    database = boto3.Session("a", "b", region_name="us-east-1").client("dynamodb", endpoint_url=stack.dynamodb_endpoint)
    item = next(
        it for it in database.scan(TableName="assistants")["Items"] if it["SK"]["S"] == f"CONNECTION#{connection}"
    )
    database.close()
    context = {"account": item["PK"]["S"].removeprefix("ACCOUNT#"), "connection": connection}
    with kms("us-east-1") as endpoint:
        client = boto3.Session("a", "b", region_name="us-east-1").client("kms", endpoint_url=endpoint)
        decrypted = client.decrypt(CiphertextBlob=item["credentials"]["B"], EncryptionContext=context)["Plaintext"]
        client.close()
    assert decrypted == b'{"password": "p"}'


def test_the_table_of_the_stack_is_at_its_endpoint(stack: Stack) -> None:
    client = boto3.Session("a", "b", region_name="us-east-1").client("dynamodb", endpoint_url=stack.dynamodb_endpoint)
    assert client.list_tables()["TableNames"] == ["assistants"]
    client.close()


def test_a_second_stack_on_the_same_database_keeps_its_table_and_its_numbers(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", stack.dynamodb_endpoint)
    with Stack() as second:
        assert second.is_persistent
        assert len(get(second, "/api/phone-numbers")["numbers"]) == 3
        assert get(second, "/api/phone-numbers") == get(stack, "/api/phone-numbers")


def test_the_api_key_of_one_stack_works_in_the_next_on_the_same_database(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", stack.dynamodb_endpoint)
    with Stack() as second:
        assert second.api_token != stack.api_token
        second.api_token = stack.api_token
        assert len(get(second, "/api/phone-numbers")["numbers"]) == 3


def test_a_demo_number_is_imported_through_a_connection_to_the_stand_in_of_its_carrier(stack: Stack) -> None:
    carriers: list[dict[str, str]] = [
        {"provider": "twilio", "accountSid": ACCOUNT_SID, "authToken": AUTH_TOKEN},
        {"provider": "telnyx", "apiKey": API_KEY, "publicKey": f"{'A' * 43}="},
    ]
    for carrier in carriers:
        connection = send(stack, "/api/telephony-connections", carrier)["telephony_connection"]["id"]
        body = {"phoneNumber": "+14155550101", "connectionId": connection}
        assert send(stack, "/api/phone-numbers", body)["phone_number"]["sync"]["state"] == "synced"
        (first, *_) = get(stack, f"/api/telephony-connections/{connection}/numbers")["numbers"]
        assert (first["phone_number_id"], first["leads_here"]) == ("pn_14155550101", True)


def send(stack: Stack, path: str, body: dict[str, str]) -> Any:
    """The answer to a POST of the demo account."""
    connection = HTTPConnection(stack.base_url.removeprefix("http://"), timeout=10)
    headers = {"Authorization": f"Bearer {stack.api_token}", "Content-Type": "application/json"}
    connection.request("POST", path, json.dumps({"accountSlug": "my-team", **body}), headers)
    response = connection.getresponse()
    answer = json.load(response)
    connection.close()
    assert response.status == 200, answer
    return answer


def post(url: str, body: str, **headers: str) -> tuple[int, Any]:
    connection = HTTPConnection(url.removeprefix("http://"), timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST", f"{INVOKE_PATH}/AdminFunction/invocations", body, named)
    response = connection.getresponse()
    answer = json.load(response)
    connection.close()
    return response.status, answer


LIST_KEYS = json.dumps({"action": "list_api_keys", "slug": "my-team"})


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (200, {}),
        (200, {"Content_Type": "application/json"}),
        (403, {"Origin": "https://rebound.example"}),
        (403, {"Origin": "null", "Content_Type": "text/plain"}),
        (403, {"Host": "rebound.example"}),
        (415, {"Content_Type": "text/plain"}),
    ],
)
def test_the_operator_is_who_no_browser_sends(stack: Stack, status: int, headers: dict[str, str]) -> None:
    answered, answer = post(stack.base_url, LIST_KEYS, **headers)
    assert (answered, "api_keys" in answer) == (status, status == 200)


@pytest.mark.parametrize(("allowed", "status"), [(None, 403), ("", 403), ("0", 403), ("yes", 403), ("1", 200)])
def test_against_a_table_in_aws_there_is_an_operator_only_on_request(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, allowed: str | None, status: int
) -> None:
    """What stands for AWS is moto, as the proxy on the way to it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://dynamodb.us-east-1.amazonaws.com")
    monkeypatch.setenv("HTTP_PROXY", stack.dynamodb_endpoint)
    for name, value in [
        ("AWS_ACCESS_KEY_ID", "a"),
        ("AWS_SECRET_ACCESS_KEY", "b"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ]:
        monkeypatch.setenv(name, value)
    if allowed is not None:
        monkeypatch.setenv("ALLOW_INVOKE", allowed)
    with Stack() as second:
        answered, answer = post(second.base_url, LIST_KEYS)
        assert (answered, "api_keys" in answer) == (status, status == 200)
        assert ("ALLOW_INVOKE=1" in answer.get("Message", "")) is (status == 403)
        assert len(get(second, "/api/phone-numbers")["numbers"]) == 3


@pytest.mark.parametrize(
    ("endpoint", "here"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000", True),
        ("http://192.168.1.5:8000", True),
        ("http://dynamodb-local:8000", True),
        ("https://dynamodb.eu-west-1.amazonaws.com", False),
        ("https://dynamodb.eu-west-1.amazonaws.com.", False),
        ("https://dynamodb.cn-north-1.amazonaws.com.cn", False),
        ("https://dynamodb.eusc-de-east-1.amazonaws.eu", False),
        ("https://123456789012.ddb.eu-west-1.api.aws", False),
        ("https://vpce-1.dynamodb.eu-west-1.vpce.amazonaws.com", False),
        ("https://dynamodb.example", False),
        ("https://52.94.5.1", False),
    ],
)
def test_a_database_elsewhere_may_be_in_aws(endpoint: str, here: bool) -> None:
    assert is_here(endpoint) is here


def test_a_database_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
    with pytest.raises(StackError, match="No DynamoDB answers"), Stack():
        pass


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_announces_itself_on_stdout_alone_and_a_signal_stops_it_with_success(number: int) -> None:
    variables = environment(AWS_PROFILE="of another account", HTTP_PROXY="http://127.0.0.1:1")
    with subprocess.Popen(  # noqa: S603
        COMMAND, cwd=ROOT, env=variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        lines = list(takewhile(lambda line: not line.startswith("# List"), map(str.rstrip, process.stdout)))
        assert next(process.stdout).startswith("curl ")
        url = next(line.removeprefix("export BASE_URL=") for line in lines if line.startswith("export BASE_URL="))
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        assert any(re.fullmatch(r"export API_TOKEN=tk_test_\w+", line) for line in lines)
        assert lines[0] == f"The assistants API runs at {url}, its reference is at {url}/docs."
        assert lines[1].startswith("Its data is in memory and is gone when it stops")
        assert lines[2] == "Ctrl-C stops it."
        connection = HTTPConnection(url.removeprefix("http://"), timeout=10)
        connection.request("GET", "/api/assistants/secret?token=secret")
        assert connection.getresponse().status == 401
        process.send_signal(number)
        _, errors = process.communicate(timeout=15)
        connection.close()
    assert process.returncode == 0
    assert errors.splitlines() == ["POST /api/phone-numbers 200"] * 3 + ["GET /api/assistants/{assistantId} 401"]


def refusal(port: str) -> str:
    """What the stack says when it fails to start."""
    done = subprocess.run(COMMAND, cwd=ROOT, env=environment(PORT=port), text=True, capture_output=True, timeout=60)  # noqa: S603
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


@pytest.mark.long
@pytest.mark.parametrize("port", ["http", "-1", "65536", "3.5"])
def test_a_port_that_is_no_port_is_refused_in_one_line(port: str) -> None:
    assert refusal(port) == f"PORT must be a number from 0 to 65535, not {port!r}.\n"


@pytest.mark.long
def test_a_port_that_is_taken_is_refused_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        said = refusal(str(port))
    free = int(said.removesuffix(" make run\n").rpartition("=")[2])
    assert said == f"Port {port} is taken, and {free} is free: PORT={free} make run\n"
    with socket.create_server(("127.0.0.1", free)):
        pass
