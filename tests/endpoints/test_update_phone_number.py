from typing import Any

import pytest

from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, Reply, race

NUMBER, A, B = "+14155550101", "pn_14155550101", "pn_14155550102"


@pytest.fixture
def number(account: Account) -> str:
    return account.new_number(NUMBER, label="Main line", provider="twilio")


def get(account: Account, number: str = A) -> dict[str, Any]:
    found: dict[str, Any] = account.call("get_phone_number", number).json["phone_number"]
    return found


def update(account: Account, **body: object) -> Reply:
    return account.call("update_phone_number", A, body=body)


@pytest.mark.parametrize(
    "changes",
    [
        {"label": "Night ☾ line"},
        {"status": "suspended"},
        {"label": "x" * 200, "status": "suspended"},
        {"provider": "vonage"},
        {"provider": None},
        {"provider": "x" * 200, "label": None, "status": "suspended"},
    ],
)
def test_what_is_sent_changes_and_nothing_else(account: Account, number: str, changes: dict[str, str | None]) -> None:
    before = get(account)
    reply = update(account, **changes)
    assert (reply.status, reply.json) == (200, {"success": True, "phone_number": {**before, **changes}})
    assert get(account) == {**before, **changes}


def test_the_documented_example_works(account: Account, number: str) -> None:
    changed = account.call("update_phone_number").json["phone_number"]
    assert (changed["label"], changed["status"]) == ("Night line", "suspended")


def test_a_label_of_null_clears_it(account: Account, number: str) -> None:
    reply = update(account, label=None)
    assert (reply.status, reply.json["phone_number"]["label"], get(account)["label"]) == (200, None, None)
    assert update(account, label="Back", status="suspended").json["phone_number"]["label"] == "Back"
    cleared = update(account, label=None, status="active").json["phone_number"]
    assert (cleared["label"], cleared["status"]) == (None, "active")


def test_clearing_a_label_that_is_not_there_writes_nothing(account: Account, calls: list[str]) -> None:
    account.new_number(NUMBER)
    calls.clear()
    assert update(account, label=None).status == 200
    assert calls == ["BatchGetItem"]


def test_a_suspended_number_is_not_routed_until_it_is_active_again(account: Account, number: str) -> None:
    assistant = account.new_assistant("inbound-support")["id"]
    account.assign(assistant, [A])
    update(account, status="suspended")
    routed = account.route(NUMBER).json
    assert (routed["routed"], routed["reason"], routed["assistant"]) == (False, "number_not_active", None)
    assert get(account)["assistant_id"] == assistant
    update(account, status="active")
    assert account.route(NUMBER).json["assistant"]["id"] == assistant


def test_a_suspended_number_cannot_be_assigned(account: Account, number: str) -> None:
    update(account, status="suspended")
    assert account.assign(account.new_assistant()["id"], [A]).code == "phone_number_not_active"


def test_an_assistant_can_keep_and_release_a_number_suspended_meanwhile(account: Account, number: str) -> None:
    assistant = account.new_assistant()["id"]
    account.assign(assistant, [A])
    update(account, status="suspended")
    assert account.assign(assistant, [A, account.new_number("+14155550102")]).status == 200
    assert account.assign(assistant, [B]).status == 200
    assert get(account)["assistant_id"] is None


def test_the_whole_object_comes_back_and_writes_nothing(account: Account, number: str, calls: list[str]) -> None:
    account.assign(account.new_assistant()["id"], [A])
    whole = get(account)
    calls.clear()
    reply = update(account, accountSlug=account.slug, **whole)
    assert (reply.status, reply.json["phone_number"]) == (200, whole)
    assert calls == ["BatchGetItem"]
    assert update(account, **whole | {"label": "Edited"}).json["phone_number"] == whole | {"label": "Edited"}


def test_a_number_without_label_provider_and_assistant_comes_back_whole(account: Account) -> None:
    account.new_number(NUMBER)
    whole = get(account)
    assert update(account, **whole | {"status": "suspended"}).json["phone_number"] == whole | {"status": "suspended"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", B), ("phone_number", "+14155550102"), ("assistant_id", "asst_01jd5xexamp1e0000000000000"),
        ("created_at", "2024-01-15T10:00:00Z"),
    ],
)  # fmt: skip
def test_a_read_only_field_that_differs_is_refused_and_nothing_changes(
    account: Account, number: str, stored: Stored, field: str, value: object
) -> None:
    before = stored.items()
    reply = update(account, label="New", **{field: value})
    assert (reply.status, reply.code) == (400, "read_only_field")
    assert [detail["field"] for detail in reply.json["details"]] == [f"/{field}"]
    assert stored.items() == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("label", ""), ("label", "x" * 201), ("label", 7), ("provider", ""), ("provider", "x" * 201),
        ("provider", 7), ("status", None), ("status", "paused"),
        ("status", "Active"), ("lable", "x"), ("assistantId", None), ("accountSlug", None), ("accountSlug", ""),
    ],
)  # fmt: skip
def test_a_bad_field_is_refused_and_nothing_changes(
    account: Account, number: str, stored: Stored, field: str, value: object
) -> None:
    before = stored.items()
    reply = update(account, **{field: value})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, f"/{field}")
    assert stored.items() == before


def test_the_account_may_be_named_and_must_then_be_the_callers(account: Account, number: str) -> None:
    assert update(account, accountSlug=account.slug, label="x").status == 200
    assert update(account, accountSlug="other-team", label="x").code == "account_mismatch"


def test_a_number_of_nobody_or_of_another_account_is_not_found(
    account: Account, other_account: Account, stored: Stored
) -> None:
    theirs = other_account.new_number("+442071838750")
    before = stored.items()
    for unknown in ("pn_19999999999", theirs):
        assert account.call("update_phone_number", unknown, body={"label": "x"}).code == "phone_number_not_found"
    assert stored.items() == before


def test_a_change_does_not_bring_a_deleted_number_back(
    account: Account, number: str, table: Table, stored: Stored
) -> None:
    def items() -> list[str]:
        keys = [f"{item['PK']['S']} {item['SK']['S']}" for item in stored.items()]
        return [key for key in keys if "NUMBER#" in key]

    assert len(items()) == 2
    race(table, "TransactWriteItems", lambda: account.call("delete_phone_number", A))
    assert update(account, label="x").code == "phone_number_not_found"
    assert items() == []


def test_a_number_suspended_meanwhile_is_not_assigned(account: Account, number: str, table: Table) -> None:
    assistant = account.new_assistant()["id"]
    race(table, "TransactWriteItems", lambda: update(account, status="suspended"))
    assert account.assign(assistant, [A]).code == "phone_number_not_active"
    assert account.get(assistant)["phone_number_ids"] == []


def test_an_assignment_meanwhile_is_kept(account: Account, number: str, table: Table) -> None:
    assistant = account.new_assistant()["id"]
    race(table, "TransactWriteItems", lambda: account.assign(assistant, [A]))
    changed = update(account, label="New").json["phone_number"]
    assert (changed["label"], changed["assistant_id"]) == ("New", assistant)
    assert account.get(assistant)["phone_number_ids"] == [A]
