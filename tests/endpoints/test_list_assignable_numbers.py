import json
from typing import Any

import pytest

from assistants_api.storage.table import Table
from tests.harness import Account, store_numbers

FREE, OWN, OTHERS, SUSPENDED, OWN_SUSPENDED = (f"pn_1415555010{digit}" for digit in range(1, 6))


@pytest.fixture
def assistant(account: Account, other_account: Account) -> str:
    """An assistant beside another, with a number in every state."""
    mine, other = account.new_assistant()["id"], account.new_assistant()["id"]
    for number in (FREE, OWN, OTHERS, SUSPENDED, OWN_SUSPENDED):
        account.new_number(number.replace("pn_", "+"))
    other_account.new_number("+14155550100")
    account.assign(mine, [OWN, OWN_SUSPENDED])
    account.assign(other, [OTHERS])
    for number in (SUSPENDED, OWN_SUSPENDED):
        account.call("update_phone_number", number, body={"status": "suspended"})
    return str(mine)


def ids(page: Any) -> list[str]:
    return [number["id"] for number in page["numbers"]]


def test_the_assistants_own_numbers_and_the_active_free_ones_are_listed_with_their_status(
    account: Account, assistant: str
) -> None:
    reply = account.call("list_assignable_numbers", assistant)
    numbers = {number["id"]: number for number in account.call("list_phone_numbers").json["numbers"]}
    assert (reply.status, reply.json) == (
        200,
        {
            "success": True,
            "numbers": [numbers[FREE], numbers[OWN], numbers[OWN_SUSPENDED]],
            "count": 3,
            "limit": 10_000,
            "next_cursor": None,
        },
    )
    assert [number["status"] for number in reply.json["numbers"]] == ["active", "active", "suspended"]


def test_all_that_is_listed_can_be_assigned(account: Account, assistant: str) -> None:
    listed = ids(account.call("list_assignable_numbers", assistant).json)
    assert listed == [FREE, OWN, OWN_SUSPENDED]
    assert account.assign(assistant, listed).status == 200


def test_a_number_is_listed_as_soon_as_it_is_free(account: Account, assistant: str) -> None:
    holder = account.call("get_phone_number", OTHERS).json["phone_number"]["assistant_id"]
    account.assign(holder, [])
    assert ids(account.call("list_assignable_numbers", assistant).json) == [FREE, OWN, OTHERS, OWN_SUSPENDED]


def test_who_reads_all_and_replaces_by_what_is_its_own_loses_none(account: Account, assistant: str) -> None:
    before = account.get(assistant)
    listed = account.call("list_assignable_numbers", assistant).json["numbers"]
    own = [number["id"] for number in listed if number["assistant_id"] == assistant]
    assert account.assign(assistant, own).status == 200
    assert account.get(assistant) == before


@pytest.mark.usefixtures("patience")
def test_500_numbers_of_its_own_fit_into_one_page_among_free_ones(account: Account, table: Table) -> None:
    assistant = account.new_assistant()["id"]
    numbers = store_numbers(table, account, 700, 500, assistant)
    page = account.call("list_assignable_numbers", assistant).json
    assert (ids(page), page["count"], page["next_cursor"]) == (numbers, 700, None)


@pytest.mark.usefixtures("patience")
def test_a_page_that_a_response_cannot_hold_ends_early(
    account: Account, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant = account.new_assistant()["id"]
    numbers = store_numbers(table, account, 60)
    monkeypatch.setattr("assistants_api.storage.pages.MAX_RESPONSE_BYTES", 10_000)
    pages = list(account.pages("list_assignable_numbers", assistant))
    assert [number for page in pages for number in ids(page)] == numbers
    assert len(pages) > 1
    assert all(len(json.dumps(page["numbers"])) < 10_000 for page in pages)


@pytest.mark.parametrize("limit", ["1", "2", "3", "100"])
def test_the_few_that_can_be_assigned_fill_their_pages(account: Account, limit: str) -> None:
    assistant, other = account.new_assistant()["id"], account.new_assistant()["id"]
    numbers = [account.new_number(f"+141555502{number:02}") for number in range(20)]
    account.assign(other, [number for position, number in enumerate(numbers) if position % 6])
    pages = list(account.pages("list_assignable_numbers", assistant, limit=limit))
    assert [number for page in pages for number in ids(page)] == numbers[::6]
    assert len(pages) == -(-4 // int(limit))
    assert all(page["count"] == len(page["numbers"]) for page in pages)


def test_an_account_without_numbers_gets_an_empty_page(account: Account) -> None:
    page = account.call("list_assignable_numbers", account.new_assistant()["id"]).json
    assert (page["numbers"], page["count"], page["next_cursor"]) == ([], 0, None)


def test_an_assistant_of_nobody_or_of_another_account_is_not_found(account: Account, other_account: Account) -> None:
    for assistant in ("asst_01jd5xexamp1e0000000000000", other_account.new_assistant()["id"]):
        reply = account.call("list_assignable_numbers", assistant)
        assert (reply.status, reply.code) == (404, "assistant_not_found")


def test_a_cursor_of_another_list_or_assistant_is_refused(account: Account, assistant: str) -> None:
    cursor = account.call("list_assignable_numbers", assistant, query={"limit": "1"}).json["next_cursor"]
    everything = account.call("list_phone_numbers", query={"limit": "1"}).json["next_cursor"]
    another = account.new_assistant()["id"]
    for function, path, foreign in [
        ("list_assignable_numbers", [another], cursor),
        ("list_assignable_numbers", [assistant], everything),
        ("list_phone_numbers", [], cursor),
    ]:
        reply = account.call(function, *path, query={"cursor": foreign})
        assert (reply.status, reply.code) == (400, "invalid_cursor")
    assert ids(account.call("list_assignable_numbers", assistant, query={"cursor": cursor}).json) == [
        OWN,
        OWN_SUSPENDED,
    ]


@pytest.mark.parametrize(("parameter", "value"), [("limit", "0"), ("limit", "10001"), ("limit", "x"), ("status", "x")])
def test_a_bad_parameter_is_refused_by_name(account: Account, assistant: str, parameter: str, value: str) -> None:
    reply = account.call("list_assignable_numbers", assistant, query={parameter: value})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, f"?{parameter}")
