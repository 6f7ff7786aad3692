"""What can't be read leaves no call unanswered, and keeps neither callers nor operators from the rest of an account."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from assistants_api.storage import keys
from assistants_api.storage.table import Table
from tests.harness import Account, admin, new_account, new_key
from tests.operator import pages
from tests.poison import poison, remove
from tests.webhooks import CALL_ID, NUMBER, answering, connected, elements, ring, said, send, signed

ID = "pn_14155550101"
FALLBACK = "Please call again later."
Output = Callable[[], str]


def last_line(output: Output) -> Any:
    return [json.loads(line) for line in output().splitlines() if '"_aws"' in line][-1]


@pytest.fixture
def assistant(account: Account) -> str:
    return answering(account)


@pytest.fixture
def connection(account: Account, assistant: str) -> str:
    return connected(account)


# Calls


@pytest.mark.parametrize("fault", ["gone", "unreadable", "lists another number", "lists no list"])
def test_a_call_to_a_number_whose_assistant_cannot_answer_is_unassigned(
    account: Account, assistant: str, connection: str, table: Table, output: Output, fault: str
) -> None:
    key = keys.assistant(account.id, assistant)
    match fault:
        case "gone":
            remove(table, key)
        case "unreadable":
            poison(table, key, "system_prompt", None)
        case "lists another number":
            poison(table, key, "phone_number_ids", {"SS": ["pn_14155550199"]})
        case _:
            poison(table, key, "phone_number_ids", {"N": "1"})
    lost = (
        {"unreadable": [f"assistant {assistant}: system_prompt Field required"]}
        if fault == "unreadable"
        else {"missing_assistant": assistant}
    )
    for function in ("route_call", "prepare_call"):
        reply = account.call(function, NUMBER)
        assert (reply.status, reply.json["routed"], reply.json["reason"]) == (200, False, "unassigned")
        assert reply.json["phone_number"]["id"] == ID
        assert last_line(output).items() >= lost.items()
    assert said(ring(connection)) == FALLBACK
    assert last_line(output).items() >= {"outcome": "unassigned", **lost}.items()
    (call,) = account.call("list_calls").json["calls"]
    assert (call["reason"], call["assistant_id"]) == ("unassigned", None)


def test_the_newest_version_answers_where_the_pinned_one_cannot_be_read(
    account: Account, assistant: str, table: Table, output: Output
) -> None:
    account.update(assistant, temperature=0.3)
    account.call("update_phone_number", ID, body={"versions": [{"version": 1}]})
    version = keys.version(account.id, assistant, "1")
    poison(table, version, "assistant", {"S": "{"})
    poison(table, version, "compressed", None)
    assert account.route(NUMBER).json["assistant_version"] == 3
    assert last_line(output)["missing_version"] == 1
    reply = account.call("get_version", assistant, "1")
    assert (reply.status, reply.code) == (500, "item_unreadable")
    assert reply.json["error"] == (
        f"The version 1 of {assistant} can't be read as it is stored; ask the operator of this deployment to mend it."
    )
    assert last_line(output)["unreadable"][0].startswith(f"version 1 of {assistant}:  Invalid JSON")


def test_a_call_to_a_number_that_cannot_be_read_gets_the_fallback_of_its_connection(
    account: Account, assistant: str, connection: str, table: Table, output: Output
) -> None:
    poison(table, keys.phone_number(account.id, ID), "fallback")
    assert account.route(NUMBER).code == "item_unreadable"
    assert said(ring(connection)) == FALLBACK
    assert last_line(output)["unreadable"][0].startswith("phone number pn_...0101: fallback.kind")


@pytest.mark.parametrize("what", ["account", "answer"])
def test_a_call_gets_the_fallback_where_its_account_or_what_was_decided_cannot_be_read(
    account: Account, connection: str, table: Table, output: Output, what: str
) -> None:
    ring(connection)
    key = keys.account(account.id) if what == "account" else keys.answer(account.id, CALL_ID)
    poison(table, key, "name" if what == "account" else "reason")
    assert said(ring(connection)) == FALLBACK
    line = last_line(output)
    assert line["outcome"] == "item_unreadable"
    assert line["unreadable"][0].startswith(
        f"account {account.id}: name " if what == "account" else f"call {CALL_ID}: "
    )


def test_a_call_through_a_connection_that_cannot_be_read_gets_a_busy_signal(
    account: Account, connection: str, table: Table, output: Output
) -> None:
    poison(table, keys.connection(account.id, connection), "provider", {"S": "pigeon"})
    assert [each.tag for each in elements(ring(connection))] == ["Reject"]
    assert last_line(output)["outcome"] == "item_unreadable"


def test_the_end_of_a_call_that_cannot_be_read_is_an_error(account: Account, connection: str, table: Table) -> None:
    ring(connection)
    poison(table, keys.answer(account.id, CALL_ID), "started_at")
    ended = {"CallSid": CALL_ID, "CallStatus": "completed", "CallDuration": "7"}
    assert send(signed(connection, ended, "record_call_status"), "record_call_status").code == "item_unreadable"


# Callers


@pytest.mark.parametrize("name", ["scopes", "account_id", "usage_id"])
def test_a_caller_whose_own_key_cannot_be_read_is_told_so(account: Account, table: Table, name: str) -> None:
    poison(table, keys.api_key(account.id, account.key_id), name, {"S": "somebody"})
    reply = account.call("test_api_key")
    assert (reply.status, reply.code) == (500, "item_unreadable")
    assert reply.json["error"].startswith(f"The API key {account.key_id} can't be read")


def test_a_key_that_cannot_be_read_is_no_heir(account: Account, table: Table) -> None:
    other = new_key(account.slug, account.id)
    poison(table, keys.api_key(account.id, other.key_id), "scopes")
    assert account.call("delete_api_key", account.key_id).code == "last_api_key"


def test_a_replay_that_cannot_be_read_is_an_error_and_another_key_works(account: Account, table: Table) -> None:
    assert account.call("create_assistant", headers={"idempotency-key": "1"}).status == 200
    record = keys.idempotency(account.id, account.key_id, "1")
    poison(table, record, "ttl", None)
    assert account.call("create_assistant", headers={"idempotency-key": "1"}).code == "item_unreadable"
    assert account.call("create_assistant", headers={"idempotency-key": "2"}).status == 200


def test_counts_of_calls_that_cannot_be_read_are_named(account: Account, assistant: str, table: Table) -> None:
    table.client.put_item(
        TableName=table.name,
        Item={"PK": {"S": f"ACCOUNT#{account.id}"}, "SK": {"S": f"CALLDAY#{assistant}#TOTAL"}, "calls": {"S": "x"}},
    )
    assert (
        account.call("get_usage_stats", assistant).json["error"].startswith(f"The count of calls TOTAL of {assistant}")
    )


def test_an_import_that_means_an_assistant_that_cannot_be_read_names_it(account: Account, table: Table) -> None:
    made = account.call("import_assistant").json["assistant"]["id"]
    poison(table, keys.assistant(account.id, made), "model")
    reply = account.call("import_assistant")
    assert (reply.code, made in reply.json["error"]) == ("item_unreadable", True)


def test_an_import_and_an_assignment_of_a_number_that_cannot_be_read_name_it(account: Account, table: Table) -> None:
    account.new_number(NUMBER)
    poison(table, keys.phone_number(account.id, ID), "status", {"S": "gone"})
    imported = account.call("import_phone_number", body={"accountSlug": account.slug, "phoneNumber": NUMBER})
    for reply in (imported, account.assign(account.new_assistant()["id"], [ID])):
        assert (reply.code, ID in reply.json["error"]) == ("item_unreadable", True)


def test_the_numbers_of_a_carrier_are_listed_beside_one_that_cannot_be_read(account: Account, table: Table) -> None:
    connection = account.new_connection()
    account.new_number(NUMBER, connectionId=connection)
    listed = account.call("list_carrier_numbers", connection).json
    poison(table, keys.phone_number(account.id, ID), "status")
    page = account.call("list_carrier_numbers", connection).json
    assert [each["phone_number"] for each in page["numbers"]] == [each["phone_number"] for each in listed["numbers"]]
    assert page["unreadable"] == [ID]


# The operator


def test_an_operators_lists_have_the_others_and_say_why_one_is_not_there(account: Account, table: Table) -> None:
    other, third = new_key(account.slug, account.id), new_account("third")
    poison(table, keys.api_key(account.id, other.key_id), "scopes")
    for action in ("list_api_keys", "show_account"):
        answer = admin(action, slug=account.slug)
        assert [key["id"] for key in answer["api_keys"]] == [account.key_id]
        assert answer["unreadable"] == [f"{other.key_id}: scopes Input should be a valid list"]
    poison(table, keys.account(third.id), "name", None)
    answer = admin("list_accounts")
    assert [each["slug"] for each in answer["accounts"]] == [account.slug]
    assert answer["unreadable"] == admin("list_over_quota")["unreadable"] == [f"{third.id}: name Field required"]


def test_an_export_has_the_others_and_names_what_is_missing(account: Account, assistant: str, table: Table) -> None:
    poison(table, keys.account(account.id), "max_assistants", {"N": "1.5"})
    poison(table, keys.assistant(account.id, assistant), "temperature", {"S": "hot"})
    records = [record for page in pages("export_account", slug=account.slug) for record in page["records"]]
    unreadable = {record["key"]: record["reason"] for record in records if record["kind"] == "unreadable"}
    assert unreadable.keys() == {"ACCOUNT", f"ASSISTANT#{assistant}"}
    assert unreadable[f"ASSISTANT#{assistant}"].startswith("temperature Input should be a valid number")
    assert {"api_key", "version", "phone_number"} <= {record["kind"] for record in records}
