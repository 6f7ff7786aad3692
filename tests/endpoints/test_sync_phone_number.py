"""Checking a phone number at Twilio, and repairing what was set there."""

import pytest

from local.stack.carriers.twilio import DEMO_URL
from tests.carriers import twilio
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
from tests.harness import Account


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
