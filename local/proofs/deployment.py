"""`python -m local.proofs.deployment`, after a build into .aws-sam/local.

Deploys the stack, tests it as a black box, lets a history be deleted as after a removal by TTL, and rotates the secret
under which API keys are issued.

The target is ministack, an emulator of AWS. Its CloudFormation creates the table, secret, roles, layer and functions;
each function runs from its built package with the rights of its own role and boundary (AUTH=true), and with the secret
that its dynamic reference names. Five things differ from AWS. ministack ignores the OpenAPI body of an HTTP API, so
this module creates the routes from the processed template. It serves an API at the root of a URL only under a custom
domain, so the API gets the domain 127.0.0.1 and AWS itself is at localhost. It does not know dynamodb:LeadingKeys, so a
condition on that always holds; local/proofs/iam.py tests those. Its reference to a secret is the name and not the ARN;
both work as the parameter. What its TTL removes is no record of the stream, so this module passes one on.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from local.proofs import black_box
from local.proofs.containers import ARCHITECTURE, BUILT, SAM
from local.stack.dynamodb_local import free_port
from local.stack.template import ROOT

PYTHON = str(ROOT / ".venv-deploy" / "bin" / "python")
STACK = "assistants-api"
API = "Api"
ADMIN = "AdminFunction"
PURGE = "PurgeVersions"
TABLE = "Table"
DOMAIN = "127.0.0.1"
ACCOUNT = {"action": "create_account", "slug": "my-team", "name": "My Team"}
KEY = {"action": "create_api_key", "slug": "my-team", "name": "black box", "environment": "test", "scopes": ["*"]}
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1"}
FUNCTION = re.compile(r"functions/\$\{(\w+)\.Arn\}/invocations")
START_SECONDS = 60
DEPLOY_SECONDS = 600
STOP_SECONDS = 30
WORKERS = 2  # each concurrent call is a process that unpacks the layer

COLD = "16 calls at once are 16 cold starts on one machine, which can take longer than the function's timeout"

# Tests in tests/http that ministack cannot pass, and why.
DIFFERENCES = {
    "test_paths.py::test_a_method_that_a_path_does_not_have_is_refused_and_those_it_has_are_named[OPTIONS-": (
        "it answers OPTIONS itself"
    ),
    "test_paths.py::test_a_monitor_needs_no_token": "it answers /health itself",
    "test_connections.py::test_a_connection_outlives_its_refusals": "one of its requests is OPTIONS",
    "test_connections.py::test_many_connections_at_once_are_served": COLD,
    "test_concurrency.py::test_16_": COLD,
    "test_concurrency.py::test_of_16_": COLD,
}


class DeploymentError(Exception):
    """The stack cannot be deployed; the message says why."""


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that everything started here stops too
    try:
        with tempfile.TemporaryDirectory() as folder, emulator(Path(folder)) as port:
            aws = Aws(url := f"http://localhost:{port}")
            aws.deploy()
            aws.make_routes()
            aws.invoke(ADMIN, ACCOUNT)
            token = aws.invoke(ADMIN, KEY | {"rate_limit_per_hour": None})["full_key"]
            operator = {"INVOKE_URL": url, "ADMIN_FUNCTION": aws.names[ADMIN]}
            is_passed = black_box.run(f"http://{DOMAIN}:{port}", token, DIFFERENCES, WORKERS, **operator)
            purge_versions(aws, f"{DOMAIN}:{port}", token)
            rotate_secret(aws, f"{DOMAIN}:{port}", token)
            return 0 if is_passed else 1
    except DeploymentError as error:
        print(error, file=sys.stderr)
        return 2


def purge_versions(aws: "Aws", host: str, token: str) -> None:
    """Deletes an assistant, removes it as TTL would, and passes that on. Raises DeploymentError if versions stay."""
    assistant = request(host, token, "POST", "/api/assistants", {"accountSlug": "my-team", "name": "x"})["assistant"]
    request(host, token, "DELETE", f"/api/assistants/{assistant['id']}")
    partition, sort_key = f"ACCOUNT#{assistant['account_id']}", f"DELETED#{assistant['id']}"
    table, key = aws.client("dynamodb"), {"PK": {"S": partition}, "SK": {"S": sort_key}}
    event = json.loads((ROOT / "events/purge_versions.json").read_text())
    event["Records"][0]["dynamodb"]["Keys"] = key
    left = []
    for step in (lambda: None, lambda: table.delete_item(TableName=aws.names[TABLE], Key=key)):
        step()
        aws.invoke(PURGE, event)
        found = table.query(
            TableName=aws.names[TABLE],
            KeyConditionExpression="PK = :PK AND begins_with(SK, :SK)",
            ExpressionAttributeValues={":PK": key["PK"], ":SK": {"S": f"VERSION#{assistant['id']}#"}},
        )
        left.append(found["Count"])
    print(f"versions of a deleted assistant: {left[0]}, and {left[1]} when it can't be restored any more", flush=True)
    if left != [1, 0]:
        raise DeploymentError("They should be 1 and 0.")


def rotate_secret(aws: "Aws", host: str, token: str) -> None:
    """Rotates the stack's own secret as an operator would. Raises DeploymentError if a key works when it must not, or
    the other way round.
    """
    own = aws.secret_arn()
    new = aws.client("secretsmanager").create_secret(Name="another", SecretString="x" * 64)["ARN"]
    aws.deploy(TokenSecretArn=new, PreviousTokenSecretArn=own)
    token_of_new = aws.invoke(ADMIN, KEY)["full_key"]
    expect("with the previous secret", [status(host, token), status(host, token_of_new)], [200, 200])
    aws.deploy(TokenSecretArn=new, PreviousTokenSecretArn="")
    expect("without the previous secret", [status(host, token), status(host, token_of_new)], [401, 200])
    aws.deploy(TokenSecretArn=own, PreviousTokenSecretArn="")
    expect("with the first secret again", [status(host, token), status(host, token_of_new)], [200, 401])


def expect(when: str, statuses: list[int], wanted: list[int]) -> None:
    print(f"{when}: {statuses[0]} for a key of the first secret, {statuses[1]} for one of the second", flush=True)
    if statuses != wanted:
        raise DeploymentError(f"They should be {wanted[0]} and {wanted[1]}.")


def status(host: str, token: str) -> int:
    return _respond(host, token, "GET", "/api/test-api-key")[0]


def request(host: str, token: str, method: str, path: str, body: object = None) -> Any:
    """The answer to a request that must succeed. Raises DeploymentError."""
    status, answer = _respond(host, token, method, path, body)
    if status != 200:
        raise DeploymentError(f"{method} {path} was refused: {answer}")
    return answer


def _respond(host: str, token: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
    connection = HTTPConnection(host, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request(method, path, json.dumps(body) if body else None, headers)
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer


@contextmanager
def emulator(folder: Path) -> Iterator[int]:
    """Runs an empty ministack; its port."""
    port = free_port()
    variables = {
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "AWS_ENDPOINT_URL": f"http://localhost:{port}",  # for the functions
        "MINISTACK_ACCOUNT_ID": "123456789012",
        "LAMBDA_EXECUTOR": "local",
        "TMPDIR": str(folder),
    }
    log = BUILT.with_name("ministack.log")
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603
            [PYTHON, "-m", "ministack"],
            cwd=folder,
            env=os.environ | CREDENTIALS | variables,
            stdout=output,
            stderr=output,
        )
    try:
        end = time.monotonic() + START_SECONDS
        while "Running on" not in log.read_text():
            if process.poll() is not None or time.monotonic() > end:
                raise DeploymentError(f"ministack did not start:\n{log.read_text()}")
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


class Aws:
    """AWS as the emulator provides it, with the stack in it."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self.names: dict[str, str] = {}

    def deploy(self, **parameters: str) -> None:
        """Runs `sam deploy` with samconfig.toml, which spares its questions. Raises DeploymentError."""
        values = {"Architecture": ARCHITECTURE} | parameters
        overrides = [f'{name}="{value}"' for name, value in values.items()]  # without quotes sam refuses an empty one
        options = ["--template", str(BUILT), "--config-file", str(ROOT / "samconfig.toml")]
        options += ["--parameter-overrides", *overrides]
        done = subprocess.run(  # noqa: S603
            [SAM, "deploy", "--no-progressbar", *options],
            cwd=ROOT,
            env=os.environ | CREDENTIALS | {"AWS_ENDPOINT_URL": self._endpoint, "SAM_CLI_TELEMETRY": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEPLOY_SECONDS,
        )
        if done.returncode:
            raise DeploymentError(f"sam deploy failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
        resources = self.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
        self.names = {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in resources}
        print("deployed:", ", ".join(f"{name}={value}" for name, value in parameters.items()) or "the stack")
        for kind, count in sorted(Counter(it["ResourceType"] for it in resources).items()):
            print(f"{count:3} {kind}")

    def secret_arn(self) -> str:
        """That of the secret under which API keys are issued, from the stack's outputs."""
        (stack,) = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        outputs = {it["OutputKey"]: it["OutputValue"] for it in stack["Outputs"]}
        arn: str = outputs["TokenSecretArn"]
        return arn

    def make_routes(self) -> None:
        """Creates the routes of the API's OpenAPI body, and the domain."""
        stack = self.client("cloudformation").get_template(StackName=STACK, TemplateStage="Processed")
        body = stack["TemplateBody"]
        template = json.loads(body) if isinstance(body, str) else body
        gateway, api = self.client("apigatewayv2"), self.names[API]
        for path, methods in template["Resources"][API]["Properties"]["Body"]["paths"].items():
            for method, operation in methods.items():
                wanted = operation["x-amazon-apigateway-integration"]
                function = FUNCTION.search(wanted["uri"]["Fn::Sub"])
                if not function:
                    raise DeploymentError(f"{method} {path} leads to no function: {wanted['uri']}")
                integration = gateway.create_integration(
                    ApiId=api,
                    IntegrationType="AWS_PROXY",
                    IntegrationUri=self._arn(function[1]),
                    PayloadFormatVersion=wanted["payloadFormatVersion"],
                )
                key = "$default" if operation.get("isDefaultRoute") else f"{method.upper()} {path}"
                gateway.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{integration['IntegrationId']}")
        gateway.create_domain_name(DomainName=DOMAIN)
        gateway.create_api_mapping(DomainName=DOMAIN, ApiId=api, Stage="$default")

    def invoke(self, function: str, payload: object) -> Any:
        """The result of the function with this logical id. Raises DeploymentError."""
        answer = self.client("lambda").invoke(FunctionName=self.names[function], Payload=json.dumps(payload))
        content = json.load(answer["Payload"])
        if "FunctionError" in answer or not content.get("ok", True):
            raise DeploymentError(f"{function} failed: {content}")
        return content

    def client(self, service: str) -> Any:
        session = boto3.Session("local", "local", region_name="us-east-1")
        config = Config(proxies={}, read_timeout=60)
        return session.client(service, endpoint_url=self._endpoint, config=config)  # type: ignore[call-overload]

    def _arn(self, function: str) -> str:
        configuration = self.client("lambda").get_function(FunctionName=self.names[function])["Configuration"]
        arn: str = configuration["FunctionArn"]
        return arn


if __name__ == "__main__":
    sys.exit(main())
