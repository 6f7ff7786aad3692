import pytest

from assistants_api.storage.table import Table
from tests.endpoints.test_assign_phone_numbers import suspend
from tests.harness import Account

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
    }


def unrouted(account: Account, reason: str) -> bool:
    reply = account.route(NUMBER)
    assert reply.json["phone_number"]["id"] == NUMBER_ID
    return (reply.status, reply.json["routed"], reply.json["reason"], reply.json["assistant"]) == (
        200, False, reason, None,
    )  # fmt: skip


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


def test_the_plus_may_come_percent_encoded(account: Account) -> None:
    account.new_number(NUMBER)
    assert account.route("%2B14155550101").status == 200


@pytest.mark.parametrize("number", ["14155550101", "415-555-0101", "+", "x" * 10_000, "+1415555010١", "pn_14155550101"])
def test_what_is_no_phone_number_is_refused(account: Account, number: str) -> None:
    reply = account.route(number)
    assert (reply.status, reply.code) == (400, "malformed_id")
    assert "E.164" in reply.json["error"]


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
