"""Phone numbers that are imported through a connection at Twilio: what is stored, and what Twilio was told."""

import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.wrappers import Request, Response

from assistants_api.storage.table import Table
from local.stack.carriers import AUTH_TOKEN
from local.stack.carriers.twilio import DEMO_URL
from tests import carriers
from tests.carriers import twilio
from tests.conftest import Stored
from tests.harness import Account, Reply, race, sample

NUMBER, NUMBER_ID = "+14155550101", "pn_14155550101"
TRUNK = f"TK{'1' * 32}"
BASE = "https://api.example.com/telephony/twilio"  # of the sample events


@pytest.fixture
def connection(account: Account) -> str:
    return account.new_connection()


def import_through(account: Account, connection: object, number: str = NUMBER, **fields: object) -> Reply:
    query, headers = fields.pop("query", None), fields.pop("headers", None)
    body = {"accountSlug": account.slug, "phoneNumber": number, "connectionId": connection, **fields}
    return account.call("import_phone_number", body=body, query=query, headers=headers)  # type: ignore[arg-type]


def number_of(reply: Reply) -> dict[str, Any]:
    assert reply.status == 200, reply.text
    number: dict[str, Any] = reply.json["phone_number"]
    return number


def stored_number(account: Account) -> dict[str, Any]:
    return number_of(account.call("get_phone_number", NUMBER_ID))


def settings(connection: str) -> dict[str, str]:
    """Of a number whose calls come here."""
    voice, status = f"{BASE}/{connection}/voice", f"{BASE}/{connection}/status"
    urls = {"voice_url": voice, "voice_fallback_url": voice, "status_callback": status, "voice_application_sid": ""}
    return urls | dict.fromkeys(("voice_method", "voice_fallback_method", "status_callback_method"), "POST")


def at_twilio(connection: str) -> dict[str, str]:
    return {name: twilio.numbers[NUMBER][name] for name in settings(connection)}


def refuse_changes(request: Request) -> Response | None:
    return Response(status=500) if request.method == "POST" else None


# Import


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


# Sync


@pytest.mark.parametrize(
    "drift",
    [
        {"voice_url": DEMO_URL},
        {"voice_url": "", "voice_method": "GET"},
        {"status_callback": "https://elsewhere.example.com"},
        {"voice_application_sid": f"AP{'0' * 32}"},
    ],
)
def test_sync_tells_what_drifted_and_repairs_it(account: Account, connection: str, drift: dict[str, str]) -> None:
    import_through(account, connection)
    twilio.numbers[NUMBER] |= drift
    told = [{"field": name, "found": drift[name], "wanted": it} for name, it in settings(connection).items()
            if name in drift]  # fmt: skip
    dry = account.call("sync_phone_number", NUMBER_ID, query={"dry_run": "true"})
    assert sorted(dry.json["drift"], key=str) == sorted(told, key=str)
    assert at_twilio(connection) == settings(connection) | drift
    reply = account.call("sync_phone_number", NUMBER_ID)
    assert sorted(reply.json["drift"], key=str) == sorted(told, key=str)
    assert number_of(reply)["sync"]["state"] == "synced"
    assert at_twilio(connection) == settings(connection)
    assert account.call("sync_phone_number", NUMBER_ID).json["drift"] == []
    assert stored_number(account)["sync"]["state"] == "synced"


def test_sync_of_a_number_without_a_connection_says_how_to_get_one(account: Account) -> None:
    account.new_number()
    reply = account.call("sync_phone_number", NUMBER_ID)
    assert (reply.status, reply.code) == (409, "phone_number_not_connected")
    assert "import it again with POST /api/phone-numbers and the connectionId" in reply.json["error"]


def test_sync_after_the_connection_is_gone_says_so_and_another_one_can_take_over(
    account: Account, connection: str
) -> None:
    import_through(account, connection)
    refused = account.call("delete_telephony_connection", connection)
    assert (refused.status, refused.code) == (409, "connection_has_phone_numbers")
    assert refused.json["error"].startswith("1 phone number was imported through the connection")
    assert account.force("delete_telephony_connection", connection).status == 200
    assert f"{connection}, which was deleted" in account.call("sync_phone_number", NUMBER_ID).json["error"]
    other = account.new_connection()
    assert number_of(import_through(account, other))["sync"]["state"] == "synced"
    assert at_twilio(other) == settings(other)


