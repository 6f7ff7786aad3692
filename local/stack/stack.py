"""The whole stack in one process: stand-ins for API Gateway, Lambda, DynamoDB, KMS and carriers, and a demo account."""

import errno
import importlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from ipaddress import ip_address
from threading import BoundedSemaphore
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from local.stack.carriers import carriers_with
from local.stack.dynamodb_moto import dynamodb
from local.stack.functions import INVOKE_PATH, InvokeApi, LambdaFunction
from local.stack.gateway import Gateway
from local.stack.kms_moto import KEY_ID, kms
from local.stack.running import RunningStack
from local.stack.server import Server, is_free, url_host
from local.stack.template import Template, create_table

# How many functions run at once; further requests wait. moto answers one request at a time, and with more functions
# in front of it some would wait longer than their timeout for DynamoDB.
CONCURRENCY = 8
ADMIN = "AdminFunction"
ACCOUNT = {"slug": "my-team", "name": "My Team"}
API_KEY = {"slug": "my-team", "name": "demo", "environment": "test", "scopes": ["*"], "rate_limit_per_hour": None}
PHONE_NUMBERS = {"+14155550101": "Sales", "+14155550102": "Support", "+14155550103": "Follow-up"}

QUIET_LOGS = {"POWERTOOLS_LOG_LEVEL": "WARNING"}
WORKERS_HERE = {"ALLOW_PRIVATE_HOSTS": "true"}  # calls may go to a worker on this machine
FAKE_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
NO_INVOKE = "The Invoke API is off, because the table may be in AWS; ALLOW_INVOKE=1 turns it on when the stack starts."
# Each could send a request to another machine, or make boto3 look for a profile that does not exist.
REDIRECTING_VARIABLES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")


class StackError(Exception):
    """The stack cannot start; the message says why in one sentence."""


