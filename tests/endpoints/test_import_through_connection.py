"""Importing a phone number through a connection at Twilio: what is stored, and what Twilio was told."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.wrappers import Request

from assistants_api.storage.table import Table
from local.stack.carriers import AUTH_TOKEN
from tests.carriers import twilio
from tests.conftest import Stored
from tests.endpoints.at_twilio import (
    NUMBER,
    NUMBER_ID,
    TRUNK,
    at_twilio,
    import_through,
    number_of,
    refuse_changes,
    settings,
    stored_number,
)
from tests.harness import Account, Reply, race, sample


def test_a_number_of_the_account_is_imported_and_twilio_sends_its_calls_here(account: Account, connection: str) -> None:
    twilio.numbers[NUMBER] |= {"voice_method": "GET", "voice_application_sid": f"AP{'0' * 32}"}
    number = number_of(import_through(account, connection, label="Sales"))
    assert (number["connection_id"], number["carrier_id"]) == (connection, twilio.numbers[NUMBER]["sid"])
    assert (number["sync"]["state"], number["sync"]["error"]) == ("synced", None)
    assert number["label"] == "Sales"
    assert at_twilio(connection) == settings(connection)
    assert stored_number(account) == number


def test_without_a_connection_no_carrier_is_asked(account: Account) -> None:
    for connection in ({}, {"connectionId": None}):
        body = {"accountSlug": account.slug, "phoneNumber": NUMBER, **connection}
        number = number_of(account.call("import_phone_number", body=body))
        assert (number["connection_id"], number["carrier_id"], number["sync"]) == (None, None, None)
    assert not twilio.asked


def test_a_number_that_leads_here_already_is_stored_at_once_and_nothing_is_set(
    account: Account, connection: str, calls: list[str]
) -> None:
    first = number_of(import_through(account, connection))
    asked = len(twilio.changes())
    calls.clear()
    again = number_of(import_through(account, connection, label="Main line"))
    assert again == first | {"label": "Main line", "sync": again["sync"]}
    assert len(twilio.changes()) == asked == 1
    assert "TransactWriteItems" in calls


def test_a_number_that_is_imported_already_gets_the_connection_and_keeps_its_assistant(
    account: Account, connection: str
) -> None:
    assistant = account.new_assistant()["id"]
    account.assign(assistant, [account.new_number(label="Old")])
    number = number_of(import_through(account, connection))
    assert (number["label"], number["assistant_id"]) == ("Old", assistant)
    assert (number["connection_id"], number["sync"]["state"]) == (connection, "synced")
    assert stored_number(account) == number


@pytest.mark.parametrize("others", [["+14155550190"], ["+141555501010"]])
def test_a_number_that_the_account_does_not_have_is_refused_and_nothing_is_stored(
    account: Account, connection: str, stored: Stored, others: list[str]
) -> None:
    """Twilio finds numbers that contain the one asked for, too."""
    twilio.numbers.clear()
    for other in others:
        twilio.add(other)
    before = stored.items()
    reply = import_through(account, connection)
    assert (reply.status, reply.code) == (409, "number_not_at_carrier")
    assert reply.json["error"].startswith(f"The connection's account at Twilio does not have {NUMBER}; buy it there")
    assert (stored.items(), twilio.changes()) == (before, [])


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"trunk_sid": TRUNK}, f"is in the trunk {TRUNK}, so Twilio ignores its voice URL; remove it from the trunk"),
        ({"capabilities": {"voice": False, "sms": True}}, "can't take calls at Twilio"),
    ],
)
def test_a_number_whose_calls_cannot_come_here_is_refused(
    account: Account, connection: str, stored: Stored, fields: dict[str, Any], says: str
) -> None:
    twilio.numbers[NUMBER] |= fields
    before = stored.items()
    reply = import_through(account, connection)
    assert (reply.status, reply.code) == (409, "number_not_usable")
    assert says in reply.json["error"]
    assert (stored.items(), twilio.changes()) == (before, [])


def test_another_accounts_connection_is_a_404_like_one_that_never_was(
    account: Account, other_account: Account, stored: Stored
) -> None:
    foreign = other_account.new_connection()
    unknown = foreign[:-1] + ("0" if foreign[-1] != "0" else "1")
    before = stored.items()
    replies = [import_through(account, it) for it in (foreign, unknown)]
    assert [(it.status, it.code) for it in replies] == [(404, "telephony_connection_not_found")] * 2
    assert replies[0].text.replace(foreign, "") == replies[1].text.replace(unknown, "")
    assert (stored.items(), [*twilio.asked]) == (before, [])


@pytest.mark.parametrize("value", ["", "conn_", "conn_1", NUMBER_ID, "../x", "https://ssrf.invalid/", 5, ["conn_1"]])
def test_a_malformed_connection_is_refused_by_the_field(account: Account, value: object) -> None:
    reply = import_through(account, value)
    assert (reply.status, [it["field"] for it in reply.json["details"]]) == (400, ["/connectionId"])
    assert not twilio.asked


def test_a_number_of_another_account_is_refused_before_its_calls_are_taken(
    account: Account, other_account: Account, connection: str
) -> None:
    other_account.new_number(NUMBER)
    assert import_through(account, connection).code == "phone_number_taken"
    assert twilio.changes() == []


def test_wrong_credentials_are_refused_with_what_to_send(account: Account, stored: Stored) -> None:
    connection = account.new_connection(authToken="wrong-token")
    before = stored.items()
    reply = import_through(account, connection)
    assert (reply.status, reply.code) == (409, "carrier_refused")
    assert f"PATCH /api/telephony-connections/{connection}, with all of authToken" in reply.json["error"]
    assert "wrong-token" not in reply.text
    assert stored.items() == before
    account.call("update_telephony_connection", connection, body={"authToken": AUTH_TOKEN})
    assert number_of(import_through(account, connection))["sync"]["state"] == "synced"


def test_a_number_that_could_not_be_set_is_imported_and_says_so(account: Account, connection: str) -> None:
    twilio.fault = refuse_changes
    number = number_of(import_through(account, connection))
    assert (number["sync"]["state"], number["carrier_id"]) == ("failed", twilio.numbers[NUMBER]["sid"])
    assert number["sync"]["error"].startswith("Twilio did not respond as it should")
    assert stored_number(account) == number
    twilio.fault = lambda request: None
    assert number_of(account.call("sync_phone_number", NUMBER_ID))["sync"]["state"] == "synced"
    assert at_twilio(connection) == settings(connection)


def test_what_ends_in_between_leaves_a_number_that_says_so_and_the_same_request_finishes_it(
    account: Account, connection: str, stored: Stored
) -> None:
    seen: list[dict[str, Any]] = []

    def look(request: Request) -> None:
        if request.method == "POST":
            seen.append(next(it for it in stored.items() if it["SK"]["S"] == f"NUMBER#{NUMBER}"))

    twilio.fault = look
    import_through(account, connection)
    (halfway,) = (it["sync"]["M"] for it in seen)
    assert halfway["state"] == {"S": "drifted"}
    assert "POST /api/phone-numbers/{phoneNumberId}/sync" in halfway["error"]["S"]


def test_a_dry_run_asks_the_carrier_and_changes_nothing_anywhere(
    account: Account, connection: str, stored: Stored
) -> None:
    before = stored.items()
    reply = import_through(account, connection, query={"dry_run": "true"})
    assert number_of(reply)["sync"]["state"] == "synced"
    assert {"connection_id", "carrier_id", "sync"} <= {it["field"] for it in reply.json["diff"]}
    assert (stored.items(), twilio.changes(), len(twilio.asked)) == (before, [], 1)
    twilio.numbers.clear()
    assert import_through(account, connection, query={"dry_run": "true"}).code == "number_not_at_carrier"


def test_a_retry_under_an_idempotency_key_asks_nobody_and_answers_the_same(account: Account, connection: str) -> None:
    headers = {"idempotency-key": "a"}
    first = import_through(account, connection, headers=headers)
    asked = len(twilio.asked)
    again = import_through(account, connection, headers=headers)
    assert (again.json, again.headers["idempotent-replayed"]) == (first.json, "true")
    assert (number_of(first)["sync"]["state"], len(twilio.asked)) == ("synced", asked)


def test_of_two_imports_at_once_both_are_told_the_truth(account: Account, connection: str, table: Table) -> None:
    replies: list[Reply] = []
    race(table, "TransactWriteItems", lambda: replies.append(import_through(account, connection)))
    mine = number_of(import_through(account, connection))
    assert [number_of(it)["sync"]["state"] for it in [*replies]] == ["synced"]
    assert (mine["sync"]["state"], mine["connection_id"]) == ("synced", connection)
    assert at_twilio(connection) == settings(connection)


def test_a_number_deleted_while_it_is_imported_is_a_404_that_says_so(
    account: Account, connection: str, table: Table
) -> None:
    race(table, "TransactWriteItems", lambda: None, lambda: account.call("delete_phone_number", NUMBER_ID))
    assert import_through(account, connection).code == "phone_number_not_found"


def test_a_sip_connection_is_stored_and_nobody_is_asked(account: Account, calls: list[str]) -> None:
    connection = account.new_connection(provider="sip")
    number = number_of(import_through(account, connection))
    assert (number["connection_id"], number["carrier_id"], number["sync"]) == (connection, None, None)
    assert account.call("sync_phone_number", NUMBER_ID).code == "phone_number_not_connected"
    assert account.call("list_carrier_numbers", connection).code == "nothing_to_list"
    assert account.call("delete_phone_number", NUMBER_ID).status == 200
    assert not twilio.asked


def test_the_public_base_url_goes_before_the_host_of_the_request(
    account: Account, connection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_BASE_URL", "https://calls.example.com/voice/")
    import_through(account, connection, headers={"x-forwarded-host": "evil.example.com", "host": "evil.example.com"})
    assert twilio.numbers[NUMBER]["voice_url"] == (
        f"https://calls.example.com/voice/telephony/twilio/{connection}/voice"
    )


def test_no_header_decides_where_calls_go(account: Account, connection: str) -> None:
    names = ("host", "forwarded", "x-forwarded-host", "x-original-url", "x-forwarded-proto", "origin")
    import_through(account, connection, headers=dict.fromkeys(names, "evil.example.com"))
    assert at_twilio(connection) == settings(connection)


def test_the_urls_are_those_of_the_functions_that_answer_and_end_calls(account: Account, connection: str) -> None:
    import_through(account, connection)
    paths = {urlsplit(at_twilio(connection)[name]).path for name in ("voice_url", "status_callback")}
    events = [sample(function) for function in ("answer_call", "record_call_status")]
    assert paths == {it["rawPath"].replace(it["pathParameters"]["connectionId"], connection) for it in events}
