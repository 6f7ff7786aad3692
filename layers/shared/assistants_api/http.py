"""API Gateway's events and responses, and what every answer has in common: request id, log line, metric.

Only this module and `endpoint` know API Gateway. An event arrives in payload format 2.0.
"""

from collections.abc import Callable, Mapping
from typing import Any, NotRequired, TypedDict

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from pydantic_core import to_json

from assistants_api import cold_start
from assistants_api.errors import ApiError, InternalError

logger = Logger()


class Response(TypedDict):
    """A response in API Gateway's payload format 2.0."""

    statusCode: int
    headers: dict[str, str]
    body: str
    isBase64Encoded: NotRequired[bool]


Event = Mapping[str, Any]  # a request in API Gateway's payload format 2.0
Respond = Callable[[Event], Response]
Handler = Callable[[Event, object], Response]


def http_handler(respond: Respond) -> Handler:
    """Makes a Lambda handler of a function from event to response."""

    def handler(event: Event, context: object) -> Response:
        return handle(event, respond)

    cold_start.end()
    return handler


def handle(event: Event, respond: Respond) -> Response:
    """The response to the event; an error that `respond` raises becomes one too. Logs and counts the request."""
    request_id, route = event["requestContext"]["requestId"], event["requestContext"]["routeKey"]
    # API Gateway sends header names in lower case, `sam local` as the client wrote them.
    event = {**event, "headers": {name.lower(): value for name, value in event["headers"].items()}}
    try:
        response, outcome = respond(event), "ok"
    except ApiError as error:
        response, outcome = error_response(error, request_id), error.code
        logger.info(
            "refused",
            route=route,
            code=error.code,
            status=error.status,
            cause=error.cause or None,  # None is left out
            request_id=request_id,
        )
    except Exception:  # a bug: the log has the details, the caller only the id to ask us about
        response, outcome = error_response(InternalError(), request_id), InternalError.code
        logger.exception("failed", route=route, request_id=request_id)
    with single_metric("Requests", MetricUnit.Count, 1) as metric:
        metric.add_dimension("endpoint", route)
        metric.add_dimension("outcome", outcome)
    response["headers"]["x-request-id"] = request_id
    return response


def direct_invocation(action: Callable[[Event], dict[str, object]]) -> Callable[[Event, object], dict[str, object]]:
    """Makes a Lambda handler for direct invocation: `{"ok": true, ...}` or `{"ok": false, "code", "error"}`."""

    def handler(event: Event, context: object) -> dict[str, object]:
        try:
            return {"ok": True, **action(event)}
        except ApiError as error:
            return {"ok": False, "code": error.code, "error": error.message}
        except Exception:  # a bug, as above
            logger.exception("failed")
            return {"ok": False, "code": InternalError.code, "error": "Something went wrong on our side; see the log."}

    cold_start.end()
    return handler


def ok(headers: Mapping[str, str] | None = None, /, **content: object) -> Response:
    """200 with `{"success": true, ...}`."""
    return json_response(200, {"success": True, **content}, headers)


def etag(version: int) -> dict[str, str]:
    """The header `ETag: "<version>"`, which a later `If-Match` may name."""
    return {"etag": f'"{version}"'}


def error_response(error: ApiError, request_id: str) -> Response:
    content: dict[str, object] = {"success": False, "error": error.message, "code": error.code}
    if error.details:
        content["details"] = error.details
    return json_response(error.status, content | {"request_id": request_id}, error.headers)


def json_response(status: int, content: Mapping[str, object], headers: Mapping[str, str] | None = None) -> Response:
    always = {"content-type": "application/json", "cache-control": "no-store"}
    return {"statusCode": status, "headers": {**always, **(headers or {})}, "body": to_json(content).decode()}
