from typing import Any

import pytest

from assistants_api.models.assistant import Assistant
from tests.conftest import Stored
from tests.harness import Account, Reply

UNKNOWN = "asst_01jd5xexamp1e0000000000000"
FRESH = {"id", "name", "phone_number_ids", "version", "created_at", "updated_at"}
CONFIGURATION: dict[str, Any] = {
    "provider": "anthropic",
    "model": "claude-x",
    "temperature": 1.3,
    "max_tokens": 77,
    "first_message": "",
    "system_prompt": "Grüß {{contact.first_name}} 👋\r\n\x00",
    "voice_provider": "elevenlabs",
    "voice_model": "eleven_turbo_v2",
    "voice_id": "EXAVITQu4vr4xnSDxMaL",
    "voice_name": "Bella",
    "transcriptor_provider": "assemblyai",
    "transcriptor_model": "best",
    "transcriptor_language": "pt-BR",
    "recording_enabled": False,
    "inbound_enabled": True,
    "outbound_enabled": False,
}


def clone(account: Account, assistant: str, **body: object) -> Reply:
    return account.call("clone_assistant", assistant, body=body)


def test_a_clone_has_the_whole_configuration_and_no_numbers(account: Account) -> None:
    original = account.new_assistant("outbound-setter", **CONFIGURATION)
    account.assign(original["id"], [account.new_number()])
    original = account.get(original["id"])
    reply = account.call("clone_assistant", original["id"])
    copy = reply.json["assistant"]
    assert (reply.status, reply.headers["etag"]) == (200, '"1"')
    assert (
        FRESH | {"account_id", "type"} | CONFIGURATION.keys()
        == Assistant.model_fields.keys() - {"assignments", "external_id"}
        == copy.keys()
    )
    assert {name: copy[name] for name in CONFIGURATION} == CONFIGURATION
    assert (copy["account_id"], copy["type"]) == (account.id, "outbound-setter")
    assert (copy["name"], copy["phone_number_ids"], copy["version"]) == ("Q2 Outbound Setter", [], 1)
    assert copy["id"] > original["id"]
    assert copy["created_at"] == copy["updated_at"] >= original["updated_at"]
    assert account.get(copy["id"]) == copy


def test_the_original_stays_as_it_was_and_keeps_its_calls(account: Account) -> None:
    original = account.new_assistant("inbound-support")["id"]
    account.assign(original, [account.new_number("+14155550101")])
    before = account.get(original)
    copy = clone(account, original).json["assistant"]["id"]
    account.update(copy, system_prompt="Changed")
    assert account.get(original) == before
    assert account.route("+14155550101").json["assistant"] == before


@pytest.mark.parametrize(
    ("name", "copied"),
    [
        ("Test", "Test (Copy)"),
        ("Test (Copy)", "Test (Copy) (Copy)"),
        ("x" * 193, "x" * 193 + " (Copy)"),
        ("x" * 194, "x" * 193 + " (Copy)"),
        ("x" * 200, "x" * 193 + " (Copy)"),
        ("😀" * 200, "😀" * 193 + " (Copy)"),
        ("x" * 192 + " yyyyyyy", "x" * 192 + " (Copy)"),
        ("x" * 190 + "👩🏽‍💼" * 2, "x" * 190 + " (Copy)"),
        ("x" * 192 + "e\u0301" * 4, "x" * 192 + " (Copy)"),
        ("🇩🇪" * 100, "🇩🇪" * 96 + " (Copy)"),
        ("e" + "\u0301" * 199, "(Copy)"),
    ],
)
def test_without_a_name_it_is_a_copy_by_name_within_200_characters(account: Account, name: str, copied: str) -> None:
    given = clone(account, account.new_assistant(name=name)["id"]).json["assistant"]["name"]
    assert given == copied
    assert len(given) <= 200


@pytest.mark.parametrize("raw", ["", " \n", "{}", '{"accountSlug": "my-team"}'])
@pytest.mark.parametrize("content_type", ["application/json", None])
def test_nothing_has_to_be_sent(account: Account, raw: str, content_type: str | None) -> None:
    assistant = account.new_assistant()["id"]
    reply = account.call("clone_assistant", assistant, raw=raw, headers={"content-type": content_type})
    assert (reply.status, reply.json["assistant"]["name"]) == (200, "Test (Copy)")


def test_an_empty_body_needs_no_media_type_of_its_own(account: Account) -> None:
    assistant = account.new_assistant()["id"]
    assert account.call("clone_assistant", assistant, raw="", headers={"content-type": "text/plain"}).status == 200


def test_a_name_that_is_sent_is_the_clones_trimmed(account: Account) -> None:
    assistant = account.new_assistant()["id"]
    assert clone(account, assistant, name="  Neu é ").json["assistant"]["name"] == "Neu é"
    assert clone(account, assistant, name="x" * 200).json["assistant"]["name"] == "x" * 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": ""}, "/name"), ({"name": "  "}, "/name"), ({"name": "x" * 201}, "/name"),
        ({"name": "a\nb"}, "/name"), ({"name": 7}, "/name"), ({"nam": "x"}, "/nam"), ({"type": "custom"}, "/type"),
        ({"system_prompt": "x"}, "/system_prompt"), ({"accountSlug": ""}, "/accountSlug"),
    ],
)  # fmt: skip
def test_a_bad_body_is_refused_and_nothing_is_cloned(
    account: Account, stored: Stored, body: dict[str, object], pointer: str
) -> None:
    assistant = account.new_assistant()["id"]
    before = stored.items()
    reply = account.call("clone_assistant", assistant, body=body)
    assert (reply.status, reply.json["details"][0]["field"]) == (400, pointer)
    assert stored.items() == before


def test_an_assistant_of_nobody_or_of_another_account_is_not_found(
    account: Account, other_account: Account, stored: Stored
) -> None:
    theirs = other_account.new_assistant()["id"]
    before = stored.items()
    for assistant in (UNKNOWN, theirs):
        assert clone(account, assistant).code == "assistant_not_found"
    assert clone(account, theirs, accountSlug=other_account.slug).code == "account_mismatch"
    assert stored.items() == before


def test_every_clone_is_an_assistant_of_its_own(account: Account) -> None:
    original = account.new_assistant()["id"]
    copies = [clone(account, original).json["assistant"]["id"] for _ in range(3)]
    account.call("delete_assistant", original)
    listed = [each["id"] for each in account.call("list_assistants").json["assistants"]]
    assert listed == copies[::-1]