def test_a_connection_is_free_again_when_its_numbers_are_deleted(account: Account, connection: str) -> None:
    import_through(account, connection)
    account.new_number("+14155550102")
    account.call("delete_phone_number", NUMBER_ID)
    assert account.call("delete_telephony_connection", connection).status == 200


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"trunk_sid": TRUNK}, "is in the trunk"),
        (None, f"does not have {NUMBER}"),
    ],
)
def test_sync_says_what_only_the_account_can_mend(
    account: Account, connection: str, change: dict[str, str] | None, says: str
) -> None:
    carrier_id = number_of(import_through(account, connection))["carrier_id"]
    twilio.numbers[NUMBER] |= change or {}
    if change is None:
        del twilio.numbers[NUMBER]
    number = number_of(account.call("sync_phone_number", NUMBER_ID))
    assert (number["sync"]["state"], number["carrier_id"]) == ("failed", carrier_id)
    assert says in number["sync"]["error"]
    assert stored_number(account) == number


def test_a_number_that_was_bought_again_has_its_new_id_after_a_sync(account: Account, connection: str) -> None:
    import_through(account, connection)
    twilio.numbers[NUMBER] |= {"sid": f"PN{'f' * 32}", "voice_url": DEMO_URL}
    assert number_of(account.call("sync_phone_number", NUMBER_ID))["carrier_id"] == f"PN{'f' * 32}"


def test_sync_changes_no_etag_and_a_number_read_before_it_can_be_sent_back(account: Account, connection: str) -> None:
    import_through(account, connection)
    read = account.call("get_phone_number", NUMBER_ID)
    twilio.fault = refuse_changes
    twilio.numbers[NUMBER]["voice_url"] = DEMO_URL
    account.call("sync_phone_number", NUMBER_ID)
    body = {**number_of(read), "label": "New"}
    reply = account.call("update_phone_number", NUMBER_ID, body=body, headers={"if-match": read.headers["etag"]})
    assert number_of(reply)["sync"]["state"] == "failed"
    assert reply.json["phone_number"]["label"] == "New"


@pytest.mark.parametrize("field", ["connection_id", "carrier_id"])
def test_what_tells_of_the_carrier_is_read_only(account: Account, connection: str, field: str) -> None:
    import_through(account, connection)
    reply = account.call("update_phone_number", NUMBER_ID, body={field: "x"})
    assert (reply.status, reply.code) == (400, "read_only_field")


# Delete


def test_a_deleted_number_no_longer_leads_here(account: Account, connection: str) -> None:
    import_through(account, connection)
    assert account.call("delete_phone_number", NUMBER_ID).status == 200
    left = {name: value for name, value in at_twilio(connection).items() if not name.endswith("method")}
    assert set(left.values()) == {""}
    assert account.call("get_phone_number", NUMBER_ID).status == 404


def test_what_is_set_to_something_else_stays_when_the_number_is_deleted(account: Account, connection: str) -> None:
    import_through(account, connection)
    twilio.numbers[NUMBER]["voice_url"] = DEMO_URL
    assert account.call("delete_phone_number", NUMBER_ID).status == 200
    assert twilio.numbers[NUMBER]["voice_url"] == DEMO_URL
    assert twilio.numbers[NUMBER]["status_callback"] == ""


