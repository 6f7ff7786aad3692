"""Deleting a phone number that Twilio sends here."""

from collections.abc import Callable

import pytest
from werkzeug.wrappers import Response

from local.stack.carriers.twilio import DEMO_URL
from tests.carriers import twilio
from tests.endpoints.at_twilio import NUMBER, NUMBER_ID, at_twilio, import_through
from tests.harness import Account


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
