"""A stand-in for API Gateway's HTTP API, payload format 2.0: requests become events, results become responses."""

import json
import logging
import re
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import uuid4

from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    NotFound,
    RequestEntityTooLarge,
    RequestHeaderFieldsTooLarge,
)
from werkzeug.wrappers import Request, Response

from local.stack.template import DEFAULT_ROUTE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# Documented quotas of HTTP APIs. The second counts the request line and all headers.
MAX_BODY_BYTES = 10 * 1024 * 1024
MAX_HEADER_BYTES = 10240
TEXT = re.compile(r"text/.*|application/(json|xml|javascript)")  # any other body reaches the function as base64
HOP_BY_HOP = {"connection", "expect", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}

Event = dict[str, Any]
Segments = tuple[str, ...]

logger = logging.getLogger(__name__)


class Gateway:
    """A WSGI application with one function for each route key, such as `GET /path/{parameter}` or `$default`.

    A parameter matches exactly one segment that is not empty. A literal segment takes precedence over a parameter.
    """

    def __init__(self, routes: Mapping[str, Callable[[Event], Any]]) -> None:
        self._functions = routes
        self._routes = sorted(
            ((key, *_pattern(key)) for key in routes if key != DEFAULT_ROUTE),
            key=lambda route: [_is_parameter(segment) for segment in route[2]],
        )

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        request_id = str(uuid4())
        raw_path = urlsplit(environ["RAW_URI"]).path
        route, parameters = self._match(request.method, raw_path.split("/"))
        try:
            function = self._functions.get(route)
            if function is None:
                raise NotFound
            response = _invoke(function, _event(request, request_id, route, unquote(raw_path), parameters))
        except HTTPException as error:
            response = Response(json.dumps({"message": error.name}), error.code, content_type="application/json")
        response.headers["apigw-requestid"] = request_id
        template = f"{request.method} {DEFAULT_ROUTE}" if route == DEFAULT_ROUTE else route
        logger.info("%s %d", template, response.status_code)
        return response(environ, start_response)

    def _match(self, method: str, path: list[str]) -> tuple[str, dict[str, str]]:
        """The route key and the path parameters. The segments are still encoded, so %2F separates none."""
        segments = tuple(unquote(segment) for segment in path)
        for key, verb, pattern in self._routes:
            if verb == method and len(pattern) == len(segments):
                pairs = list(zip(pattern, segments, strict=True))
                if all(segment if _is_parameter(part) else segment == part for part, segment in pairs):
                    return key, {part[1:-1]: segment for part, segment in pairs if _is_parameter(part)}
        return DEFAULT_ROUTE, {}


def _pattern(key: str) -> tuple[str, Segments]:
    method, path = key.split(" ", 1)
    return method, tuple(path.split("/"))


def _is_parameter(segment: str) -> bool:
    return segment.startswith("{") and segment.endswith("}")


def _event(request: Request, request_id: str, route: str, path: str, parameters: dict[str, str]) -> Event:
    """Raises RequestHeaderFieldsTooLarge and RequestEntityTooLarge."""
    request_line = len(request.environ["RAW_URI"]) + len(request.method)
    if request_line + sum(len(name) + len(value) for name, value in request.headers.items()) > MAX_HEADER_BYTES:
        raise RequestHeaderFieldsTooLarge
    body = _read(request)
    headers = {name.lower(): value for name, value in request.headers.items()}
    cookies = [cookie.strip() for cookie in headers.pop("cookie", "").split(";") if cookie.strip()]
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.query_string.decode(), keep_blank_values=True):
        query.setdefault(name, []).append(value)
    host = request.host.split(":")[0]
    source_ip = request.remote_addr or "127.0.0.1"
    now = time.time()
    forwarded = {
        "content-length": str(len(body)),
        "x-forwarded-for": source_ip,
        "x-forwarded-port": request.environ["SERVER_PORT"],
        "x-forwarded-proto": request.scheme,
    }
    event: Event = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": request.query_string.decode(),
        "headers": {name: value for name, value in headers.items() if name not in HOP_BY_HOP} | forwarded,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "local",
            "domainName": host,
            "domainPrefix": host.split(".")[0],
            "http": {
                "method": request.method,
                "path": path,
                "protocol": request.environ["SERVER_PROTOCOL"],
                "sourceIp": source_ip,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request_id,
            "routeKey": route,
            "stage": "$default",
            "time": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if query:
        event["queryStringParameters"] = {name: ",".join(values) for name, values in query.items()}
    if parameters:
        event["pathParameters"] = parameters
    if body:
        event["body"], event["isBase64Encoded"] = _encode(body, request.mimetype)
    return event


def _read(request: Request) -> bytes:
    """The body. Raises RequestEntityTooLarge and leaves the rest of such a body unread."""
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise RequestEntityTooLarge
    stream: IO[bytes] = request.stream
    body = bytearray()
    while chunk := stream.read(64 * 1024):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise RequestEntityTooLarge
    return bytes(body)


def _encode(body: bytes, media_type: str) -> tuple[str, bool]:
    """The body as text, or as base64 and True."""
    if TEXT.fullmatch(media_type):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return b64encode(body).decode(), True


def _invoke(function: Callable[[Event], Any], event: Event) -> Response:
    """Raises InternalServerError if the function fails or returns nothing valid, as API Gateway does."""
    try:
        return _response(function(event))
    except Exception:
        logger.exception("%s failed", event["routeKey"])
        raise InternalServerError from None


def _response(result: Any) -> Response:
    """The response that a result describes. A result without a status code is the body."""
    if isinstance(result, str):
        return Response(result, content_type="application/json")
    if "statusCode" not in result:
        return Response(json.dumps(result), content_type="application/json")
    status = int(result["statusCode"])
    if not 200 <= status <= 599:
        raise ValueError(f"{status} is no status code.")
    text = result.get("body") or ""
    body = b64decode(text, validate=True) if result.get("isBase64Encoded") else text.encode()
    response = Response(body, status)
    for name, value in (result.get("headers") or {}).items():
        if name.lower() not in HOP_BY_HOP | {"content-length"}:
            str(value).encode("latin-1")
            response.headers[name] = str(value)
    for cookie in result.get("cookies") or []:
        response.headers.add("Set-Cookie", cookie)
    return response
