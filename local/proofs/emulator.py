"""ministack, an emulator of AWS, and the stack in it.

Its CloudFormation creates the table, secret, roles, layer and functions; each function runs from its built package with
the rights of its own role and boundary (AUTH=true), and with the secret that its dynamic reference names. What it does
not know is left out: local/proofs/emulated.py. Five things differ from AWS. ministack ignores the OpenAPI body of an
HTTP API, so `make_routes` creates the routes from the processed template. It serves an API at the root of a URL only
under a custom domain, so the API gets the domain 127.0.0.1 and AWS itself is at localhost. It does not know
dynamodb:LeadingKeys, so a condition on that always holds; local/proofs/iam.py tests those. Its reference to a secret is
the name and not the ARN; both work as the parameter. What its TTL removes is no record of the stream.
"""

import json
import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from local.proofs import emulated
from local.proofs.containers import ARCHITECTURE, BUILT, SAM
from local.proofs.releases import ALIAS_OF_URI
from local.stack.dynamodb_local import free_port
from local.stack.template import ROOT, document

PYTHON = str(ROOT / ".venv-deploy" / "bin" / "python")
STACK = "assistants-api"
API = "Api"
DOMAIN = "127.0.0.1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1"}
START_SECONDS = 60
SAM_SECONDS = 600
RETURNS = "\n" * 200  # more than sam asks
STOP_SECONDS = 30


