"""API Gateway's events and responses, and what every answer has in common: request id, headers, log line and metrics.

Only this module and `endpoint` know API Gateway. A request arrives in payload format 2.0.
"""

import os
from collections.abc import Callable, Mapping
from typing import Any, NotRequired, TypedDict

from aws_lambda_powertools import Logger
from pydantic_core import to_json

from assistants_api import cold_start, metrics
from assistants_api.errors import ApiError, InternalError, Unavailable

logger = Logger(use_rfc3339=True)  # Lambda takes a line with a time of another form for INFO, whatever its level is


class Response(TypedDict):
    """A response in API Gateway's payload format 2.0."""

    statusCode: int
    headers: dict[str, str]
    body: str
    isBase64Encoded: NotRequired[bool]


Event = Mapping[str, Any]  # a request in API Gateway's payload format 2.0
LogFields = dict[str, Any]  # what the log line of a request says of it
Respond = Callable[[Event, LogFields], Response]
Failed = Callable[[ApiError, str], Response]  # what a failure becomes; the second is the id of the request
Handler = Callable[[Event, object], Response]

LOGGED = ("action", "slug", "new_slug", "to_slug", "id", "phone_number")  # of an operator's payload
SECURITY_HEADERS = {
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
}


def http_handler(respond: Callable[[Event], Response]) -> Handler:
    """Makes a Lambda handler of a function from event to response."""

    def handler(event: Event, context: object) -> Response:
        return handle(event, lambda event, _: respond(event))

    cold_start.end()
    return handler


def handle(event: Event, respond: Respond, failed: "Failed | None" = None) -> Response:
    """The response to the event; an error that `respond` raises becomes one too, which `failed` may make.

    Each request is one line in the log, which is its metrics too. `respond` adds what it learns of the request to it;
    `outcome` among that is its outcome.
    """
    failed = failed or error_response
    if not isinstance(event, Mapping) or not {"requestContext", "httpMethod"} & event.keys():
        return {"statusCode": 204, "headers": {}, "body": ""}  # a schedule that keeps the function warm
    began, context = metrics.timer(), _mapping(event, "requestContext")
    request_id, route = str(context.get("requestId", "")), str(context.get("routeKey", ""))
    fields: LogFields = {"route": route, "request_id": request_id}
    with metrics.watched() as use:
        response, outcome, status = _outcome(event, respond, failed, fields)
    fields |= {"status": response["statusCode"], "milliseconds": round(1000 * (metrics.timer() - began), 1)}
    if metrics.class_of(status) == "refused":
        fields["source_ip"] = _mapping(context, "http").get("sourceIp")
    print(metrics.line(route, outcome, status, use, _loggable(fields)))  # noqa: T201
    response["headers"] = {**SECURITY_HEADERS, "x-request-id": request_id, **response["headers"]}
    if _mapping(context, "http").get("method") == "HEAD":
        response["body"] = ""
    return response


def _outcome(event: Event, respond: Respond, failed: Failed, fields: LogFields) -> tuple[Response, str, int]:
    """The response, what happened, and the status of that: a call may be answered although something failed."""
    request_id = fields["request_id"]
    try:
        response = respond(_normalized(event), fields)
        outcome = str(fields.pop("outcome", "ok"))
        return response, outcome, Unavailable.status if outcome == Unavailable.code else response["statusCode"]
    except ApiError as error:
        fields |= error.logged
        if error.status >= 500:
            log = logger.error if isinstance(error, InternalError) else logger.warning
            log(error.code, status=error.status, **_loggable(fields))
        return failed(error, request_id), error.code, error.status
    except Exception as bug:  # the log has the details, the caller only the id to ask us about
        logger.exception("failed", **_loggable(fields))
        fields["cause"] = type(bug).__name__
        return failed(InternalError(), request_id), InternalError.code, InternalError.status


def _normalized(event: Event) -> Event:
    """The event with its headers in lower case: API Gateway sends them so, `sam local` as the client wrote them.

    Raises InternalError for a request in another format than payload format 2.0, which this stack does not set up.
    """
    if not _mapping(_mapping(event, "requestContext"), "http"):
        raise InternalError("the event is not in API Gateway's payload format 2.0")
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return {**event, "headers": headers}


def public_base_url(event: Event) -> str:
    """Where carriers reach this deployment: PUBLIC_BASE_URL, or else the host that API Gateway names in the event.

    No header counts, such as Host or X-Forwarded-Host: anybody can send one.
    """
    if configured := os.environ.get("PUBLIC_BASE_URL"):
        return configured.rstrip("/")
    context = _mapping(event, "requestContext")
    stage = context.get("stage", "$default")
    return f"https://{context.get('domainName', '')}" + ("" if stage == "$default" else f"/{stage}")


def _mapping(event: Event, name: str) -> Mapping[str, Any]:
    """An object in the event; an empty one where something else is."""
    part = event.get(name)
    return part if isinstance(part, Mapping) else {}


def _loggable(fields: LogFields) -> LogFields:
    """Without more of a phone number than its last four digits."""
    numbers = {
        name: f"pn_...{str(value)[-4:]}"
        for name, value in fields.items()
        if name == "phone_number" or (name == "resource" and str(value).startswith(("pn_", "+")))
    }
    return fields | numbers


def direct_invocation(action: Callable[[Event], dict[str, object]]) -> Callable[[Event, object], dict[str, object]]:
    """Makes a Lambda handler for direct invocation: `{"ok": true, ...}` or `{"ok": false, "code", "error"}`.

    It logs what was done. Who did it stands in CloudTrail, under the same request id.
    """

    def handler(event: Event, context: object) -> dict[str, object]:
        request_id = getattr(context, "aws_request_id", "")
        fields = _loggable({name: event[name] for name in LOGGED if isinstance(event, Mapping) and name in event})
        try:
            result: dict[str, object] = {"ok": True, **action(event)}
        except ApiError as error:
            result = {"ok": False, "code": error.code, "error": error.message}
            fields |= error.logged
        except Exception:  # a bug, as above
            logger.exception("failed", request_id=request_id, **fields)
            return {"ok": False, "code": InternalError.code, "error": "Something went wrong on our side; see the log."}
        logger.info("invoked", outcome=result.get("code", "ok"), request_id=request_id, **fields)
        return result

    cold_start.end()
    return handler


def ok(etag: str | None = None, /, **content: object) -> Response:
    """200 with `{"success": true, ...}`; with an ETag also the header, which a later `If-Match` may name."""
    headers = {} if etag is None else {"etag": f'"{etag}"'}
    return json_response(200, {"success": True, **content}, headers)


def error_response(error: ApiError, request_id: str) -> Response:
    content: dict[str, object] = {"success": False, "error": error.message, "code": error.code}
    if error.details:
        content["details"] = error.details
    return json_response(error.status, content | {"request_id": request_id}, error.headers)


def json_response(status: int, content: Mapping[str, object], headers: Mapping[str, str] | None = None) -> Response:
    always = {"content-type": "application/json", "cache-control": "no-store"}
    return {"statusCode": status, "headers": {**always, **(headers or {})}, "body": to_json(content).decode()}
