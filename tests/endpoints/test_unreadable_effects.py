"""Deleting what can't be read puts right what it touched. So can what names something that is gone."""

from typing import Any

import pytest

from assistants_api.storage import keys
from assistants_api.storage.table import Table
from local.proofs.audit import scan, violations
from tests.harness import Account, admin, store_numbers
from tests.poison import A_MAP, poison, remove
from tests.webhooks import NUMBER, answering

ID = "pn_14155550101"


def wrong(table: Table) -> list[str]:
    return list(violations(scan(table.client, table.name)))


def counts(account: Account) -> tuple[int, int]:
    shown = admin("show_account", slug=account.slug)["account"]
    return shown["assistants"], shown["phone_numbers"]


@pytest.fixture
def assistant(account: Account) -> str:
    return answering(account)


# An assistant


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", {"S": "hot"}),
        ("name", None),
        ("phone_number_ids", {"S": ID}),
        ("phone_number_ids", None),
        ("assignments", A_MAP),
        ("version", {"N": "1.5"}),
        ("account_id", {"S": "acct_01jd5xexamp1e0000000000000"}),
        ("id", {"S": "somebody"}),
    ],
    ids=str,
)
def test_an_assistant_is_deleted_with_its_numbers_and_restored_as_of_its_newest_version(
    account: Account, assistant: str, table: Table, name: str, value: Any
) -> None:
    newest = account.update(assistant, temperature=0.3).json["assistant"]
    poison(table, keys.assistant(account.id, assistant), name, value)
    if (name, value) == ("phone_number_ids", None):
        poison(table, keys.assistant(account.id, assistant), "name", None)  # without numbers alone it can be read
    assert account.call("delete_assistant", assistant).status == 200
    assert account.call("get_phone_number", ID).json["phone_number"]["assistant_id"] is None
    assert counts(account) == (0, 1)
    assert wrong(table) == []
    restored = account.call("restore_assistant", assistant).json
    assert restored["assistant"] == {
        **newest,
        "phone_number_ids": [],
        "updated_at": restored["assistant"]["updated_at"],
    }
    assert restored["free_phone_number_ids"] == [ID]
    assert counts(account) == (1, 1)
    assert wrong(table) == []


def test_the_newest_version_that_can_be_read_is_kept(account: Account, assistant: str, table: Table) -> None:
    account.update(assistant, temperature=0.3)
    poison(table, keys.assistant(account.id, assistant), "name")
    poison(table, keys.version(account.id, assistant, "3"), "assistant", {"S": "{"})
    poison(table, keys.version(account.id, assistant, "3"), "compressed", {"B": b"junk"})
    assert account.call("delete_assistant", assistant).status == 200
    assert account.call("restore_assistant", assistant).json["assistant"]["version"] == 2


@pytest.mark.long
@pytest.mark.usefixtures("patience")
def test_more_numbers_than_one_transaction_takes_are_released(account: Account, table: Table) -> None:
    assistant = account.new_assistant()["id"]
    store_numbers(table, account, 230, held=220, holder=assistant)
    poison(table, keys.assistant(account.id, assistant), "name")
    assert account.call("delete_assistant", assistant, query={"dry_run": "true"}).json["dry_run"] is True
    assert account.call("delete_assistant", assistant, headers={"idempotency-key": "1"}).status == 200
    assert {number["assistant_id"] for page in account.pages("list_phone_numbers") for number in page["numbers"]} == {
        None
    }
    assert wrong(table) == []


def test_an_assistant_that_cannot_be_read_needs_attention(account: Account, assistant: str, table: Table) -> None:
    poison(table, keys.assistant(account.id, assistant), "model")
    page = account.call("list_assistants", query={"attention": "true"}).json
    assert (page["count"], page["unreadable"]) == (0, [assistant])


# A number


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", {"S": "gone"}),
        ("created_at", None),
        ("assistant_id", A_MAP),
        ("assistant_id", {"S": "somebody"}),
        ("connection_id", {"S": "somebody"}),
        ("id", {"S": "pn_14155550199"}),
        ("fallback", {"M": {"kind": {"S": "sing"}}}),
    ],
    ids=str,
)
@pytest.mark.parametrize("by", ["its account", "the operator"])
def test_a_number_is_given_up_and_its_assistant_lists_it_no_more(
    account: Account, other_account: Account, assistant: str, table: Table, name: str, value: Any, by: str
) -> None:
    poison(table, keys.phone_number(account.id, ID), name, value)
    if by == "its account":
        assert account.call("delete_phone_number", ID).status == 200
    else:
        freed = admin("free_phone_number", slug=account.slug, phone_number=NUMBER)
        assert freed["phone_number"] == {"id": ID, "phone_number": NUMBER}
    assert account.get(assistant)["phone_number_ids"] == []
    assert other_account.new_number(NUMBER) == ID
    assert counts(account) == (1, 0)
    assert wrong(table) == []


def test_a_number_whose_assistant_is_gone_can_be_assigned_deleted_and_transferred(
    account: Account, other_account: Account, table: Table
) -> None:
    def lost() -> None:
        gone = answering(account)
        remove(table, keys.assistant(account.id, gone))

    lost()
    assert account.assign(account.new_assistant()["id"], [ID]).code == "phone_number_assigned"
    other = account.new_assistant()["id"]
    assert account.assign(other, [ID], reassign=True).status == 200
    assert account.force("delete_phone_number", ID).status == 200
    lost()
    assert account.force("delete_phone_number", ID).status == 200
    lost()
    answer = admin("transfer_phone_number", slug=account.slug, phone_number=NUMBER, to_slug=other_account.slug)
    assert answer["ok"] is True
    assert other_account.call("get_phone_number", ID).status == 200
    assert not any("disagree" in line or ID in line for line in wrong(table))
