"""The phone numbers that a connection's account has at Twilio."""

import pytest

from tests.carriers import twilio
from tests.endpoints.at_twilio import NUMBER, NUMBER_ID, TRUNK, import_through
from tests.harness import Account


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
