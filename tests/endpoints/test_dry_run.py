"""`?dry_run=true`, on every endpoint that changes something: all checks of the real thing, and nothing is stored."""

from typing import Any

import pytest

from assistants_api.storage.table import Table
from tests.catalogue import ENDPOINTS, Function
from tests.conftest import Stored
from tests.endpoints.conftest import CallOnExisting
from tests.harness import Account, load_app, race

CHANGING = [endpoint for endpoint in ENDPOINTS if load_app(endpoint.name).handler.changes]
DRY = {"dry_run": "true"}
MADE_UP = ("id", "created_at", "updated_at", "checked_at", "key_prefix")  # what another attempt gives another value


def shown(content: Any) -> Any:
    """What two attempts have in common."""
    return {
        name: shown({key: it for key, it in value.items() if key not in MADE_UP}) if isinstance(value, dict) else value
        for name, value in content.items()
        if name not in ("dry_run", "diff", "full_key")
    }


@pytest.mark.parametrize("endpoint", CHANGING)
def test_it_answers_as_the_real_request_and_stores_nothing(
    endpoint: Function, call_on_existing: CallOnExisting, stored: Stored, table: Table
) -> None:
    before, counts = stored.items(), table.client.scan(TableName=table.name)["Items"]
    dry = call_on_existing(endpoint, query=DRY)
    assert dry.status == 200
    assert dry.json["dry_run"] is True
    assert dry.json["diff"]
    assert "etag" not in dry.headers
    assert stored.items() == before
    assert [it for it in table.client.scan(TableName=table.name)["Items"] if it["SK"]["S"] == "ACCOUNT"] == [
        it for it in counts if it["SK"]["S"] == "ACCOUNT"
    ]
    assert shown(call_on_existing(endpoint).json) == shown(dry.json)


@pytest.mark.parametrize("endpoint", CHANGING)
def test_it_takes_the_round_trips_of_the_real_request(
    endpoint: Function, call_on_existing: CallOnExisting, calls: list[str]
) -> None:
    call_on_existing(endpoint, query=DRY)
    assert tuple(calls) == endpoint.round_trips


@pytest.mark.parametrize("endpoint", CHANGING)
def test_it_neither_uses_an_idempotency_key_nor_is_answered_by_one(
    endpoint: Function, call_on_existing: CallOnExisting
) -> None:
    key = {"idempotency-key": "a"}
    assert call_on_existing(endpoint, key, DRY).json["dry_run"] is True
    done = call_on_existing(endpoint, key)
    assert "dry_run" not in done.json
    assert "idempotent-replayed" not in done.headers


@pytest.mark.parametrize("endpoint", [endpoint for endpoint in CHANGING if endpoint.path])
def test_it_is_refused_like_the_real_request(
    endpoint: Function, call_on_existing: CallOnExisting, stored: Stored
) -> None:
    before = stored.items()
    assert call_on_existing(endpoint, {"if-match": '"99"'}, DRY).code == "precondition_failed"
    assert call_on_existing(endpoint, query=DRY, body={"unknown": 1}).code == "invalid_request"
    assert stored.items() == before


@pytest.mark.parametrize("endpoint", CHANGING)
def test_it_is_refused_without_a_value(endpoint: Function, call_on_existing: CallOnExisting, stored: Stored) -> None:
    """Whoever sends `?dry_run=` wants one, so the request must not be done."""
    before = stored.items()
    for name in load_app(endpoint.name).handler.query.never_blank:
        reply = call_on_existing(endpoint, query={name: ""})
        assert (reply.code, reply.json["details"][0]["field"]) == ("invalid_request", f"?{name}")
    assert stored.items() == before
    assert call_on_existing(endpoint, query={"accountSlug": ""}).status == 200


def test_a_change_shows_what_differs(account: Account) -> None:
    assistant = account.new_assistant(temperature=0.1, name="Old")["id"]
    body = {"accountSlug": account.slug, "temperature": 0.2, "name": "Old"}
    reply = account.call("update_assistant", assistant, body=body, query=DRY)
    assert reply.json["diff"] == [{"field": "temperature", "from": 0.1, "to": 0.2}]
    assert account.get(assistant)["temperature"] == 0.1


def test_a_change_that_changes_nothing_differs_in_nothing(account: Account) -> None:
    assistant = account.new_assistant(temperature=0.1)["id"]
    body = {"accountSlug": account.slug, "temperature": 0.1}
    reply = account.call("update_assistant", assistant, body=body, query=DRY)
    assert (reply.json["dry_run"], reply.json["diff"]) == (True, [])


def test_a_change_shows_its_warnings(account: Account) -> None:
    assistant = account.new_assistant("custom")["id"]
    body = {"accountSlug": account.slug, "system_prompt": "{{contact.fist_name}}"}
    reply = account.call("update_assistant", assistant, body=body, query=DRY)
    assert reply.json["warnings"][0]["code"] == "unknown_variable"


def test_what_another_holds_is_found_though_the_request_does_not_read_it(account: Account) -> None:
    number, holder, other = account.new_number("+14155550101"), account.new_assistant(), account.new_assistant()
    account.assign(holder["id"], [number])
    body = {"accountSlug": account.slug, "phoneNumberIds": [number]}
    refused = account.call("assign_phone_numbers", other["id"], body=body, query=DRY)
    assert refused.code == "phone_number_assigned"
    moved = account.call("assign_phone_numbers", other["id"], body=body | {"reassign": True}, query=DRY)
    assert moved.json["diff"] == [{"field": "phone_number_ids", "from": [], "to": [number]}]
    assert account.get(holder["id"])["phone_number_ids"] == [number]


def test_a_number_of_another_account_is_found(account: Account, other_account: Account) -> None:
    other_account.new_number("+14155550101")
    body = {"accountSlug": account.slug, "phoneNumber": "+14155550101"}
    assert account.call("import_phone_number", body=body, query=DRY).code == "phone_number_taken"


def test_a_race_refuses_it_too(account: Account, table: Table) -> None:
    assistant = account.new_assistant(temperature=0.1)["id"]
    race(table, "TransactWriteItems", lambda: account.update(assistant, temperature=0.5))
    body = {"accountSlug": account.slug, "temperature": 0.2}
    reply = account.call("update_assistant", assistant, body=body, query=DRY)
    assert reply.json["diff"] == [{"field": "temperature", "from": 0.5, "to": 0.2}]
    assert account.get(assistant)["temperature"] == 0.5
