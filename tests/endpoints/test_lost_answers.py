"""The write took effect and its answer was lost: botocore sends it again, and the caller sees the true outcome."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from assistants.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, Reply, admin, counts_a_request

A, B = "pn_14155550101", "pn_14155550102"


@pytest.fixture
def lose_answer(table: Table) -> Callable[[str], list[str]]:
    """Makes the answer of the next such request be lost; the list tells which requests were sent again."""

    def lose(operation: str) -> list[str]:
        sent_again: list[str] = []

        def again(request_dict: Mapping[str, Any], **_: object) -> int | None:
            if counts_a_request(request_dict):
                return None
            sent_again.append(operation)
            return 0 if len(sent_again) == 1 else None

        table.client.meta.events.register_first(f"needs-retry.dynamodb.{operation}", again)  # type: ignore[arg-type]
        return sent_again

    return lose


Lose = Callable[[str], list[str]]


def test_one_assistant_is_created(account: Account, lose_answer: Lose, stored: Stored) -> None:
    attempts = lose_answer("PutItem")
    created = account.call("create_assistant").json["assistant"]
    assert len(attempts) == 2
    assert [item["id"]["S"] for item in stored.items() if item["SK"]["S"].startswith("ASSISTANT#")] == [created["id"]]


def test_a_change_counts_once(account: Account, lose_answer: Lose) -> None:
    assistant = account.new_assistant()["id"]
    attempts = lose_answer("UpdateItem")
    reply = account.update(assistant, name="New")
    assert len(attempts) == 2
    assert (reply.status, reply.json["assistant"]["version"]) == (200, 2)
    assert reply.json["assistant"] == account.get(assistant)


def test_a_change_with_if_match_does_not_fail_its_own_precondition(account: Account, lose_answer: Lose) -> None:
    assistant = account.new_assistant()["id"]
    lose_answer("UpdateItem")
    reply = account.update(assistant, {"if-match": '"1"'}, name="New")
    assert (reply.status, reply.json["assistant"]["version"]) == (200, 2)


@pytest.mark.parametrize("reassign", [False, True])
def test_an_assignment_counts_once(account: Account, lose_answer: Lose, reassign: bool) -> None:
    holder, assistant = account.new_assistant()["id"], account.new_assistant()["id"]
    account.assign(holder, [account.new_number("+14155550101")] if reassign else [])
    account.assign(assistant, [account.new_number("+14155550102")])
    account.new_number("+14155550101")
    attempts = lose_answer("TransactWriteItems")
    assert account.assign(assistant, [A], reassign=reassign).status == 200
    assert len(attempts) == 2
    after = account.get(assistant)
    assert (after["phone_number_ids"], after["version"]) == ([A], 3)
    assert account.get(holder)["phone_number_ids"] == []


def test_an_import_answers_the_number(account: Account, lose_answer: Lose) -> None:
    attempts = lose_answer("TransactWriteItems")
    reply: Reply = account.call("import_phone_number")
    assert len(attempts) == 2
    assert (reply.status, reply.json["phone_number"]["id"]) == (200, A)


def test_a_new_account_does_not_find_its_slug_taken_by_itself(table: Table, lose_answer: Lose) -> None:
    attempts = lose_answer("TransactWriteItems")
    assert admin("create_account", slug="my-team", name="My Team")["ok"] is True
    assert len(attempts) == 2


def test_a_new_key_works(account: Account, lose_answer: Lose) -> None:
    attempts = lose_answer("PutItem")
    created = admin("create_api_key", slug="my-team", name="x", environment="live", scopes=["*"])
    assert len(attempts) == 2
    assert Account("my-team", account.id, created["full_key"]).call("list_phone_numbers").status == 200
