"""The story in the client that openapi-python-client makes."""

import importlib
import json
from typing import Any

from assistants_client import AuthenticatedClient, models
from script import BASE_URL, NUMBERS, TOKEN, camel, refusals, say, snake

TAGS = {
    "api_keys": ("testApiKey", "updateApiKey", "deleteApiKey"),
    "phone_numbers": ("importPhoneNumber", "getPhoneNumber", "updatePhoneNumber", "deletePhoneNumber"),
    "calls": ("routeCall",),
}


def connect(token: str) -> Any:
    return AuthenticatedClient(base_url=BASE_URL, token=token)


def ask(client: Any, operation: str, *path: str, **arguments: Any) -> Any:
    tag = next((tag for tag, operations in TAGS.items() if operation in operations), "assistants")
    module = importlib.import_module(f"assistants_client.api.{tag}.{snake(operation)}")
    return module.sync_detailed(*path, client=client, **arguments)


def refuse(client: Any, asked: dict[str, Any]) -> str:
    operation = asked["operation"]
    arguments = {name: asked[name] for name in ("cursor", "if_match") if name in asked}
    if "body" in asked:
        arguments["body"] = getattr(models, camel(operation)).from_dict(asked["body"])
    answer = ask(client, operation, *([asked["id"]] if "id" in asked else []), **arguments)
    assert isinstance(answer.parsed, models.Refusal), answer
    return f"{answer.status_code.value} {answer.parsed.code}"


def sent_back(body: Any, read: Any) -> Any:
    return body.from_dict(json.loads(json.dumps(read.to_dict())) | {"accountSlug": "my-team"})


api = connect(TOKEN)
create = models.CreateAssistant(
    account_slug="my-team", name="Q1 Outbound Setter", template_id=models.CreateAssistantTemplateId.OUTBOUND_SETTER
)
assistant = ask(api, "createAssistant", body=create).parsed.assistant
say("create", assistant.type_, assistant.temperature, assistant.outbound_enabled)

got = ask(api, "getAssistant", assistant.id).parsed.assistant
say("get", got.name, got.created_at == assistant.created_at)

voice = models.UpdateAssistant(account_slug="my-team", voice_id="EXAVITQu4vr4xnSDxMaL", recording_enabled=True)
updated = ask(api, "updateAssistant", assistant.id, body=voice).parsed.assistant
say("update", updated.voice_id, updated.recording_enabled)

imports = [models.ImportPhoneNumber(account_slug="my-team", phone_number=number) for number in NUMBERS]
ids = [ask(api, "importPhoneNumber", body=body).parsed.phone_number.id for body in imports]
assign = models.AssignPhoneNumbers(account_slug="my-team", phone_number_ids=ids)
say("assign", ask(api, "assignPhoneNumbers", assistant.id, body=assign).parsed.success)

route = ask(api, "routeCall", NUMBERS[0]).parsed
say("route", route.routed, route.reason.value)
inbound = models.UpdateAssistant(account_slug="my-team", inbound_enabled=True)
ask(api, "updateAssistant", assistant.id, body=inbound)
route = ask(api, "routeCall", NUMBERS[0]).parsed
say("route", route.routed, route.reason.value, route.assistant.name)

key = ask(api, "testApiKey").parsed.api_key
for asked in refusals(assistant.id, ids[0], key.id):
    say("refuse", asked["operation"], refuse(api, asked))
say("refuse testApiKey", refuse(connect("nobody"), {"operation": "testApiKey"}))

whole = ask(api, "getAssistant", assistant.id).parsed.assistant
same = ask(api, "updateAssistant", whole.id, body=sent_back(models.UpdateAssistant, whole)).parsed
say("send back assistant", same.assistant.version == whole.version)
number = ask(api, "getPhoneNumber", ids[0]).parsed.phone_number
kept = ask(api, "updatePhoneNumber", number.id, body=sent_back(models.UpdatePhoneNumber, number)).parsed
say("send back phone number", kept.phone_number.assistant_id == assistant.id)
again = ask(api, "updateApiKey", key.id, body=sent_back(models.UpdateApiKey, key)).parsed
say("send back API key", again.api_key.is_active)
