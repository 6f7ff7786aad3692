# mypy: ignore-errors
"""One function for all routes of the API: Powertools' resolver with validation, Logger and Metrics.

GET and PATCH of an assistant are those of the peer `resolver`; of the others it has the models and the signatures,
which is what an initialisation costs.
"""

import json
from typing import Annotated, Literal

import store
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.metrics import MetricUnit
from models import Assistant, AssistantChanges, AssistantResponse, Body, Label
from pydantic import BaseModel, Field
from store import Refused

TemplateId = Literal["outbound-setter", "inbound-support", "follow-up", "custom"]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query()]
Force = Annotated[bool, Query()]
Status = Literal["active", "suspended"]
Environment = Literal["live", "test"]
Scopes = Annotated[list[str], Field(min_length=1, max_length=20)]


class Success(BaseModel):
    success: bool = True


class NewAssistant(Body):
    name: Label
    template_id: TemplateId = Field("custom", alias="templateId")


class AssistantClone(Body):
    name: Label | None = None


class AssistantList(Success):
    assistants: list[Assistant]
    has_more: bool = False
    next_cursor: str | None = None


class Template(BaseModel):
    id: TemplateId
    description: str
    configuration: dict[str, str | int | float | bool]


class TemplateResponse(Success):
    template: Template


class TemplateList(Success):
    templates: list[Template]


class PhoneNumber(BaseModel):
    id: str
    phone_number: str
    status: Status
    assistant_id: str | None = None
    provider: str | None = None
    label: str | None = None
    created_at: str


class PhoneNumberResponse(Success):
    phone_number: PhoneNumber


class PhoneNumberList(Success):
    phone_numbers: list[PhoneNumber]
    has_more: bool = False
    next_cursor: str | None = None


class NewPhoneNumber(Body):
    phone_number: str = Field(alias="phoneNumber", pattern=r"^\+[1-9][0-9]{6,14}$")
    label: Label | None = None
    provider: Label | None = None


class PhoneNumberChanges(Body):
    label: Label | None = None
    status: Status | None = None


class PhoneNumberAssignment(Body):
    phone_number_ids: list[str] = Field(alias="phoneNumberIds")
    reassign: bool = False


class RouteResponse(Success):
    reason: str
    assistant: Assistant | None = None
    phone_number: PhoneNumber


class ApiKey(BaseModel):
    id: str
    name: str
    key_prefix: str
    environment: Environment
    scopes: list[str]
    is_active: bool
    created_at: str
    expires_at: str | None = None
    last_used_at: str | None = None
    rate_limit_per_hour: int | None = None


class ApiKeyResponse(Success):
    api_key: ApiKey
    full_key: str | None = None


class ApiKeyList(Success):
    api_keys: list[ApiKey]
    has_more: bool = False
    next_cursor: str | None = None


class NewApiKey(Body):
    name: Label
    environment: Environment = "live"
    scopes: Scopes
    expires_in_days: int | None = Field(None, ge=1, le=3650)
    rate_limit_per_hour: int | None = Field(None, ge=1)


class ApiKeyChanges(Body):
    name: Label | None = None
    scopes: Scopes | None = None
    is_active: bool | None = None


class Rotation(Body):
    grace_period_seconds: int = Field(0, ge=0, le=604_800)


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


@app.post("/api/assistants")
def create_assistant(body: NewAssistant) -> AssistantResponse: ...


@app.get("/api/assistants")
def list_assistants(limit: Limit = 20, cursor: Cursor = None) -> AssistantList: ...


@app.delete("/api/assistants/<assistant_id>")
def delete_assistant(assistant_id: str, force: Force = False) -> Success: ...


@app.post("/api/assistants/<assistant_id>/clone")
def clone_assistant(assistant_id: str, body: AssistantClone) -> AssistantResponse: ...


@app.patch("/api/assistants/<assistant_id>/telephony/phone-numbers")
def assign_phone_numbers(assistant_id: str, body: PhoneNumberAssignment) -> Success: ...


@app.get("/api/assistants/<assistant_id>/telephony/phone-numbers")
def list_assignable_numbers(assistant_id: str) -> PhoneNumberList: ...


@app.get("/api/templates")
def list_templates() -> TemplateList: ...


@app.get("/api/templates/<template_id>")
def get_template(template_id: str) -> TemplateResponse: ...


@app.post("/api/phone-numbers")
def import_phone_number(body: NewPhoneNumber) -> PhoneNumberResponse: ...


@app.get("/api/phone-numbers")
def list_phone_numbers(limit: Limit = 100, cursor: Cursor = None) -> PhoneNumberList: ...


@app.get("/api/phone-numbers/<number_id>")
def get_phone_number(number_id: str) -> PhoneNumberResponse: ...


@app.patch("/api/phone-numbers/<number_id>")
def update_phone_number(number_id: str, body: PhoneNumberChanges) -> PhoneNumberResponse: ...


@app.delete("/api/phone-numbers/<number_id>")
def delete_phone_number(number_id: str, force: Force = False) -> Success: ...


@app.get("/api/routes/<phone_number>")
def route_call(phone_number: str) -> RouteResponse: ...


@app.get("/api/test-api-key")
def test_api_key() -> ApiKeyResponse: ...


@app.get("/api/api-keys")
def list_api_keys(limit: Limit = 20, cursor: Cursor = None) -> ApiKeyList: ...


@app.post("/api/api-keys")
def create_api_key(body: NewApiKey) -> ApiKeyResponse: ...


@app.patch("/api/api-keys/<key_id>")
def update_api_key(key_id: str, body: ApiKeyChanges) -> ApiKeyResponse: ...


@app.delete("/api/api-keys/<key_id>")
def delete_api_key(key_id: str, force: Force = False) -> Success: ...


@app.post("/api/api-keys/<key_id>/rotate")
def rotate_api_key(key_id: str, body: Rotation) -> ApiKeyResponse: ...


@app.exception_handler(Refused)
def refused(error: Refused):
    logger.info("refused", status=error.status)
    body = json.dumps({"success": False, "error": error.message})
    return Response(status_code=error.status, content_type=content_types.APPLICATION_JSON, body=body)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event, context):
    return app.resolve(event, context)
