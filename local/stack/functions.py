"""A stand-in for Lambda: it calls the functions of the template, also through the Invoke API."""

import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from ipaddress import ip_address
from types import ModuleType
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from werkzeug.wrappers import Request, Response

from local.stack.server import ANY_ADDRESS, url_host
from local.stack.template import Function

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

INVOKE_PATH = "/2015-03-31/functions"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:"
HOST = re.compile(r"(?:\[([^\]]+)\]|([^:]+))(?::([0-9]+))?")
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
# What the AWS CLI and SDKs send, beside no type at all. A page of another site can send none of these without asking.
PAYLOAD_TYPE = re.compile(r"application/(?:(?:[\w.+-]+\+)?json|x-amz-json-1\.[01]|octet-stream)")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LambdaContext:
    """`deadline` is on the clock time.monotonic(). Nothing stops a function that exceeds it."""

    function_name: str
    memory_limit_in_mb: int
    aws_request_id: str
    deadline: float
    function_version: str = "$LATEST"
    log_stream_name: str = "local/[$LATEST]"
    identity: None = None
    client_context: None = None

    @property
    def invoked_function_arn(self) -> str:
        return ARN + self.function_name

    @property
    def log_group_name(self) -> str:
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - time.monotonic()) * 1000))


class LambdaFunction:
    """A function of the template. Its module has a unique name, because every file is called app.py.

    A call waits for one of the `slots`, which functions may share.
    """

    def __init__(self, function: Function, slots: AbstractContextManager[Any] | None = None) -> None:
        self._function = function
        self._slots = slots or nullcontext()
        name = f"local_function_{function.name}"
        loader = SourceFileLoader(name, str(function.app))
        module = sys.modules[name] = ModuleType(name)
        module.__file__ = str(function.app)
        loader.exec_module(module)
        self._handler: Callable[[Any, LambdaContext], Any] = getattr(module, function.handler)

    def __call__(self, event: Any, request_id: str = "") -> Any:
        """The handler's result after a round trip through JSON, as in Lambda. Raises whatever the handler raises."""
        with self._slots:
            context = LambdaContext(
                function_name=self._function.name,
                memory_limit_in_mb=self._function.memory,
                aws_request_id=request_id or str(uuid4()),
                deadline=time.monotonic() + self._function.timeout,
            )
            return json.loads(json.dumps(self._handler(event, context)))


class InvokeApi:
    """Lambda's `POST /2015-03-31/functions/{name}/invocations`, mounted at its first two segments.

    The name may be an ARN. A qualifier is ignored, and an asynchronous invocation runs immediately. There is no
    authentication: every program that reaches the port may invoke every function. A page in a browser may not, since it
    could be of any site: it sends an Origin, or a Host that it made lead here.

    `host` is what the server was told to listen on. `off` says why nothing may be invoked at all.
    """

    def __init__(
        self, functions: Mapping[str, Callable[[Any, str], Any]], host: str = "127.0.0.1", off: str | None = None
    ) -> None:
        self._functions = functions
        self._host = host
        self._off = off

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        response = self._respond(request)
        logger.info("%s %s/{FunctionName}/invocations %d", request.method, INVOKE_PATH, response.status_code)
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return _error_response(403, "AccessDeniedException", refusal)
        if (media_type := request.mimetype) and not PAYLOAD_TYPE.fullmatch(media_type):
            message = 'Send the payload as JSON, with the header "Content-Type: application/json".'
            return _error_response(415, "UnsupportedMediaTypeException", message)
        match = re.fullmatch(r"/(?:[^/]*:function:)?([\w-]+)(?::[^:/]+)?/invocations", request.path)
        if not match or request.method != "POST":
            return _error_response(404, "UnknownOperationException", "The local stack answers Invoke only.")
        name = match[1]
        if name not in self._functions:
            return _error_response(404, "ResourceNotFoundException", f"Function not found: {ARN}{name}")
        kind = request.headers.get("X-Amz-Invocation-Type", "RequestResponse")
        if kind == "DryRun":
            return Response(status=204)
        try:
            event = json.loads(request.get_data() or b"{}")
        except ValueError as error:
            message = f"Could not parse request body into json: {error}"
            return _error_response(400, "InvalidRequestContentException", message)
        request_id = str(uuid4())
        headers = {"X-Amzn-RequestId": request_id, "X-Amz-Executed-Version": "$LATEST"}
        try:
            result = self._functions[name](event, request_id)
        except Exception as error:  # Lambda reports every error of a handler
            logger.exception("%s failed", name)
            headers["X-Amz-Function-Error"] = "Unhandled"
            result = {
                "errorMessage": str(error),
                "errorType": type(error).__name__,
                "requestId": request_id,
                "stackTrace": traceback.format_tb(error.__traceback__),
            }
        if kind == "Event":
            return Response(status=202, headers={"X-Amzn-RequestId": request_id})
        return Response(json.dumps(result), 200, headers, content_type="application/json")

    def _refusal(self, request: Request) -> str | None:
        if self._off:
            return self._off
        if "Origin" in request.headers:
            return "The Invoke API answers no page in a browser; call it with the AWS CLI, an SDK or curl."
        port = request.environ["SERVER_PORT"]
        match = HOST.fullmatch(request.environ.get("HTTP_HOST", "").lower())
        if not match or (match[3] or "80") != port or not self._is_own(match[1] or match[2]):
            return f"The Invoke API answers only at its own address, such as http://{url_host(self._host)}:{port}."
        return None

    def _is_own(self, name: str) -> bool:
        """Whether this is no name that somebody else may have made lead here, as DNS rebinding does."""
        return name in LOOPBACK | {self._host.lower()} or (self._host in ANY_ADDRESS and _is_ip_address(name))


def _is_ip_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _error_response(status: int, code: str, message: str) -> Response:
    body = json.dumps({"Type": "User", "Message": message})
    headers = {"X-Amzn-RequestId": str(uuid4()), "X-Amzn-ErrorType": code}
    return Response(body, status, headers, content_type="application/json")
