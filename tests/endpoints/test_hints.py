"""What a refusal suggests is accepted."""

import pytest

from assistants_api.models.siblings import TAKEN_BY
from tests.catalogue import WITH_BODY, Function
from tests.harness import Account, load_app

TAKERS = {
    "POST /api/assistants": "create_assistant",
    "PATCH /api/assistants/{assistantId}": "update_assistant",
    "PATCH /api/assistants/{assistantId}/telephony/phone-numbers": "assign_phone_numbers",
    "POST /api/assistants/import": "import_assistant",
    "POST /api/assistants/{assistantId}/render": "render_assistant",
    "POST /api/phone-numbers": "import_phone_number",
    "PATCH /api/phone-numbers/{phoneNumberId}": "update_phone_number",
    "POST /api/telephony-connections": "create_telephony_connection",
    "POST /api/api-keys": "create_api_key",
    "PATCH /api/api-keys/{apiKeyId}": "update_api_key",
    "POST /api/api-keys/{apiKeyId}/rotate": "rotate_api_key",
}


def taken_by(endpoint: str) -> set[str]:
    """The names of the fields that the body of a request may set."""
    model = load_app(endpoint).handler.body
    return known_to(endpoint) - getattr(model, "read_only", set())


def known_to(endpoint: str) -> set[str]:
    return {field.alias or name for name, field in load_app(endpoint).handler.body.model_fields.items()}


@pytest.mark.parametrize("field", TAKEN_BY)
def test_the_request_that_is_named_for_a_field_takes_it(field: str) -> None:
    assert field in taken_by(TAKERS[TAKEN_BY[field]])


def test_every_field_of_a_body_is_named_for_those_who_send_it_elsewhere() -> None:
    fields = set[str]().union(*(taken_by(endpoint.name) for endpoint in WITH_BODY))
    assert fields == TAKEN_BY.keys() | {"accountSlug", "success"}  # which the answer of an export has


@pytest.mark.parametrize("endpoint", WITH_BODY)
def test_a_field_of_another_request_names_that_request(account: Account, endpoint: Function) -> None:
    elsewhere = TAKEN_BY.keys() - known_to(endpoint.name)
    assert elsewhere
    for field in elsewhere:
        reply = account.call(endpoint.name, body={**(endpoint.body or {}), field: "x"})
        (message,) = [it["message"] for it in reply.json["details"] if it["field"] == f"/{field}"]
        assert message == f"is not a field of this request; send it with {TAKEN_BY[field]}."


MISNAMED = ["systemPrompt", "modelProvider", "prompt", "voice", "phoneNumbers", "id_", "typ", "created", "title"]


@pytest.mark.parametrize("endpoint", WITH_BODY)
def test_a_suggested_field_is_one_that_the_request_takes(account: Account, endpoint: Function) -> None:
    for field in MISNAMED:
        reply = account.call(endpoint.name, body={**(endpoint.body or {}), field: "x"})
        messages = [it["message"] for it in reply.json.get("details", []) if it["field"] == f"/{field}"]
        suggested = {it.rpartition("did you mean ")[2].removesuffix(".") for it in messages if "did you mean" in it}
        assert suggested <= taken_by(endpoint.name), messages
