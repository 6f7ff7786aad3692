import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, race

EVERY_FIELD: dict[str, Any] = {
    "name": "Renamed",
    "provider": "anthropic",
    "model": "claude-x",
    "temperature": 1.25,
    "max_tokens": 128_000,
    "first_message": "",
    "system_prompt": "Hello {{contact.first_name}}",
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


def test_the_documented_example_changes_what_it_sends_and_nothing_else(account: Account) -> None:
    before = account.new_assistant()
    reply = account.call("update_assistant", before["id"])
    assert reply.status == 200
    after = reply.json["assistant"]
    assert after == before | {
        "system_prompt": "You are a helpful sales assistant for Acme Corp. "
        "Your goal is to qualify leads and book demos.",
        "voice_provider": "elevenlabs",
        "voice_id": "EXAVITQu4vr4xnSDxMaL",
        "recording_enabled": True,
        "version": 2,
        "updated_at": after["updated_at"],
    }
    assert account.get(before["id"]) == after
    assert reply.headers["etag"] == '"2"'


def test_every_field_can_be_changed(account: Account) -> None:
    before = account.new_assistant()
    after = account.update(before["id"], **EVERY_FIELD).json["assistant"]
    assert after == before | EVERY_FIELD | {"version": 2, "updated_at": after["updated_at"]}
    assert account.get(before["id"]) == after


@pytest.mark.parametrize("field", EVERY_FIELD)
def test_one_field_alone_can_be_changed(account: Account, field: str) -> None:
    before = account.new_assistant()
    after = account.update(before["id"], **{field: EVERY_FIELD[field]}).json["assistant"]
    assert {name for name in after if after[name] != before[name]} - {"updated_at"} == {field, "version"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 200), ("first_message", "x" * 4_000), ("system_prompt", "𐍈" * 64_000), ("temperature", 0),
        ("temperature", 2), ("temperature", 5e-324), ("max_tokens", 1), ("model", "x" * 200),
        ("transcriptor_language", "multi"), ("transcriptor_language", "zh-Hant-TW"), ("transcriptor_language", "x-own"),
        ("system_prompt", "\x00\x1f line\r\n\ttab \ufeff\u202e \U0010ffff {{x}} \"quoted\" \\ '</script>"),
    ],
)  # fmt: skip
def test_the_limits_themselves_are_accepted_and_come_back_exactly(account: Account, field: str, value: Any) -> None:
    assistant = account.new_assistant()["id"]
    reply = account.update(assistant, **{field: value})
    assert (reply.status, account.get(assistant)[field]) == (200, value)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "at least 1 character"),
        ("name", "a\x00b", "control characters"),
        ("first_message", "x" * 4_001, "4,001 characters; at most 4,000"),
        ("system_prompt", "x" * 64_001, "64,001 characters; at most 64,000"),
        ("provider", "opena1", "did you mean openai"),
        ("provider", 1, "must be a string, not a number"),
        ("model", " ", "visible character"),
        ("model", "", "at least 1 character"),
        ("model", "x" * 201, "at most 200"),
        ("temperature", -0.01, "must be at least 0"),
        ("temperature", 2.01, "must be at most 2"),
        ("temperature", "0.7", "must be a number, not the text '0.7'"),
        ("temperature", True, "must be a number, not a boolean"),
        ("max_tokens", 0, "must be at least 1"),
        ("max_tokens", 128_001, "must be at most 128,000"),
        ("max_tokens", 1.5, "must be an integer, not the number 1.5"),
        ("max_tokens", 1024.5, "must be an integer, not the number 1024.5"),
        ("temperature", 10**400, "is too large: it has 401 digits"),
        ("voice_provider", "polly", "must be a provider of voices"),
        ("voice_id", "", "at least 1 character"),
        ("transcriptor_provider", "whisperer", "did you mean whisper"),
        ("transcriptor_language", "en_us", "BCP-47 language tag; did you mean en-US."),
        ("transcriptor_language", "", "BCP-47"),
        ("recording_enabled", "true", "must be a boolean, not the text 'true'"),
        ("recording_enabled", 1, "must be a boolean, not a number"),
        ("sytem_prompt", "x", "did you mean system_prompt"),
        ("account_slug", "my-team", "is sent as accountSlug too"),
        ("__proto__", {}, "is not known here"),
        ("phone_number_ids", "pn_14155550101", "must be an array"),
        ("system_prompt", "\ud800", "not valid Unicode"),
        ("voice_name", ["\udfff"], "must be a string, not an array"),
    ],
)
def test_a_bad_value_is_refused_by_name_and_nothing_changes(
    account: Account, stored: Stored, field: str, value: Any, says: str
) -> None:
    assistant = account.new_assistant()["id"]
    before = stored.items()
    reply = account.update(assistant, **{field: value})
    assert (reply.status, reply.code) == (400, "invalid_request")
    assert reply.json["details"][0]["field"] == f"/{field}"
    assert says in reply.json["details"][0]["message"]
    assert stored.items() == before


@pytest.mark.parametrize("field", EVERY_FIELD)
def test_null_is_refused_for_every_field(account: Account, field: str) -> None:
    reply = account.update(account.new_assistant()["id"], **{field: None})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, f"/{field}")
    assert "null" in reply.json["error"]


