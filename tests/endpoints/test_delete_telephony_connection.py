from typing import Any

import pytest

from assistants_api.storage import keys
from assistants_api.storage.table import Table
from tests.carriers import twilio
from tests.conftest import Stored
from tests.endpoints.at_twilio import NUMBER, NUMBER_ID, import_through, number_of
from tests.harness import Account, Reply, race, store_numbers
from tests.poison import poison


def connection_of(account: Account, provider: str) -> str:
    return account.new_connection(**({} if provider == "twilio" else {"provider": provider}))


def test_nothing_of_it_stays(account: Account, stored: Stored) -> None:
    before = stored.items()
    connection = account.new_connection()
    reply = account.call("delete_telephony_connection", connection)
    assert (reply.status, reply.json["message"]) == (200, "Telephony connection deleted successfully")
    assert stored.items() == before
    assert account.call("delete_telephony_connection", connection).code == "telephony_connection_not_found"


def test_one_that_changes_before_it_is_deleted_stays_if_the_request_says_so(account: Account, table: Table) -> None:
    connection = account.new_connection()
    etag = account.call("get_telephony_connection", connection).headers["etag"]
    body = {"authToken": "new"}
    race(table, "TransactWriteItems", lambda: account.call("update_telephony_connection", connection, body=body))
    reply = account.call("delete_telephony_connection", connection, headers={"if-match": etag})
    assert (reply.status, reply.code) == (412, "precondition_failed")
    assert account.call("get_telephony_connection", connection).status == 200


def test_a_number_behind_more_items_than_a_page_reads_keeps_it(
    account: Account, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistants_api.storage.table.MAX_READS", 1)
    connection = account.new_connection(provider="sip")
    for number in store_numbers(table, account, 4):
        poison(table, keys.phone_number(account.id, number), "padding", {"S": "x" * 390_000})
    number_of(import_through(account, connection, "+14159999999"))
    reply = account.call("delete_telephony_connection", connection)
    assert (reply.status, reply.code) == (409, "connection_has_phone_numbers")
    assert reply.json["error"].startswith("1 phone number was imported")


# Imports at the same time


@pytest.mark.parametrize("provider", ["twilio", "sip"])
@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize("condition", [{}, {"if-match": '"1"'}, {"idempotency-key": "1"}], ids=str)
def test_one_through_which_a_number_is_imported_meanwhile_stays(
    account: Account, table: Table, provider: str, is_known: bool, condition: dict[str, str | None]
) -> None:
    connection, replies = connection_of(account, provider), list[Reply]()
    if is_known:
        account.new_number(NUMBER)
    race(table, "TransactWriteItems", lambda: replies.append(import_through(account, connection)))
    reply = account.call("delete_telephony_connection", connection, headers=condition)
    assert (reply.status, reply.code) == (409, "connection_has_phone_numbers")
    assert number_of(replies[0])["connection_id"] == connection
    assert account.call("get_telephony_connection", connection).status == 200


@pytest.mark.parametrize("provider", ["twilio", "sip"])
@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize("query", [{}, {"force": "true"}], ids=str)
def test_an_import_through_one_that_is_deleted_meanwhile_is_a_404_and_changes_nothing(
    account: Account, table: Table, stored: Stored, provider: str, is_known: bool, query: dict[str, str]
) -> None:
    if is_known:
        account.new_number(NUMBER)
    before, connection = stored.items(), connection_of(account, provider)
    race(table, "TransactWriteItems", lambda: account.call("delete_telephony_connection", connection, query=query))
    reply = import_through(account, connection)
    assert (reply.status, reply.code) == (404, "telephony_connection_not_found")
    assert (stored.items(), twilio.changes()) == (before, [])


def test_an_import_of_a_number_that_is_there_notices_a_deletion_before_its_second_transaction(
    account: Account, table: Table, stored: Stored
) -> None:
    account.new_number(NUMBER)
    before, connection = stored.items(), account.new_connection()
    race(
        table,
        "TransactWriteItems",
        lambda: None,
        lambda: account.call("delete_telephony_connection", connection),
    )
    assert import_through(account, connection).code == "telephony_connection_not_found"
    assert (stored.items(), twilio.changes()) == (before, [])


def test_one_whose_new_number_is_gone_again_is_deleted(account: Account, table: Table, stored: Stored) -> None:
    before, connection = stored.items(), account.new_connection(provider="sip")

    def come_and_go() -> None:
        number_of(import_through(account, connection))
        account.call("delete_phone_number", NUMBER_ID)

    race(table, "TransactWriteItems", come_and_go)
    assert account.call("delete_telephony_connection", connection).status == 200
    assert stored.items() == before


def test_one_that_cannot_be_read_stays_too_while_a_number_is_imported(account: Account, table: Table) -> None:
    connection = account.new_connection(provider="sip")

    def import_and_poison() -> None:
        number_of(import_through(account, connection))
        poison(table, keys.connection(account.id, connection), "provider")

    race(table, "TransactWriteItems", import_and_poison)
    assert account.call("delete_telephony_connection", connection).code == "connection_has_phone_numbers"
    assert account.force("delete_telephony_connection", connection).status == 200


@pytest.mark.parametrize("fault", [{}, {"provider": {"S": "gone"}}], ids=str)
def test_one_that_was_used_once_is_deleted_without_force(account: Account, table: Table, fault: dict[str, Any]) -> None:
    connection = account.new_connection(provider="sip")
    number_of(import_through(account, connection))
    account.call("delete_phone_number", NUMBER_ID)
    for name, value in fault.items():
        poison(table, keys.connection(account.id, connection), name, value)
    assert account.call("delete_telephony_connection", connection).status == 200


def test_an_import_changes_neither_etag_nor_what_is_answered(account: Account) -> None:
    connection = account.new_connection(provider="sip")
    before = account.call("get_telephony_connection", connection)
    number_of(import_through(account, connection))
    after = account.call("get_telephony_connection", connection)
    assert (after.json, after.headers["etag"]) == (before.json, before.headers["etag"])