class Stack:
    """Runs the stack inside a `with` block. It changes the process environment meanwhile, so run one at a time.

    It uses the DynamoDB that AWS_ENDPOINT_URL_DYNAMODB names. Without that it starts one in memory. It
    encrypts with the KMS key that CREDENTIALS_KEY names, or else with a stand-in. Unless the table may be in AWS, it
    speaks to stand-ins of carriers where TWILIO_API_URL and TELNYX_API_URL name no others.
    """

    base_url: str
    api_token: str
    dynamodb_endpoint: str
    is_persistent: bool

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._host = host
        self._port = port
        self._functions: dict[str, LambdaFunction] = {}
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as running:
            running.enter_context(_restored_environment())
            endpoint = os.environ.get("AWS_ENDPOINT_URL_DYNAMODB")
            if not endpoint or not _is_aws(endpoint):
                _keep_requests_local()
                _set_defaults(running.enter_context(carriers_with(PHONE_NUMBERS)))
            self.is_persistent = bool(endpoint)
            self.dynamodb_endpoint = endpoint or running.enter_context(dynamodb())
            _set_defaults(QUIET_LOGS | WORKERS_HERE | {"AWS_ENDPOINT_URL_DYNAMODB": self.dynamodb_endpoint})
            if (os.environ.get("CREDENTIALS_KEY") or KEY_ID) == KEY_ID:
                os.environ["AWS_ENDPOINT_URL_KMS"] = running.enter_context(kms(_region()))
            template = Template(table_name=os.environ.get("TABLE_NAME") or "assistants")
            _set_defaults(template.environment)
            _ensure_table(self.dynamodb_endpoint, os.environ["TABLE_NAME"])
            sys.path[:0] = [str(layer) for layer in template.layers if str(layer) not in sys.path]
            slots = BoundedSemaphore(CONCURRENCY)
            self._functions = {name: LambdaFunction(it, slots) for name, it in template.functions.items()}
            for module in ("table", "credentials"):
                forget_client = importlib.import_module(f"assistants_api.storage.{module}").from_env.cache_clear
                forget_client()  # an earlier stack may have made one
                running.callback(forget_client)
            gateway = Gateway({key: self._functions[name] for key, name in template.routes.items()})
            may_invoke = is_here(self.dynamodb_endpoint) or os.environ.get("ALLOW_INVOKE") == "1"
            invoke_api = InvokeApi(self._functions, self._host, off=None if may_invoke else NO_INVOKE)
            app = DispatcherMiddleware(gateway, {INVOKE_PATH: invoke_api})
            try:
                server = running.enter_context(Server(app, self._host, self._port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise StackError(_port_is_taken(self._port)) from None
                raise StackError(f"Cannot listen on {self._host}: {os.strerror(error.errno or 0)}.") from None
            self.base_url = f"http://{url_host(self._host)}:{server.port}"
            _set_defaults({"PUBLIC_BASE_URL": self.base_url})
            self.api_token = self._provision()
            self._exit = running.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.close()

    @property
    def as_running(self) -> RunningStack:
        return RunningStack(self.base_url, self.dynamodb_endpoint, _region(), os.environ["TABLE_NAME"])

    def invoke(self, function: str, payload: Any) -> Any:
        """The result of the function with this logical id. Raises whatever its handler raises."""
        return self._functions[function](payload)

    def _provision(self) -> str:
        """Creates the demo account, if needed, and its phone numbers; the token of a new API key."""
        account = self.invoke(ADMIN, {"action": "create_account", **ACCOUNT})
        if not account["ok"] and account["code"] != "slug_taken":
            raise StackError(f"The demo account was refused: {account['error']}")
        key = self.invoke(ADMIN, {"action": "create_api_key", **API_KEY})
        if not key["ok"]:
            raise StackError(f"The demo API key was refused: {key['error']}")
        token: str = key["full_key"]
        for number, label in PHONE_NUMBERS.items():
            body = {"accountSlug": ACCOUNT["slug"], "phoneNumber": number, "label": label}
            self._post("/api/phone-numbers", body, token)
        return token

    def _post(self, path: str, body: dict[str, str], token: str) -> None:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection = HTTPConnection(urlsplit(self.base_url).netloc, timeout=30)
        connection.request("POST", path, json.dumps(body), headers)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        if response.status != 200:
            raise StackError(f"POST {path} was refused: {answer.decode()}")


def _region() -> str:
    return boto3.Session().region_name or FAKE_CREDENTIALS["AWS_DEFAULT_REGION"]


def _port_is_taken(port: int) -> str:
    if free := next((it for it in range(port + 1, min(port + 100, 65536)) if is_free(it)), None):
        return f"Port {port} is taken, and {free} is free: PORT={free} make run"
    return f"Port {port} is taken; name another one: PORT=3000 make run"


@contextmanager
def _restored_environment() -> Iterator[None]:
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _set_defaults(variables: Mapping[str, str]) -> None:
    for name, value in variables.items():
        if not os.environ.get(name):
            os.environ[name] = value


def _keep_requests_local() -> None:
    for name in REDIRECTING_VARIABLES:
        os.environ.pop(name, None)
    _set_defaults(FAKE_CREDENTIALS)
    unproxied = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    os.environ["no_proxy"] = ",".join(filter(None, [unproxied, "127.0.0.1", "localhost"]))


def _is_aws(endpoint: str) -> bool:
    return (urlsplit(endpoint).hostname or "").endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))


def is_here(endpoint: str) -> bool:
    """Whether the database is on this machine or in its network: whatever else it is may be in AWS."""
    host = urlsplit(endpoint).hostname or ""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host  # such as localhost, or a container's name


def _ensure_table(endpoint: str, name: str) -> None:
    patience = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2})
    client = boto3.Session().client("dynamodb", endpoint_url=endpoint, config=patience)
    try:
        create_table(client, name)
    except client.exceptions.ResourceInUseException:
        pass  # it exists, with what was stored before
    except EndpointConnectionError:
        raise StackError(f"No DynamoDB answers at {endpoint}.") from None