def test_a_name_with_a_lone_surrogate_is_refused_wherever_it_stands(account: Account) -> None:
    assistant = account.new_assistant()["id"]
    for raw in (r'{"accountSlug": "my-team", "\ud800": 1}', r'{"accountSlug": "\ud800"}'):
        reply = account.call("update_assistant", assistant, raw=raw)
        assert (reply.status, "Unicode" in reply.json["error"]) == (400, True)


def test_the_whole_object_can_be_read_edited_and_sent_back(account: Account) -> None:
    before = account.new_assistant()
    reply = account.update(before["id"], **before | {"name": "Edited"})
    assert (reply.status, reply.json["assistant"]["name"]) == (200, "Edited")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "asst_01jd5xexamp1e0000000000000"), ("account_id", "acct_01jd5xexamp1e0000000000000"),
        ("type", "custom"), ("created_at", "2024-01-15T10:00:00Z"), ("updated_at", "2999-01-15T10:00:00Z"),
        ("version", 7), ("phone_number_ids", ["pn_14155550101"]),
    ],
)  # fmt: skip
def test_a_read_only_field_that_differs_is_refused_and_nothing_changes(
    account: Account, stored: Stored, field: str, value: Any
) -> None:
    assistant = account.new_assistant()["id"]
    before = stored.items()
    reply = account.update(assistant, name="New", **{field: value})
    assert (reply.status, reply.code, reply.json["details"][0]["field"]) == (400, "read_only_field", f"/{field}")
    assert stored.items() == before


def test_a_change_that_changes_nothing_writes_nothing(account: Account, calls: list[str]) -> None:
    before = account.new_assistant()
    calls.clear()
    reply = account.update(before["id"], **before)
    assert (reply.status, reply.json["assistant"]) == (200, before)
    assert account.update(before["id"]).json["assistant"] == before
    assert calls == ["BatchGetItem", "BatchGetItem"]


def test_if_match_with_the_current_version_is_accepted(account: Account) -> None:
    assistant = account.new_assistant()["id"]
    for if_match in ('"1"', "*", '"7", "3"'):
        assert account.update(assistant, {"if-match": if_match}, name=f"With {if_match}").status == 200


def test_two_changes_at_once_keep_the_fields_of_both(account: Account, table: Table) -> None:
    assistant = account.new_assistant()["id"]
    race(table, "TransactWriteItems", lambda: account.update(assistant, name="Theirs", temperature=0.1))
    reply = account.update(assistant, system_prompt="Ours", temperature=0.2)
    after = account.get(assistant)
    assert (after["name"], after["system_prompt"], after["temperature"], after["version"]) == ("Theirs", "Ours", 0.2, 3)
    assert reply.json["assistant"] == after


def test_a_change_in_between_fails_the_precondition(account: Account, table: Table) -> None:
    assistant = account.new_assistant()["id"]
    race(table, "TransactWriteItems", lambda: account.update(assistant, name="Theirs"))
    assert account.update(assistant, {"if-match": '"1"'}, name="Ours").status == 412
    assert account.get(assistant)["name"] == "Theirs"


def test_a_change_in_between_refuses_a_body_that_states_the_version(account: Account, table: Table) -> None:
    before = account.new_assistant()
    race(table, "TransactWriteItems", lambda: account.update(before["id"], name="Theirs"))
    reply = account.update(before["id"], **before | {"name": "Ours"})
    assert (reply.status, reply.code) == (409, "changed_meanwhile")
    assert "you sent version 1, and it is at version 2. What you sent differs in name" in reply.json["error"]
    assert account.get(before["id"])["name"] == "Theirs"


def test_an_assistant_deleted_in_between_is_not_found_and_not_revived(
    account: Account, table: Table, stored: Stored
) -> None:
    assistant = account.new_assistant()["id"]
    key = {"PK": {"S": f"ACCOUNT#{account.id}"}, "SK": {"S": f"ASSISTANT#{assistant}"}}
    race(table, "TransactWriteItems", lambda: table.client.delete_item(TableName=table.name, Key=key))
    assert account.update(assistant, name="Ours").status == 404
    assert not any(item["SK"]["S"].startswith("ASSISTANT#") for item in stored.items())


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
LABEL = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=199).map(lambda text: text + "x")


@pytest.mark.long
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first_message=TEXT, system_prompt=TEXT, voice_name=LABEL, ascii_only=st.booleans())
def test_any_text_comes_back_byte_for_byte(
    account: Account, first_message: str, system_prompt: str, voice_name: str, ascii_only: bool
) -> None:
    assistant = account.new_assistant()["id"]
    sent = {"first_message": first_message, "system_prompt": system_prompt, "voice_name": voice_name}
    raw = json.dumps({"accountSlug": account.slug, **sent}, ensure_ascii=ascii_only)
    reply = account.call("update_assistant", assistant, raw=raw)
    assert reply.json["assistant"].items() >= sent.items()
    assert account.get(assistant).items() >= sent.items()


@pytest.mark.long
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(temperature=st.floats(0.0, 2.0))
def test_any_temperature_comes_back_exactly(account: Account, temperature: float) -> None:
    assistant = account.new_assistant()["id"]
    account.update(assistant, temperature=temperature)
    assert repr(float(account.get(assistant)["temperature"])) == repr(temperature)
