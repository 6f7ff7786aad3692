"""The way out: what a function returns or raises becomes a response. Only `api` and this know API Gateway."""

import sys
from collections.abc import Callable, Mapping
from typing import Any, NotRequired, TypedDict

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider
from pydantic_core import to_json

from assistants_api import cold_start
from assistants_api.errors import ApiError, InternalError

logger = Logger()
metrics = AmazonCloudWatchEMFProvider()


class Response(TypedDict):
    """A response in API Gateway's payload format 2.0."""

    statusCode: int
    headers: dict[str, str]
    body: str
    isBase64Encoded: NotRequired[bool]


Event = Mapping[str, Any]  # a request in API Gateway's payload format 2.0
Handler = Callable[[Event, object], Response]


def edge(respond: Callable[[Event, dict[str, str]], Response]) -> Handler:
    """Makes a Lambda handler: errors become responses; each response carries the request's id and is counted.

    `respond` is also given the headers that the response will carry whatever it is, to add to.
    """

    def handler(event: Event, context: object) -> Response:
        request_id, route = event["requestContext"]["requestId"], event["requestContext"]["routeKey"]
        headers = {"x-request-id": request_id}
        # API Gateway has the names of headers in lower case, `sam local` as they were sent.
        event = {**event, "headers": {name.lower(): value for name, value in event["headers"].items()}}
        try:
            response, outcome = respond(event, headers), "ok"
        except ApiError as error:
            response, outcome = refusal(error, request_id), error.code
            logger.info(
                "refused",
                route=route,
                code=error.code,
                status=error.status,
                cause=error.cause or None,  # None is left out
                request_id=request_id,
            )
        except Exception:  # a bug: the log has it all, the caller only the id to ask us about
            response, outcome = refusal(InternalError(), request_id), InternalError.code
            logger.exception("failed", route=route, request_id=request_id)
        count(route, outcome)
        response["headers"] |= headers
        return response

    cold_start.end()
    return handler


def count(route: str, outcome: str) -> None:
    """Writes a request's metric to the log, where CloudWatch finds it.

    The provider itself holds nothing of a request, so it can be shared: `single_metric` makes a new one for each, which
    is 16 % of a PATCH's instructions beside the database.
    """
    requests = {"Requests": {"Unit": "Count", "Value": [1]}}
    dimensions = {"endpoint": route, "outcome": outcome, "service": logger.service}
    embedded = metrics.serialize_metric_set(requests, dimensions, {})
    sys.stdout.write(f"{to_json(embedded).decode()}\n")


def invocation(act: Callable[[Event], dict[str, object]]) -> Callable[[Event, object], dict[str, object]]:
    """Makes a Lambda handler for direct invocation: `{"ok": true, ...}` or `{"ok": false, "code", "error"}`."""

    def handler(event: Event, context: object) -> dict[str, object]:
        try:
            return {"ok": True, **act(event)}
        except ApiError as error:
            return {"ok": False, "code": error.code, "error": error.message}
        except Exception:  # a bug, as above
            logger.exception("failed")
            return {"ok": False, "code": InternalError.code, "error": "Something went wrong on our side; see the log."}

    cold_start.end()
    return handler


def ok(**content: object) -> Response:
    """200 with `{"success": true, ...}`."""
    return _answer(200, {"success": True, **content})


def with_etag(version: int, response: Response) -> Response:
    """The response with `ETag: "<version>"`, which a later `If-Match` may name."""
    response["headers"]["etag"] = f'"{version}"'
    return response


def refusal(error: ApiError, request_id: str) -> Response:
    content: dict[str, object] = {"success": False, "error": error.message, "code": error.code}
    if error.details:
        content["details"] = error.details
    return _answer(error.status, content | {"request_id": request_id}, error.headers)


def _answer(status: int, content: Mapping[str, object], headers: Mapping[str, str] | None = None) -> Response:
    always = {"content-type": "application/json", "cache-control": "no-store"}
    return {"statusCode": status, "headers": {**always, **(headers or {})}, "body": to_json(content).decode()}
