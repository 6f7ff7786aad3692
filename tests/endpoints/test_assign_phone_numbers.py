import json

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, race

A, B, C = "pn_14155550101", "pn_14155550102", "pn_14155550103"


@pytest.fixture
def numbers(account: Account) -> list[str]:
    return [account.new_number(f"+1415555010{digit}") for digit in (1, 2, 3)]


def numbers_of(account: Account, assistant: str) -> list[str]:
    held: list[str] = account.get(assistant)["phone_number_ids"]
    listed = account.call("list_phone_numbers").json["numbers"]
    assert held == [number["id"] for number in listed if number["assistant_id"] == assistant]
    return held


def test_the_documented_example_gets_the_documented_answer(account: Account, numbers: list[str]) -> None:
    assistant = account.new_assistant()["id"]
    reply = account.call("assign_phone_numbers", assistant)
    assert (reply.status, reply.json) == (200, {"success": True})
    assert numbers_of(account, assistant) == [A, B]


def test_the_whole_set_is_replaced(account: Account, numbers: list[str]) -> None:
    assistant = account.new_assistant()
    account.assign(assistant["id"], [A, B])
    assert account.assign(assistant["id"], [B, C]).json == {"success": True}
    assert numbers_of(account, assistant["id"]) == [B, C]
    assert account.changes(assistant["id"]) == 3


def test_an_empty_array_releases_all(account: Account, numbers: list[str]) -> None:
    assistant = account.new_assistant()["id"]
    account.assign(assistant, [A, B])
    assert account.assign(assistant, []).json == {"success": True}
    assert numbers_of(account, assistant) == []
    assert account.assign(assistant, [C]).json == {"success": True}


def test_a_number_twice_in_the_array_counts_once(account: Account, numbers: list[str]) -> None:
    assistant = account.new_assistant()["id"]
    assert account.assign(assistant, [A, B, A, A]).status == 200
    assert numbers_of(account, assistant) == [A, B]


def test_the_same_set_again_writes_nothing(account: Account, numbers: list[str], calls: list[str]) -> None:
    assistant = account.new_assistant()["id"]
    account.assign(assistant, [A, B])
    calls.clear()
    assert account.assign(assistant, [B, A]).json == {"success": True}
    assert calls == ["BatchGetItem"]


def test_only_what_changes_is_read_and_written(account: Account, table: Table) -> None:
    assistant = account.new_assistant()["id"]
    many = [account.new_number(f"+1415555{number:04}") for number in range(40)]
    account.assign(assistant, many[:39])
    touched: list[int] = []
    events = table.client.meta.events
    counted = {
        "BatchGetItem": lambda params, **_: touched.append(len(params["RequestItems"][table.name]["Keys"])),
        "TransactWriteItems": lambda params, **_: touched.append(len(params["TransactItems"])),
    }
    for operation, count in counted.items():
        events.register(f"provide-client-params.dynamodb.{operation}", count)
    assert account.assign(assistant, many).status == 200
    assert touched == [3, 2]  # the API key, its account and the assistant; the assistant and the number


def test_a_number_held_by_another_assistant_is_refused_and_nothing_changes(
    account: Account, numbers: list[str], stored: Stored
) -> None:
    holder, wanting = account.new_assistant()["id"], account.new_assistant()["id"]
    account.assign(holder, [B])
    account.assign(wanting, [C])
    before = stored.items()
    reply = account.assign(wanting, [A, B])
    assert (reply.status, reply.code) == (409, "phone_number_assigned")
    assert B in reply.json["error"]
    assert holder in reply.json["error"]
    assert reply.json["details"] == [{"field": "/phoneNumberIds/1", "message": f"is assigned to {holder}."}]
    assert stored.items() == before


