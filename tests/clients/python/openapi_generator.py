"""The story in the client that openapi-generator makes for Python."""

import json
from typing import Any

import openapi_client as client
from openapi_client.exceptions import ApiException
from script import BASE_URL, NUMBERS, TOKEN, camel, refusals, say, snake


class Api(client.AssistantsApi, client.PhoneNumbersApi, client.CallsApi, client.APIKeysApi):  # type: ignore[misc]
    """All operations in one; each class has its own."""


def connect(token: str) -> Any:
    return Api(client.ApiClient(client.Configuration(host=BASE_URL, access_token=token)))


def refuse(api: Any, asked: dict[str, Any]) -> str:
    operation = asked["operation"]
    arguments = {name: asked[name] for name in ("cursor", "if_match") if name in asked}
    if "body" in asked:
        arguments[snake(operation)] = getattr(client, camel(operation)).from_dict(asked["body"])
    try:
        return f"200 {getattr(api, snake(operation))(*([asked['id']] if 'id' in asked else []), **arguments)}"
    except ApiException as refused:
        return f"{refused.status} {refused.data.code if isinstance(refused.data, client.Refusal) else refused.data}"


def sent_back(body: Any, read: Any) -> Any:
    return body.from_dict(json.loads(read.to_json()) | {"accountSlug": "my-team"})


api = connect(TOKEN)
create = client.CreateAssistant(accountSlug="my-team", name="Q1 Outbound Setter", templateId="outbound-setter")
assistant = api.create_assistant(create).assistant
say("create", assistant.type, assistant.temperature, assistant.outbound_enabled)

got = api.get_assistant(assistant.id).assistant
say("get", got.name, got.created_at == assistant.created_at)

voice = client.UpdateAssistant(accountSlug="my-team", voice_id="EXAVITQu4vr4xnSDxMaL", recording_enabled=True)
updated = api.update_assistant(assistant.id, voice).assistant
say("update", updated.voice_id, updated.recording_enabled)

imports = [client.ImportPhoneNumber(accountSlug="my-team", phoneNumber=number) for number in NUMBERS]
ids = [api.import_phone_number(body).phone_number.id for body in imports]
assign = client.AssignPhoneNumbers(accountSlug="my-team", phoneNumberIds=ids)
say("assign", api.assign_phone_numbers(assistant.id, assign).success)

route = api.route_call(NUMBERS[0])
say("route", route.routed, route.reason)
api.update_assistant(assistant.id, client.UpdateAssistant(accountSlug="my-team", inbound_enabled=True))
route = api.route_call(NUMBERS[0])
say("route", route.routed, route.reason, route.assistant.name)

key = api.test_api_key().api_key
for asked in refusals(assistant.id, ids[0], key.id):
    say("refuse", asked["operation"], refuse(api, asked))
say("refuse testApiKey", refuse(connect("nobody"), {"operation": "testApiKey"}))

whole = api.get_assistant(assistant.id).assistant
same = api.update_assistant(whole.id, sent_back(client.UpdateAssistant, whole))
say("send back assistant", same.assistant.version == whole.version)
number = api.get_phone_number(ids[0]).phone_number
kept = api.update_phone_number(number.id, update_phone_number=sent_back(client.UpdatePhoneNumber, number))
say("send back phone number", kept.phone_number.assistant_id == assistant.id)
again = api.update_api_key(key.id, update_api_key=sent_back(client.UpdateApiKey, key))
say("send back API key", again.api_key.is_active)
