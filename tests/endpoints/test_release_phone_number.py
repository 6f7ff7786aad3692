"""Deleting a phone number that Twilio sends here."""

import time
from collections.abc import Callable

import pytest
from werkzeug.wrappers import Response

from assistants_api.storage import credentials, keys
from assistants_api.storage.table import Table
from local.stack.carriers import API_KEY
from local.stack.carriers.twilio import DEMO_URL
from tests.carriers import twilio
from tests.endpoints.at_twilio import NUMBER, NUMBER_ID, at_twilio, import_through
from tests.harness import Account
from tests.poison import poison


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


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("provider", {"S": "pigeon"}, "item_unreadable"),
        ("media", {"S": "x"}, "item_unreadable"),
        ("credentials", {"S": "x"}, "item_unreadable"),
        ("credentials", None, "item_unreadable"),
        ("credentials", {"B": b"x"}, "unavailable"),
    ],
)
def test_a_connection_that_cannot_be_read_keeps_no_number(
    account: Account,
    connection: str,
    table: Table,
    output: Callable[[], str],
    name: str,
    value: dict[str, object] | None,
    code: str,
) -> None:
    import_through(account, connection)
    poison(table, keys.connection(account.id, connection), name, value)
    output()
    assert account.call("delete_phone_number", NUMBER_ID).status == 200
    assert f'"carrier_failure":"{code}"' in output()
    assert account.call("get_phone_number", NUMBER_ID).status == 404


def test_a_stored_key_that_no_header_can_hold_is_refused_and_keeps_no_number(
    account: Account, table: Table, output: Callable[[], str]
) -> None:
    connection = account.new_connection(provider="telnyx", apiKey=API_KEY, publicKey=f"{'A' * 43}=")
    assert import_through(account, connection).status == 200
    context = {"account": account.id, "connection": connection}
    sealed = credentials.from_env().encrypt({"apiKey": "KEY\u2026"}, context, time.monotonic() + 5)
    poison(table, keys.connection(account.id, connection), "credentials", {"B": sealed})
    refused = import_through(account, connection)
    assert (refused.status, refused.code) == (409, "carrier_refused")
    assert "Telnyx takes only ASCII as the credentials of conn_" in refused.json["error"]
    assert account.call("sync_phone_number", NUMBER_ID).json["phone_number"]["sync"]["state"] == "failed"
    output()
    assert account.call("delete_phone_number", NUMBER_ID).status == 200
    assert '"carrier_failure":"carrier_refused"' in output()