def test_urls_of_an_earlier_address_of_this_deployment_are_taken_back_too(
    account: Account, connection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_through(account, connection)
    monkeypatch.setenv("PUBLIC_BASE_URL", "https://new.example.com/v1")
    account.call("delete_phone_number", NUMBER_ID)
    assert twilio.numbers[NUMBER]["voice_url"] == ""


def test_a_carrier_that_fails_keeps_no_number_and_the_log_and_the_list_tell(
    account: Account, connection: str, output: Callable[[], str]
) -> None:
    import_through(account, connection)
    twilio.fault = lambda request: Response(status=503)
    output()
    assert account.call("delete_phone_number", NUMBER_ID).status == 200
    assert '"carrier_failure":"carrier_unavailable"' in output()
    assert account.call("get_phone_number", NUMBER_ID).status == 404
    twilio.fault = lambda request: None
    (first, *_) = account.call("list_carrier_numbers", connection).json["numbers"]
    assert (first["phone_number_id"], first["leads_here"]) == (None, True)


def test_a_deletion_that_is_refused_or_only_tried_asks_no_carrier(account: Account, connection: str) -> None:
    import_through(account, connection)
    account.assign(account.new_assistant()["id"], [NUMBER_ID])
    asked = len(twilio.asked)
    assert account.call("delete_phone_number", NUMBER_ID).status == 409
    assert account.call("delete_phone_number", NUMBER_ID, query={"dry_run": "true", "force": "true"}).status == 200
    assert len(twilio.asked) == asked
    assert account.force("delete_phone_number", NUMBER_ID).status == 200
    assert len(twilio.asked) > asked


# List


def test_the_carriers_numbers_are_listed_with_what_is_imported(account: Account, connection: str) -> None:
    import_through(account, connection)
    account.new_number("+14155550102")
    twilio.numbers["+14155550103"]["trunk_sid"] = TRUNK
    twilio.add("12345")
    numbers = account.call("list_carrier_numbers", connection).json["numbers"]
    shown = [(it["phone_number"], it["phone_number_id"], it["connection_id"], it["leads_here"]) for it in numbers]
    assert shown == [
        (NUMBER, NUMBER_ID, connection, True),
        ("+14155550102", "pn_14155550102", None, False),
        ("+14155550103", None, None, False),
        ("12345", None, None, False),
    ]
    assert [bool(it["obstacle"]) for it in numbers] == [False, False, True, False]
    assert numbers[0]["carrier_id"] == twilio.numbers[NUMBER]["sid"]


def test_another_accounts_import_is_not_told(account: Account, other_account: Account, connection: str) -> None:
    other_account.new_number(NUMBER)
    assert account.call("list_carrier_numbers", connection).json["numbers"][0]["phone_number_id"] is None


@pytest.mark.parametrize("limit", ["1", "2", "3", "100"])
def test_pages_go_through_all_numbers_once(account: Account, connection: str, limit: str) -> None:
    for digit in range(4):
        twilio.add(f"+1415555012{digit}")
    pages = list(account.pages("list_carrier_numbers", connection, limit=limit))
    assert [it["phone_number"] for page in pages for it in page["numbers"]] == [*twilio.numbers]


def test_a_cursor_of_another_list_reaches_no_carrier(account: Account, connection: str) -> None:
    cursor = account.call("list_carrier_numbers", connection, query={"limit": "1"}).json["next_cursor"]
    asked = len(twilio.asked)
    other = account.new_connection()
    assert account.call("list_carrier_numbers", other, query={"cursor": cursor}).status == 400
    assert account.call("list_carrier_numbers", connection, query={"cursor": cursor[:-2] + "AA"}).status == 400
    assert len(twilio.asked) == asked


def test_another_accounts_connection_lists_nothing(account: Account, other_account: Account) -> None:
    reply = account.call("list_carrier_numbers", other_account.new_connection())
    assert (reply.status, [*twilio.asked]) == (404, [])


def test_no_answer_and_no_log_holds_a_credential(account: Account, connection: str, output: Callable[[], str]) -> None:
    token = "a-token-of-twilio"
    carriers.twilio.fault = lambda request: Response(json.dumps({"code": token, "message": token}), 400)
    account.call("update_telephony_connection", connection, body={"authToken": token})
    replies = [import_through(account, connection), account.call("list_carrier_numbers", connection)]
    assert [it.status for it in replies] == [409, 409]
    assert not any(token in it.text for it in replies)
    import_through(account, connection, number="+14155550102")
    login = twilio.asked[-1].authorization
    assert b64decode(login.removeprefix("Basic ")).decode().endswith(f":{token}")
    logged = output()
    assert logged
    assert not any(secret in logged for secret in (token, login.removeprefix("Basic ")))
