"""A resource that was read, edited and sent back whole, whatever a JSON library made of it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, change_key

A, B = "pn_14155550101", "pn_14155550102"


def with_offset(text: str) -> str:
    return text.replace("Z", "+00:00")


def with_milliseconds(text: str) -> str:
    return text.replace("Z", ".000Z")


def in_another_zone(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(timezone(timedelta(hours=-2))).isoformat()


INSTANTS = ("created_at", "updated_at", "expires_at", "last_used_at")
REWRITES = [with_offset, with_milliseconds, in_another_zone]


def rewritten(resource: dict[str, Any], rewrite: Callable[[str], str]) -> dict[str, Any]:
    return {
        name: rewrite(value) if name in INSTANTS and value else value[::-1] if isinstance(value, list) else value
        for name, value in resource.items()
    }


@pytest.fixture
def assistant(account: Account) -> dict[str, Any]:
    numbers = [account.new_number("+14155550101"), account.new_number("+14155550102")]
    made = account.new_assistant()
    account.assign(made["id"], numbers)
    return account.get(made["id"])


@pytest.mark.parametrize("rewrite", REWRITES)
def test_an_assistant_may_come_back_as_any_json_library_writes_it(
    account: Account, assistant: dict[str, Any], stored: Stored, rewrite: Callable[[str], str]
) -> None:
    before = stored.items()
    body = {"accountSlug": "my-team", **rewritten(assistant, rewrite)}
    text = (
        json.dumps(body).replace('"max_tokens": 1024', '"max_tokens": 1024.0').replace('"version": 1', '"version": 1.0')
    )
    reply = account.call("update_assistant", assistant["id"], raw=text)
    assert (reply.status, reply.json.get("assistant")) == (200, assistant)
    assert stored.items() == before


@pytest.mark.parametrize("rewrite", REWRITES)
def test_a_number_may_come_back_as_any_json_library_writes_it(account: Account, rewrite: Callable[[str], str]) -> None:
    number = account.call("get_phone_number", account.new_number()).json["phone_number"]
    assert account.call("update_phone_number", A, body=rewritten(number, rewrite)).json["phone_number"] == number


@pytest.mark.parametrize("rewrite", REWRITES)
def test_a_key_that_expires_may_come_back_as_any_json_library_writes_it(
    account: Account, rewrite: Callable[[str], str]
) -> None:
    body = {"accountSlug": "my-team", "name": "CI", "scopes": ["assistants:read", "calls:route"], "expires_in_days": 7}
    api_key = account.call("create_api_key", body=body).json["api_key"]
    text = json.dumps(rewritten(api_key, rewrite)).replace('_hour": 1000', '_hour": 1000.0')
    assert account.call("update_api_key", api_key["id"], raw=text).json["api_key"] == api_key


@pytest.mark.parametrize("odd", ["2024-01-15", "2024-01-15T10:00:00", "0001-01-01T00:00:00+23:59", "now", ""])
def test_a_time_that_is_no_instant_is_refused_as_read_only(
    account: Account, assistant: dict[str, Any], odd: str
) -> None:
    reply = account.update(assistant["id"], created_at=odd)
    assert (reply.status, reply.code) == (400, "read_only_field")


@pytest.mark.parametrize("left_out", [set(), {"version"}, {"version", "phone_number_ids"}])
def test_an_assistant_that_changed_since_it_was_read_is_a_409_that_says_what_differs(
    account: Account, table: Table, assistant: dict[str, Any], stored: Stored, left_out: set[str]
) -> None:
    was = {name: value for name, value in assistant.items() if name not in left_out}
    was["updated_at"] = "2024-01-15T10:00:00Z"  # the clock of the test may not have moved on
    account.update(assistant["id"], temperature=0.1)
    before = stored.items()
    reply = account.update(assistant["id"], **was | {"name": "Ours"})
    assert (reply.status, reply.code) == (409, "changed_meanwhile")
    assert {"/name", "/temperature"} <= {detail["field"] for detail in reply.json["details"]}
    assert ("you sent version 1, and it is at version 2" in reply.json["error"]) is ("version" in was)
    assert stored.items() == before
    assert account.update(assistant["id"], **account.get(assistant["id"]) | {"name": "Ours"}).status == 200


def test_numbers_that_moved_since_are_told_too(account: Account, assistant: dict[str, Any]) -> None:
    account.assign(assistant["id"], [A])
    was = assistant | {"updated_at": "2024-01-15T10:00:00Z"}  # the clock of the test may not have moved on
    reply = account.update(assistant["id"], **was | {"name": "Ours"})
    assert (reply.status, reply.code) == (409, "changed_meanwhile")
    assert "/phone_number_ids" in {detail["field"] for detail in reply.json["details"]}


def test_numbers_that_were_edited_get_a_hint_how_to_assign_them(account: Account, assistant: dict[str, Any]) -> None:
    reply = account.update(assistant["id"], **assistant | {"phone_number_ids": [A]})
    assert (reply.status, reply.code) == (400, "read_only_field")
    assert reply.json["details"][0]["message"].endswith(
        "change it with PATCH /api/assistants/{assistantId}/telephony/phone-numbers."
    )


def test_a_number_that_was_assigned_since_is_a_409(account: Account, assistant: dict[str, Any]) -> None:
    number = account.call("get_phone_number", A).json["phone_number"]
    account.assign(assistant["id"], [])
    reply = account.call("update_phone_number", A, body=number | {"label": "New"})
    assert (reply.status, reply.code) == (409, "changed_meanwhile")
    assert {detail["field"] for detail in reply.json["details"]} == {"/assistant_id", "/label"}


def test_an_assistant_on_a_number_gets_a_hint_how_to_assign_it(account: Account, assistant: dict[str, Any]) -> None:
    account.assign(assistant["id"], [])
    reply = account.call("update_phone_number", A, body={"assistant_id": assistant["id"]})
    assert (reply.status, reply.code) == (400, "read_only_field")
    assert "telephony/phone-numbers" in reply.json["details"][0]["message"]


def test_a_key_that_was_rotated_since_is_a_409(account: Account, table: Table) -> None:
    api_key = account.call("test_api_key").json["api_key"]
    change_key(table, account, expires_at="2999-01-15T10:00:00Z")
    reply = account.call("update_api_key", account.key_id, body=api_key | {"name": "New"})
    assert (reply.status, reply.code) == (409, "changed_meanwhile")


@pytest.mark.parametrize(
    ("stored_name", "searched"),
    [
        ("Café", "cafe\u0301"), ("Cafe\u0301", "CAFÉ"), ("ﬁne", "FINE"), ("Ｆｕｌｌ", "full"), ("Straße", "STRASSE"),
        ("Sales", " sales "), ("Ⅻ", "xii"), ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ],
)  # fmt: skip
def test_a_name_is_found_however_it_is_written(account: Account, stored_name: str, searched: str) -> None:
    made = account.new_assistant(name=stored_name)
    assert made["name"] == stored_name
    found = account.call("list_assistants", query={"name": searched}).json["assistants"]
    assert [it["id"] for it in found] == [made["id"]]
