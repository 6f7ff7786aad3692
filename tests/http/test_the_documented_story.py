"""The examples of the API's documentation, in their order."""

import json
import re
from collections.abc import Callable

import pytest

from tests.http.conftest import Api

CREATE = """{
    "accountSlug": "my-team",
    "name": "Q1 Outbound Setter",
    "templateId": "outbound-setter"
  }"""
UPDATE = """{
    "accountSlug": "my-team",
    "system_prompt": "You are a helpful sales assistant for Acme Corp. Your goal is to qualify leads and book demos.",
    "voice_provider": "elevenlabs",
    "voice_id": "EXAVITQu4vr4xnSDxMaL",
    "recording_enabled": true
  }"""
ASSIGN = """{
    "accountSlug": "my-team",
    "phoneNumberIds": ["pn_01j...", "pn_02k..."]
  }"""

DOCUMENTED: dict[str, type] = {
    "id": str,
    "account_id": str,
    "name": str,
    "type": str,
    "model": str,
    "provider": str,
    "temperature": float,
    "max_tokens": int,
    "first_message": str,
    "system_prompt": str,
    "voice_provider": str,
    "voice_model": str,
    "voice_id": str,
    "voice_name": str,
    "transcriptor_provider": str,
    "transcriptor_model": str,
    "transcriptor_language": str,
    "recording_enabled": bool,
    "inbound_enabled": bool,
    "outbound_enabled": bool,
    "created_at": str,
    "updated_at": str,
}
CREATED = {
    "name": "Q1 Outbound Setter",
    "type": "outbound-setter",
    "model": "gpt-4o-mini",
    "provider": "openai",
    "temperature": 0.7,
    "max_tokens": 1024,
    "voice_provider": "cartesia",
    "voice_model": "sonic-english",
    "voice_name": "Alex",
    "transcriptor_provider": "deepgram",
    "transcriptor_model": "nova-2",
    "transcriptor_language": "en",
    "recording_enabled": True,
    "inbound_enabled": False,
    "outbound_enabled": True,
}


def of(api: Api, example: str) -> str:
    """The body of an example, for the account at hand."""
    return example.replace('"my-team"', json.dumps(api.slug))


def test_the_documented_story(api: Api, new_number: Callable[[], str]) -> None:
    as_json = {"Content-Type": "application/json"}

    created = api.client.post("/api/assistants", content=of(api, CREATE), headers=as_json)
    assert (created.status_code, created.json().keys()) == (200, {"success", "assistant", "warnings"})
    assistant = created.json()["assistant"]
    assert created.json()["success"] is True
    assert assistant.items() >= CREATED.items()
    assert assistant["first_message"].startswith("Hi, this is Alex from Talkturo")
    assert assistant["system_prompt"].startswith("You are a friendly outbound sales assistant")
    path = f"/api/assistants/{assistant['id']}"

    got = api.client.get(path)
    assert (got.status_code, got.json()) == (200, created.json())

    patched = api.client.patch(path, content=of(api, UPDATE), headers=as_json)
    assert (patched.status_code, patched.json()["success"]) == (200, True)
    changes = json.loads(of(api, UPDATE))
    del changes["accountSlug"]
    moved = {name: patched.json()["assistant"][name] for name in ("updated_at", "version")}
    assert patched.json()["assistant"] == assistant | changes | moved
    assert api.client.get(path).json() == patched.json()

    one, two = new_number(), new_number()
    numbers = of(api, ASSIGN).replace("pn_01j...", one).replace("pn_02k...", two)
    assigned = api.client.patch(f"{path}/telephony/phone-numbers", content=numbers, headers=as_json)
    assert (assigned.status_code, assigned.json()) == (200, {"success": True})
    assert sorted(api.assistant(path)["phone_number_ids"]) == sorted([one, two])

    assert (api.route(one)["routed"], api.route(one)["reason"]) == (False, "inbound_disabled")
    assert api.patch(path, inbound_enabled=True).status_code == 200
    assert (api.route(one)["routed"], api.route(one)["reason"]) == (True, "routed")
    assert api.route(one, exact=True)["assistant"] == api.route(two, exact=True)["assistant"] == api.assistant(path)

    assert api.assign(path, []).json() == {"success": True}
    assert [api.route(number)["reason"] for number in (one, two)] == ["unassigned", "unassigned"]
    assert api.assistant(path)["phone_number_ids"] == []


@pytest.mark.parametrize("template", ["outbound-setter", "inbound-support", "follow-up", "custom"])
def test_every_documented_field_has_its_json_type_in_every_answer(api: Api, template: str) -> None:
    created = api.post("/api/assistants", name="Types", templateId=template)
    path = f"/api/assistants/{created.json()['assistant']['id']}"
    for reply in (created, api.get(path), api.patch(path, name="Renamed")):
        assistant = reply.json()["assistant"]
        assert {name: type(assistant[name]) for name in DOCUMENTED} == DOCUMENTED
        assert assistant.keys() - DOCUMENTED.keys() == {"phone_number_ids", "version"}
        assert assistant["type"] == template


def test_the_template_is_custom_where_none_is_named(api: Api) -> None:
    assert api.post("/api/assistants", name="Blank").json()["assistant"]["type"] == "custom"


def test_ids_and_times_have_the_documented_form(api: Api, assistant: str) -> None:
    found = api.assistant(assistant)
    assert re.fullmatch(r"asst_01[0-9a-z]{24}", found["id"])
    assert re.fullmatch(r"acct_[0-9a-z]{26}", found["account_id"])
    for name in ("created_at", "updated_at"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found[name])


@pytest.mark.parametrize("temperature", ["0", "0.0", "0.1", "0.7", "1", "1.9999999999999998", "2.0", "2", "1e-3"])
def test_a_temperature_comes_back_as_the_same_number(api: Api, assistant: str, temperature: str) -> None:
    body = f'{{"accountSlug": {json.dumps(api.slug)}, "temperature": {temperature}}}'
    assert api.client.patch(assistant, content=body, headers={"Content-Type": "application/json"}).status_code == 200
    assert api.assistant(assistant)["temperature"] == json.loads(temperature)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("provider", ["openai", "anthropic", "google", "deepseek", "qwen"]),
        ("voice_provider", ["cartesia", "elevenlabs"]),
        ("transcriptor_provider", ["deepgram", "assemblyai"]),
        ("transcriptor_language", ["en", "es", "fr"]),
        ("system_prompt", ["Greet {{contact.first_name}}."]),
    ],
)
def test_every_documented_value_is_accepted(api: Api, assistant: str, field: str, values: list[str]) -> None:
    for value in values:
        assert api.patch(assistant, **{field: value}).json()["assistant"][field] == value


def test_an_assignment_replaces_the_one_before(api: Api, assistant: str, new_number: Callable[[], str]) -> None:
    one, two = new_number(), new_number()
    assert api.assign(assistant, [one]).json() == {"success": True}
    assert api.assign(assistant, [two]).json() == {"success": True}
    assert api.assistant(assistant)["phone_number_ids"] == [two]
    assert api.route(one)["reason"] == "unassigned"
