"""The history of an assistant: a version for each change of its configuration, and none for anything else."""

from typing import Any

import pytest

from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, new_key, race

A, B = "pn_14155550101", "pn_14155550102"
CONFIGURATION = {
    "name", "model", "provider", "temperature", "max_tokens", "first_message", "system_prompt", "voice_provider",
    "voice_model", "voice_id", "voice_name", "transcriptor_provider", "transcriptor_model", "transcriptor_language",
    "recording_enabled", "inbound_enabled", "outbound_enabled",
}  # fmt: skip


@pytest.fixture
def assistant(account: Account) -> str:
    return str(account.new_assistant(name="First")["id"])


def history(account: Account, assistant: str) -> list[dict[str, Any]]:
    return [version for page in account.pages("list_versions", assistant) for version in page["versions"]]


def test_a_new_assistant_has_one_version_with_all_fields(account: Account, assistant: str) -> None:
    (first,) = history(account, assistant)
    created = account.get(assistant)
    assert first == {
        "version": 1,
        "created_at": created["created_at"],
        "changed_by": {"id": account.key_id, "name": "tests"},
        "changed_fields": sorted(CONFIGURATION),
    }
    assert account.call("get_version", assistant, "1").json["assistant"] == created


def test_every_change_is_a_version_that_says_who_changed_what(account: Account, assistant: str) -> None:
    other = new_key(account.slug, account.id, name="Editor")
    account.update(assistant, temperature=0.1, model="gpt-4o-mini")
    other.update(assistant, name="Second", temperature=0.1)
    found = history(account, assistant)
    assert [(it["version"], it["changed_fields"], it["changed_by"]["name"]) for it in found[:2]] == [
        (3, ["name"], "Editor"),
        (2, ["temperature"], "tests"),
    ]


def test_a_change_that_changes_nothing_makes_no_version(account: Account, assistant: str) -> None:
    account.update(assistant, temperature=0.7)
    account.call("restore_version", assistant, "1")
    assert len(history(account, assistant)) == 1


def test_a_clone_begins_a_history_of_its_own(account: Account, assistant: str) -> None:
    account.update(assistant, temperature=0.1)
    clone = account.call("clone_assistant", assistant, body={}).json["assistant"]
    assert [it["version"] for it in history(account, clone["id"])] == [1]
    assert account.call("get_version", clone["id"], "1").json["assistant"] == clone


def test_assigning_numbers_changes_the_etag_and_not_the_version(account: Account, assistant: str) -> None:
    account.new_number("+14155550101")
    before = account.call("get_assistant", assistant)
    account.assign(assistant, [A])
    after = account.call("get_assistant", assistant)
    assert after.json["assistant"]["version"] == before.json["assistant"]["version"] == 1
    assert after.headers["etag"] != before.headers["etag"]
    assert len(history(account, assistant)) == 1
    stale = account.update(assistant, {"if-match": before.headers["etag"]}, name="New")
    assert (stale.status, stale.code) == (412, "precondition_failed")
    assert account.update(assistant, {"if-match": after.headers["etag"]}, name="New").status == 200


@pytest.mark.parametrize("prompt", ["short", "You are helpful. " * 3_000, "é" * 60_000, ""])
def test_a_version_shows_the_assistant_as_it_was(account: Account, assistant: str, prompt: str) -> None:
    was = account.update(assistant, system_prompt=prompt).json["assistant"]
    account.update(assistant, system_prompt="Changed", name="Changed")
    assert account.call("get_version", assistant, "2").json["assistant"] == was


def test_a_long_text_is_stored_compressed(account: Account, assistant: str, stored: Stored) -> None:
    account.update(assistant, system_prompt="You are a helpful assistant. " * 2_000)
    (item,) = [it for it in stored.items() if it["SK"] == {"S": f"VERSION#{assistant}#00000002"}]
    assert len(item["compressed"]["B"]) < 2_000


def test_restoring_makes_the_old_configuration_the_newest_version(account: Account, assistant: str) -> None:
    account.new_number("+14155550101")
    first = account.get(assistant)
    account.update(assistant, temperature=0.1, system_prompt="Broken", inbound_enabled=True)
    account.assign(assistant, [A])
    restored = account.call("restore_version", assistant, "1", body={"accountSlug": "my-team"}).json["assistant"]
    same = CONFIGURATION | {"id", "account_id", "type", "created_at"}
    assert {name: restored[name] for name in same} == {name: first[name] for name in same}
    assert (restored["version"], restored["phone_number_ids"]) == (3, [A])
    assert account.get(assistant) == restored
    assert history(account, assistant)[0]["changed_fields"] == ["inbound_enabled", "system_prompt", "temperature"]