def test_reassign_moves_numbers_from_several_holders_at_once(account: Account, numbers: list[str]) -> None:
    one, two, three = (account.new_assistant()["id"] for _ in range(3))
    account.assign(one, [A, B])
    account.assign(two, [C])
    assert account.assign(three, [A, C], reassign=True).json == {"success": True}
    assert [numbers_of(account, assistant) for assistant in (one, two, three)] == [[B], [], [A, C]]
    assert account.changes(one) == 3


def test_an_unknown_number_is_not_found_by_name_and_nothing_changes(
    account: Account, other_account: Account, numbers: list[str], stored: Stored
) -> None:
    assistant = account.new_assistant()["id"]
    theirs = other_account.new_number("+442071838750")
    before = stored.items()
    for unknown in ("pn_19999999999", theirs):
        reply = account.assign(assistant, [A, unknown])
        assert (reply.status, reply.code) == (404, "phone_number_not_found")
        assert unknown in reply.json["error"]
        assert reply.json["details"][0]["field"] == "/phoneNumberIds/1"
    assert stored.items() == before


def test_a_number_that_is_not_active_is_refused(account: Account, numbers: list[str], table: Table) -> None:
    assistant = account.new_assistant()["id"]
    suspend(table, account, A)
    reply = account.assign(assistant, [A])
    assert (reply.status, reply.code) == (409, "phone_number_not_active")
    assert A in reply.json["error"]
    assert numbers_of(account, assistant) == []


def suspend(table: Table, account: Account, number: str) -> None:
    table.client.update_item(
        TableName=table.name,
        Key={"PK": {"S": f"ACCOUNT#{account.id}"}, "SK": {"S": number.replace("pn_", "NUMBER#+")}},
        UpdateExpression="SET #status = :suspended",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":suspended": {"S": "suspended"}},
    )


def test_an_unknown_assistant_is_not_found(account: Account, other_account: Account, numbers: list[str]) -> None:
    theirs = other_account.new_assistant()["id"]
    for unknown in ("asst_01jd5xexamp1e0000000000000", theirs):
        assert (account.assign(unknown, [A]).status, account.assign(unknown, []).status) == (404, 404)


@pytest.mark.parametrize(
    ("body", "pointer", "says"),
    [
        ({"phoneNumberIds": None}, "/phoneNumberIds", "null"),
        ({"phoneNumberIds": A}, "/phoneNumberIds", "must be an array, not the text"),
        ({"phoneNumberIds": {A: 1}}, "/phoneNumberIds", "must be an array, not an object"),
        ({"phoneNumberIds": [A, 7]}, "/phoneNumberIds/1", "must be a string, not a number"),
        ({"phoneNumberIds": [None]}, "/phoneNumberIds/0", "null"),
        ({"phoneNumberIds": ["pn_01j..."]}, "/phoneNumberIds/0", "pn_14155550101"),
        ({"phoneNumberIds": ["+1 415 555 0102"]}, "/phoneNumberIds/0", "did you mean pn_14155550102"),
        ({"phone_number_ids": ["+14155550102"]}, "/phone_number_ids/0", "did you mean pn_14155550102"),
        ({"phoneNumberIds": ["pn_14155550101#"]}, "/phoneNumberIds/0", "pn_14155550101"),
        ({"phoneNumberIds": ["pn_1415555٠١٠١"]}, "/phoneNumberIds/0", "pn_14155550101"),
        ({"phoneNumberIds": [], "reassign": "yes"}, "/reassign", "must be a boolean"),
        ({"phoneNumberIds": [], "reasign": True}, "/reasign", "did you mean reassign"),
        ({}, "/phoneNumberIds", "is required"),
    ],
)
def test_a_bad_body_is_refused(account: Account, body: dict[str, object], pointer: str, says: str) -> None:
    reply = account.call(
        "assign_phone_numbers", account.new_assistant()["id"], body={"accountSlug": account.slug, **body}
    )
    assert (reply.status, reply.json["details"][0]["field"]) == (400, pointer)
    assert says in reply.json["error"]


def test_more_than_500_numbers_are_refused(account: Account) -> None:
    reply = account.assign(account.new_assistant()["id"], [f"pn_1415555{number:04}" for number in range(501)])
    assert (reply.status, "at most 500" in reply.json["error"]) == (400, True)


