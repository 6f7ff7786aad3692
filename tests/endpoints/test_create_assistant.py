import pytest

from assistants_api.models.assistant_requests import AssistantChanges, NewAssistant
from tests.conftest import Stored
from tests.endpoints.test_update_assistant import EVERY_FIELD
from tests.harness import Account, sample

DOCUMENTED = {
    "id", "account_id", "name", "type", "model", "provider", "temperature", "max_tokens", "first_message",
    "system_prompt", "voice_provider", "voice_model", "voice_id", "voice_name", "transcriptor_provider",
    "transcriptor_model", "transcriptor_language", "recording_enabled", "inbound_enabled", "outbound_enabled",
    "created_at", "updated_at",
}  # fmt: skip


def test_the_documented_example_gets_the_documented_answer(account: Account) -> None:
    reply = account.call("create_assistant")
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["etag"] == '"1"'
    assert reply.json.keys() == {"success", "assistant", "warnings"}  # its voice has retired
    assert reply.json["success"] is True
    assistant = reply.json["assistant"]
    assert assistant.keys() == DOCUMENTED | {"phone_number_ids", "version"}
    assert (
        assistant.items()
        >= {
            "account_id": account.id,
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
            "version": 1,
        }.items()
    )
    assert assistant["phone_number_ids"] == []
    assert assistant["first_message"].startswith("Hi, this is Alex from Talkturo")
    assert assistant["system_prompt"].startswith("You are a friendly outbound sales assistant")
    assert assistant["created_at"] == assistant["updated_at"]


def test_what_is_created_can_be_read(account: Account) -> None:
    created = account.call("create_assistant").json
    assert account.call("get_assistant", created["assistant"]["id"]).json == created


def test_without_a_template_the_assistant_is_custom_and_silent(account: Account) -> None:
    body = {"accountSlug": "my-team", "name": "Blank"}
    assistant = account.call("create_assistant", body=body).json["assistant"]
    assert assistant["type"] == "custom"
    assert (assistant["first_message"], assistant["system_prompt"]) == ("", "")
    assert (assistant["inbound_enabled"], assistant["outbound_enabled"]) == (False, False)


@pytest.mark.parametrize("field", EVERY_FIELD)
def test_a_field_that_is_sent_goes_before_the_templates(account: Account, field: str) -> None:
    body = {"accountSlug": "my-team", "name": "Test", "templateId": "inbound-support"}
    plain = account.call("create_assistant", body=body).json["assistant"]
    reply = account.call("create_assistant", body=body | {field: EVERY_FIELD[field]})
    assistant = reply.json["assistant"]
    own = {name: assistant[name] for name in ("id", "created_at", "updated_at")}
    assert (reply.status, reply.headers["etag"]) == (200, '"1"')
    assert assistant == plain | own | {field: EVERY_FIELD[field]}
    assert account.get(assistant["id"]) == assistant


@pytest.mark.parametrize("template", [{}, {"templateId": "custom"}, {"templateId": "follow-up"}])
def test_every_field_that_a_change_takes_can_be_sent_at_once(account: Account, template: dict[str, str]) -> None:
    reply = account.call("create_assistant", body={"accountSlug": "my-team", **EVERY_FIELD, **template})
    assert reply.status == 200
    assert account.get(reply.json["assistant"]["id"]).items() >= EVERY_FIELD.items()


def test_a_new_assistant_takes_every_field_that_a_change_takes() -> None:
    changed = AssistantChanges.model_fields.keys() - AssistantChanges.read_only
    assert (
        EVERY_FIELD.keys()
        == changed - {"account_slug"}
        == NewAssistant.model_fields.keys()
        - {
            "account_slug",
            "template_id",
        }
    )


def test_two_assistants_of_one_name_are_two(account: Account) -> None:
    assert account.new_assistant()["id"] != account.new_assistant()["id"]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "at least 1 character"),
        ("name", "   ", "at least 1 character"),
        ("name", "x" * 201, "201 characters; at most 200"),
        ("name", "two\nlines", "control characters"),
        ("name", None, "is required, and must be a string, not null"),
        ("name", 7, "must be a string, not a number"),
        ("name", ["x"], "must be a string, not an array"),
        ("templateId", "outbound", "must be one of outbound-setter, inbound-support, follow-up, custom"),
        ("templateId", "inbound_support", "did you mean inbound-support"),
        ("template-id", "custom", "did you mean templateId"),
        ("temperature", 3, "must be at most 2"),
        ("model", " ", "visible character"),
        ("voice_provider", "cartesian", "did you mean cartesia"),
    ],
)
def test_a_bad_field_is_refused_by_name_and_nothing_is_stored(
    account: Account, stored: Stored, field: str, value: object, says: str
) -> None:
    before = stored.items()
    reply = account.call("create_assistant", body={"accountSlug": "my-team", "name": "x", field: value})
    assert (reply.status, reply.code) == (400, "invalid_request")
    assert reply.json["details"][0]["field"] == f"/{field}"
    assert says in reply.json["details"][0]["message"]
    assert reply.json["error"].startswith(field)
    assert stored.items() == before


def test_every_fault_of_a_body_is_listed(account: Account) -> None:
    reply = account.call("create_assistant", body={"templateId": 3})
    assert [detail["field"] for detail in reply.json["details"]] == ["/accountSlug", "/name", "/templateId"]
    assert reply.json["error"] == 'accountSlug: is required, such as "my-team". (2 more in details)'


def test_a_name_is_trimmed_and_may_be_200_characters_of_any_script(account: Account) -> None:
    name = "アシスタント👩🏽‍💼" + "é" * 100
    body = {"accountSlug": "my-team", "name": f"  {name} "}
    assert account.call("create_assistant", body=body).json["assistant"]["name"] == name


def test_another_accounts_slug_is_forbidden(account: Account, other_account: Account, stored: Stored) -> None:
    before = stored.items()
    reply = account.call("create_assistant", body={"accountSlug": other_account.slug, "name": "x"})
    assert (reply.status, reply.code) == (403, "account_mismatch")
    assert stored.items() == before


def test_the_sample_event_is_that_of_the_documentation() -> None:
    assert sample("create_assistant")["body"] == (
        '{"accountSlug": "my-team", "name": "Q1 Outbound Setter", "templateId": "outbound-setter"}'
    )
