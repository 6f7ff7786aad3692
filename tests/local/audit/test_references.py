import pytest

from assistants_api.storage.table import Table
from tests.harness import Account
from tests.local.audit.conftest import NUMBER, change, delete, found, put


def test_a_table_that_the_api_has_written_has_none(account: Account, assistant: str, table: Table) -> None:
    for step in (account.route(NUMBER), account.assign(assistant, []), account.force("delete_assistant", assistant)):
        assert step.status == 200
        assert found(table) == []


def test_an_empty_table_has_none(table: Table) -> None:
    assert found(table) == []


@pytest.mark.usefixtures("assistant")
def test_a_number_without_its_note_of_who_has_it(account: Account, table: Table) -> None:
    delete(table, f"NUMBER#{NUMBER}", "NUMBER")
    fault = "the account has the number, which is not noted as taken by it"
    assert found(table) == [f"NUMBER#{NUMBER} {account.id}: {fault}"]


@pytest.mark.usefixtures("assistant")
def test_a_number_in_two_accounts(account: Account, other_account: Account, table: Table) -> None:
    fields = {"id": "pn_14155550101", "phone_number": NUMBER, "status": "active", "created_at": "2026-01-01T00:00:00Z"}
    put(table, f"ACCOUNT#{other_account.id}", f"NUMBER#{NUMBER}", **fields)
    fault = "the account has the number, which is not noted as taken by it"
    assert found(table) == [f"NUMBER#{NUMBER} {other_account.id}: {fault}"]


def test_a_note_of_a_number_that_the_account_does_not_have(account: Account, table: Table) -> None:
    put(table, f"NUMBER#{NUMBER}", "NUMBER", account_id=account.id)
    assert found(table) == [f"NUMBER#{NUMBER} {account.id}: the account does not have this number"]


def test_a_number_that_names_an_assistant_which_does_not_list_it(
    account: Account, assistant: str, table: Table
) -> None:
    change(table, f"ACCOUNT#{account.id}", f"ASSISTANT#{assistant}", "REMOVE #phone_number_ids")
    assert found(table) == [f"{account.id} {assistant} pn_14155550101: the assistant does not list the number"]


def test_a_number_that_names_an_assistant_which_is_gone(account: Account, assistant: str, table: Table) -> None:
    delete(table, f"ACCOUNT#{account.id}", f"ASSISTANT#{assistant}")
    assert found(table) == [f"{account.id} {assistant} pn_14155550101: the assistant does not list the number"]


def test_an_assistant_that_lists_a_number_which_is_not_its_own(account: Account, assistant: str, table: Table) -> None:
    change(table, f"ACCOUNT#{account.id}", f"NUMBER#{NUMBER}", "REMOVE #assistant_id")
    fault = "the number, which it lists, is not its own"
    assert found(table) == [f"{account.id} {assistant} pn_14155550101: {fault}"]


def test_a_number_that_two_assistants_list(account: Account, assistant: str, table: Table) -> None:
    other = account.new_assistant()["id"]
    numbers = {"SS": ["pn_14155550101"]}
    change(table, f"ACCOUNT#{account.id}", f"ASSISTANT#{other}", "SET #phone_number_ids = :numbers", numbers=numbers)
    assert found(table) == [f"{account.id} {other} pn_14155550101: the number, which it lists, is not its own"]


PINNED = {"L": [{"M": {"version": {"N": "7"}, "weight": {"N": "100"}}}]}


@pytest.mark.usefixtures("assistant")
def test_a_pin_that_the_api_has_written_is_right(account: Account, table: Table) -> None:
    assert account.call("update_phone_number", "pn_14155550101", body={"versions": [{"version": 1}]}).status == 200
    assert found(table) == []


def test_a_pin_to_a_version_that_is_not_there(account: Account, assistant: str, table: Table) -> None:
    change(table, f"ACCOUNT#{account.id}", f"NUMBER#{NUMBER}", "SET #versions = :versions", versions=PINNED)
    pin = f"is pinned to version 7 of {assistant}, which is not there"
    assert found(table) == [f"ACCOUNT#{account.id} pn_14155550101: {pin}"]


def test_a_pin_of_a_number_that_is_free(account: Account, table: Table) -> None:
    account.new_number(NUMBER)
    change(table, f"ACCOUNT#{account.id}", f"NUMBER#{NUMBER}", "SET #versions = :versions", versions=PINNED)
    pin = "is pinned to version 7 of no assistant, which is not there"
    assert found(table) == [f"ACCOUNT#{account.id} pn_14155550101: {pin}"]


def test_more_numbers_than_an_assistant_may_hold(account: Account, assistant: str, table: Table) -> None:
    numbers = {"SS": [f"pn_1415{number:07}" for number in range(501)]}
    change(
        table, f"ACCOUNT#{account.id}", f"ASSISTANT#{assistant}", "SET #phone_number_ids = :numbers", numbers=numbers
    )
    assert f"ACCOUNT#{account.id} ASSISTANT#{assistant}: holds 501 numbers, and 500 is the most" in found(table)


def test_a_slug_that_nobody_has_taken(account: Account, table: Table) -> None:
    delete(table, "SLUG#my-team", "SLUG")
    assert found(table) == [f"SLUG#my-team {account.id}: the slug is not taken by this account"]


def test_a_slug_of_an_account_that_is_gone(account: Account, table: Table) -> None:
    delete(table, f"ACCOUNT#{account.id}", "ACCOUNT")
    assert found(table) == [
        f"ACCOUNT#{account.id}: has items and is no account",
        f"LIST#ACCOUNTS {account.id}: is in the list of accounts and is no account",
        f"SLUG#my-team {account.id}: the account does not have this slug",
    ]