def test_the_loser_of_a_race_for_a_number_gets_409_and_loses_nothing(
    account: Account, numbers: list[str], table: Table
) -> None:
    winner, loser = account.new_assistant()["id"], account.new_assistant()["id"]
    account.assign(loser, [C])
    race(table, "TransactWriteItems", lambda: account.assign(winner, [A]))
    assert account.assign(loser, [A, B]).status == 409
    assert (numbers_of(account, winner), numbers_of(account, loser)) == ([A], [C])


def test_reassign_takes_a_number_from_whoever_won_it_in_between(
    account: Account, numbers: list[str], table: Table
) -> None:
    first, second = account.new_assistant()["id"], account.new_assistant()["id"]
    race(table, "TransactWriteItems", lambda: account.assign(first, [A, B]))
    assert account.assign(second, [A], reassign=True).status == 200
    assert (numbers_of(account, first), numbers_of(account, second)) == ([B], [A])


def test_two_assignments_to_one_assistant_end_as_the_later_one(
    account: Account, numbers: list[str], table: Table
) -> None:
    assistant = account.new_assistant()["id"]
    race(table, "TransactWriteItems", lambda: account.assign(assistant, [A, B]))
    assert account.assign(assistant, [B, C]).status == 200
    assert numbers_of(account, assistant) == [B, C]


def test_a_change_of_the_configuration_in_between_is_kept(account: Account, numbers: list[str], table: Table) -> None:
    assistant = account.new_assistant()["id"]
    race(table, "TransactWriteItems", lambda: account.update(assistant, name="Renamed"))
    assert account.assign(assistant, [A]).status == 200
    after = account.get(assistant)
    assert (after["name"], after["phone_number_ids"], account.changes(after["id"])) == ("Renamed", [A], 3)


def test_who_is_refused_or_finds_it_done_in_between_does_not_wait(
    account: Account, numbers: list[str], table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant, other = account.new_assistant()["id"], account.new_assistant()["id"]
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    race(table, "TransactWriteItems", lambda: account.assign(assistant, [A, B]))
    assert account.assign(assistant, [A, B]).status == 200
    assert account.assign(other, [A, C]).status == 409
    assert account.assign(other, ["pn_19999999999"]).status == 404
    assert waits == []
    assert (numbers_of(account, assistant), numbers_of(account, other)) == ([A, B], [])


IDS = st.sampled_from([A, B, C])


@pytest.mark.long
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), st.lists(IDS, max_size=4), st.booleans()), max_size=12))
def test_any_sequence_of_assignments_keeps_one_number_one_assistant(
    account: Account, numbers: list[str], steps: list[tuple[int, list[str], bool]]
) -> None:
    crew = [account.new_assistant("inbound-support")["id"] for _ in range(3)]
    account_numbers: dict[str, str] = {}
    for number in numbers:  # as an example before may have left them
        if holder := account.route(number.replace("pn_", "+")).json["assistant"]:
            account.assign(holder["id"], [])
    for index, wanted, reassign in steps:
        assistant = crew[index]
        taken = any(account_numbers.get(number, assistant) != assistant for number in wanted)
        reply = account.assign(assistant, wanted, reassign=reassign)
        assert reply.status == (409 if taken and not reassign else 200), json.dumps(reply.json)
        if reply.status == 200:
            account_numbers = {n: a for n, a in account_numbers.items() if a != assistant}
            account_numbers |= dict.fromkeys(wanted, assistant)
    for number in numbers:
        routed = account.route(number.replace("pn_", "+")).json
        assert (routed["assistant"] or {"id": None})["id"] == account_numbers.get(number)
        assert routed["phone_number"]["assistant_id"] == account_numbers.get(number)
    for assistant in crew:
        assert numbers_of(account, assistant) == sorted(n for n, a in account_numbers.items() if a == assistant)