class DeploymentError(Exception):
    """The stack cannot be deployed, or is not what it should be; the message says why."""


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
    """AWS as the emulator provides it, with the stack in it; `names` are its resources, by their logical ids."""

    def __init__(self, endpoint: str, region: str = CREDENTIALS["AWS_DEFAULT_REGION"], stack: str = STACK) -> None:
        self.endpoint, self._region, self._stack = endpoint, region, stack
        self._here = {"AWS_ENDPOINT_URL": endpoint, "SAM_CLI_TELEMETRY": "0"}
        self.names: dict[str, str] = {}

    def deploy_guided(self, folder: Path) -> None:
        """Runs `sam deploy --guided` with a copy of samconfig.toml, and answers all questions with Return. Raises
        DeploymentError."""
        config = folder / "samconfig.mine.toml"
        config.write_text((ROOT / "samconfig.toml").read_text())
        options = ["--guided", "--template", str(self._emulated()), "--config-file", str(config)]
        self.sam("deploy", *options, "--parameter-overrides", f"Architecture={ARCHITECTURE}", answers=RETURNS)
        self._note("the stack, guided, with Return as the answer to everything")

    def deploy(self, **parameters: str) -> None:
        """Runs `sam deploy` with samconfig.toml, which spares its questions. Raises DeploymentError."""
        values = {"Architecture": ARCHITECTURE} | parameters
        overrides = [f'{name}="{value}"' for name, value in values.items()]  # without quotes sam refuses an empty one
        options = ["--template", str(self._emulated()), "--config-file", str(ROOT / "samconfig.toml")]
        options += ["--stack-name", self._stack, "--s3-prefix", self._stack]
        self.sam("deploy", "--no-progressbar", *options, "--parameter-overrides", *overrides)
        self._note(", ".join(f"{name}={value}" for name, value in parameters.items()) or "the stack")

    def delete(self) -> None:
        self.sam("delete", "--stack-name", self._stack, "--region", self._region, "--no-prompts")

    def _note(self, what: str) -> None:
        """Notes the names of the stack's resources, and prints what it has."""
        resources = self.client("cloudformation").describe_stack_resources(StackName=self._stack)["StackResources"]
        self.names = {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in resources}
        print(f"deployed as {self._stack} in {self._region}: {what}")
        for kind, count in sorted(Counter(it["ResourceType"] for it in resources).items()):
            print(f"{count:3} {kind}")

    def _emulated(self) -> Path:
        """The built template with what the emulator knows, beside it; tells what is left out."""
        template = document(BUILT)
        for note in emulated.notes(template):
            print(note)
        path = BUILT.with_name("emulated.json")
        path.write_text(json.dumps(emulated.known(template)))
        return path

    def sam(self, *arguments: str, answers: str = "") -> None:
        """Runs sam, which can ask no more than there are answers. Raises DeploymentError."""
        done = subprocess.run(  # noqa: S603
            [SAM, *arguments],
            cwd=ROOT,
            env=os.environ | CREDENTIALS | {"AWS_DEFAULT_REGION": self._region} | self._here,
            input=answers,
            capture_output=True,
            text=True,
            timeout=SAM_SECONDS,
        )
        if done.returncode:
            raise DeploymentError(f"sam {arguments[0]} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")

    def outputs(self) -> dict[str, str]:
        (stack,) = self.client("cloudformation").describe_stacks(StackName=self._stack)["Stacks"]
        return {it["OutputKey"]: it["OutputValue"] for it in stack["Outputs"]}

    def make_routes(self) -> None:
        """Creates the routes of the API's OpenAPI body, and the domain."""
        stack = self.client("cloudformation").get_template(StackName=self._stack, TemplateStage="Processed")
        body = stack["TemplateBody"]
        template = json.loads(body) if isinstance(body, str) else body
        gateway, api = self.client("apigatewayv2"), self.names[API]
        for path, methods in template["Resources"][API]["Properties"]["Body"]["paths"].items():
            for method, operation in methods.items():
                wanted = operation["x-amazon-apigateway-integration"]
                alias = ALIAS_OF_URI.search(wanted["uri"]["Fn::Sub"])
                if not alias:
                    raise DeploymentError(f"{method} {path} leads to no alias: {wanted['uri']}")
                integration = gateway.create_integration(
                    ApiId=api,
                    IntegrationType="AWS_PROXY",
                    IntegrationUri=self.names[alias[1]],
                    PayloadFormatVersion=wanted["payloadFormatVersion"],
                )
                key = "$default" if operation.get("isDefaultRoute") else f"{method.upper()} {path}"
                gateway.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{integration['IntegrationId']}")
        if DOMAIN in [it["DomainName"] for it in gateway.get_domain_names()["Items"]]:
            gateway.delete_domain_name(DomainName=DOMAIN)  # that of a stack which was deleted
        gateway.create_domain_name(DomainName=DOMAIN)
        gateway.create_api_mapping(DomainName=DOMAIN, ApiId=api, Stage="$default")

    def refusal(self, **parameters: str) -> str:
        """Why CloudFormation refuses a deployment with these parameters. Raises DeploymentError if it does not."""
        try:
            self.deploy(**parameters)
        except DeploymentError:
            described = self.client("cloudformation").describe_stack_events(StackName=self._stack)
            newest_first = described["StackEvents"]
            reasons = (it["ResourceStatusReason"] for it in newest_first if it["ResourceStatus"] == "UPDATE_FAILED")
            return str(next(reasons))
        raise DeploymentError(f"{parameters} should be refused.")

    def live(self, function: str) -> Any:
        """The configuration of the version of the function with this logical id that requests reach."""
        return self.client("lambda").get_function_configuration(FunctionName=self.names[function], Qualifier="live")

    def invoke(self, function: str, payload: object, is_refusable: bool = False) -> Any:
        """The result of the function with this logical id. Raises DeploymentError if it fails or may not refuse."""
        answer = self.client("lambda").invoke(FunctionName=self.names[function], Payload=json.dumps(payload))
        content = json.load(answer["Payload"])
        if "FunctionError" in answer or not (content.get("ok", True) or is_refusable):
            raise DeploymentError(f"{function} failed: {content}")
        return content

    def client(self, service: str) -> Any:
        session = boto3.Session("local", "local", region_name=self._region)
        config = Config(proxies={}, read_timeout=60)
        return session.client(service, endpoint_url=self.endpoint, config=config)  # type: ignore[call-overload]
