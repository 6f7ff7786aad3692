from urllib.parse import quote

import pytest

from assistants_api.storage.table import Table
from tests.endpoints.test_assign_phone_numbers import suspend
from tests.harness import Account
from tests.unit.test_e164 import CLEAR, GUESSES, UNCLEAR

NUMBER, NUMBER_ID = "+14155550101", "pn_14155550101"


def test_a_call_goes_to_the_whole_configuration_of_the_assistant_that_holds_the_number(account: Account) -> None:
    assistant = account.new_assistant("inbound-support")["id"]
    account.assign(assistant, [account.new_number(NUMBER)])
    reply = account.route(NUMBER)
    assert reply.status == 200
    assert reply.json == {
        "success": True,
        "routed": True,
        "reason": "routed",
        "phone_number": account.call("list_phone_numbers").json["numbers"][0],
        "assistant": account.get(assistant),
        "assistant_version": 1,
        "substituted": [],
    }


def unrouted(account: Account, reason: str) -> bool:
    reply = account.route(NUMBER)
    assert reply.json["phone_number"]["id"] == NUMBER_ID
    answer = reply.json["routed"], reply.json["reason"], reply.json["assistant"], reply.json["assistant_version"]
    return (reply.status, answer) == (200, (False, reason, None, None))


def test_a_free_number_routes_to_nobody(account: Account) -> None:
    account.new_number(NUMBER)
    assert unrouted(account, "unassigned")


def test_an_assistant_that_takes_no_inbound_calls_does_not_answer(account: Account) -> None:
    assistant = account.new_assistant("inbound-support")["id"]
    account.assign(assistant, [account.new_number(NUMBER)])
    account.update(assistant, inbound_enabled=False)
    assert unrouted(account, "inbound_disabled")
    account.update(assistant, inbound_enabled=True)
    assert account.route(NUMBER).json["routed"] is True


def test_a_suspended_number_routes_to_nobody(account: Account, table: Table) -> None:
    assistant = account.new_assistant("inbound-support")["id"]
    account.assign(assistant, [account.new_number(NUMBER)])
    suspend(table, account, NUMBER_ID)
    assert unrouted(account, "number_not_active")


def test_a_released_number_routes_to_nobody(account: Account) -> None:
    assistant = account.new_assistant("inbound-support")["id"]
    account.assign(assistant, [account.new_number(NUMBER)])
    account.assign(assistant, [])
    assert unrouted(account, "unassigned")


def test_a_number_outside_the_account_is_not_found(account: Account, other_account: Account) -> None:
    other_account.new_number(NUMBER)
    reply = account.route(NUMBER)
    assert (reply.status, reply.code) == (404, "phone_number_not_found")


@pytest.mark.parametrize("text", CLEAR)
def test_a_number_is_found_however_a_carrier_writes_it(account: Account, text: str) -> None:
    account.new_number(NUMBER)
    for sent in (text, quote(text, safe="")):
        reply = account.route(sent)
        assert (reply.status, reply.json["phone_number"]["id"]) == (200, NUMBER_ID)


def test_a_number_that_is_not_there_is_named_as_it_was_read(account: Account) -> None:
    reply = account.route("sip:442071838750@carrier.example")
    assert (reply.status, "no phone number +442071838750 in" in reply.json["error"]) == (404, True)


@pytest.mark.parametrize("text", [*UNCLEAR, *GUESSES])
def test_what_is_no_clear_phone_number_is_refused_with_the_form_and_a_guess(account: Account, text: str) -> None:
    reply = account.route(text)
    assert (reply.status, reply.code) == (400, "malformed_id")
    assert "E.164" in reply.json["error"]
    assert (f"did you mean {GUESSES.get(text)}." in reply.json["error"]) is (text in GUESSES)


def test_a_number_that_moves_during_the_call_is_followed(account: Account, table: Table) -> None:
    number = account.new_number(NUMBER)
    old, new = (account.new_assistant("inbound-support")["id"] for _ in range(2))
    account.assign(old, [number])
    reads: list[bool] = []

    def move(**_: object) -> None:
        reads.append(True)
        if len(reads) == 2:  # between the read of the number and that of its assistant
            account.assign(new, [number], reassign=True)

    table.client.meta.events.register("before-call.dynamodb.BatchGetItem", move)
    assert account.route(NUMBER).json["assistant"]["id"] == new