def test_a_comparison_names_the_fields_that_differ(account: Account, assistant: str) -> None:
    prompt = "You sell.\nBe brief.\nBe kind."
    account.update(assistant, temperature=0.1, system_prompt=prompt)
    account.update(assistant, system_prompt=prompt.replace("brief", "thorough"))
    answer = account.call("get_version", assistant, "3", query={"compare_to": "2"}).json
    assert [it["field"] for it in answer["diff"]] == ["system_prompt"]
    assert answer["diff"][0]["unified_diff"].split("\n")[2:] == [
        "@@ -1,3 +1,3 @@", " You sell.", "-Be brief.", "+Be thorough.", " Be kind.",
    ]  # fmt: skip
    backwards = account.call("get_version", assistant, "1", query={"compare_to": "2"}).json["diff"]
    assert {"field": "temperature", "from": 0.1, "to": 0.7} in backwards


def test_a_comparison_with_itself_is_empty(account: Account, assistant: str) -> None:
    assert account.call("get_version", assistant, "1", query={"compare_to": "1"}).json["diff"] == []


def test_texts_of_too_many_lines_are_shown_whole(account: Account, assistant: str) -> None:
    account.update(assistant, system_prompt="a\n" * 30_000)
    answer = account.call("get_version", assistant, "2", query={"compare_to": "1"}).json
    assert answer["diff"][0].keys() == {"field", "from", "to"}


@pytest.mark.parametrize("version", ["0", "01", "x", "-1", "1.0", "9" * 9, "", "¹", "1 ", "latest"])
@pytest.mark.parametrize("function", ["get_version", "restore_version"])
def test_a_malformed_version_is_refused(account: Account, assistant: str, function: str, version: str) -> None:
    reply = account.call(function, assistant, version)
    assert (reply.status, reply.code) == (400, "malformed_id")


@pytest.mark.parametrize("function", ["get_version", "restore_version"])
def test_a_version_that_is_not_there_is_not_found(account: Account, assistant: str, function: str) -> None:
    reply = account.call(function, assistant, "2")
    assert (reply.status, reply.code) == (404, "version_not_found")


def test_a_comparison_with_a_version_that_is_not_there_is_not_found(account: Account, assistant: str) -> None:
    assert account.call("get_version", assistant, "1", query={"compare_to": "2"}).status == 404


@pytest.mark.parametrize("function", ["list_versions", "get_version", "restore_version"])
def test_another_accounts_history_is_not_found(
    account: Account, other_account: Account, assistant: str, function: str
) -> None:
    version = () if function == "list_versions" else ("1",)
    reply = other_account.call(function, assistant, *version, body={})
    assert (reply.status, reply.code) == (404, "assistant_not_found")


def test_two_changes_at_once_are_two_versions_and_each_says_its_own_fields(
    account: Account, table: Table, assistant: str
) -> None:
    race(table, "TransactWriteItems", lambda: account.update(assistant, name="Theirs"))
    ours = account.update(assistant, temperature=0.2).json["assistant"]
    assert (ours["name"], ours["temperature"], ours["version"]) == ("Theirs", 0.2, 3)
    assert [it["changed_fields"] for it in history(account, assistant)[:2]] == [["temperature"], ["name"]]


def test_a_restore_that_races_a_change_is_made_from_what_the_change_left(
    account: Account, table: Table, assistant: str
) -> None:
    account.update(assistant, temperature=0.1)
    race(table, "TransactWriteItems", lambda: account.update(assistant, name="Theirs"))
    restored = account.call("restore_version", assistant, "1", body={}).json["assistant"]
    assert (restored["name"], restored["temperature"], restored["version"]) == ("First", 0.7, 4)
    assert [it["version"] for it in history(account, assistant)] == [4, 3, 2, 1]


def test_an_assignment_that_races_a_change_keeps_both(account: Account, table: Table, assistant: str) -> None:
    account.new_number("+14155550101")
    race(table, "TransactWriteItems", lambda: account.assign(assistant, [A]))
    assert account.update(assistant, temperature=0.2).status == 200
    after = account.get(assistant)
    assert (after["phone_number_ids"], after["temperature"], after["version"]) == ([A], 0.2, 2)
