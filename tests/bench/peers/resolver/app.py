# mypy: ignore-errors
"""Powertools' resolver with validation, Logger and Metrics, and the two routes."""

import json

import store
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response, content_types
from aws_lambda_powertools.metrics import MetricUnit
from models import AssistantChanges, AssistantResponse
from store import Refused

logger = Logger()
metrics = Metrics()
app = APIGatewayHttpResolver(enable_validation=True)


def caller(scope):
    metrics.add_metric(name="Requests", unit=MetricUnit.Count, value=1)
    return store.authenticate(app.current_event.headers.get("authorization"), scope)


@app.get("/api/assistants/<assistant_id>")
def get_assistant(assistant_id: str) -> AssistantResponse:
    key = caller("assistants:read")
    return AssistantResponse(assistant=store.get_assistant(key["account_id"], assistant_id))


@app.patch("/api/assistants/<assistant_id>")
def update_assistant(assistant_id: str, changes: AssistantChanges) -> AssistantResponse:
    key = caller("assistants:write")
    if changes.account_slug != key["account_slug"]:
        raise Refused(403, "accountSlug is not the account of this API key.")
    return AssistantResponse(assistant=store.update_assistant(key["account_id"], assistant_id, changes.fields()))


@app.exception_handler(Refused)
def refused(error: Refused):
    logger.info("refused", status=error.status)
    body = json.dumps({"success": False, "error": error.message})
    return Response(status_code=error.status, content_type=content_types.APPLICATION_JSON, body=body)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event, context):
    return app.resolve(event, context)
