"""An assistant that was deleted comes back as it was, for 30 days."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from assistants_api.storage import keys
from assistants_api.storage.actions import Update
from assistants_api.storage.conditions import EXISTS
from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.endpoints.test_delete_assistant import held_numbers, with_numbers
from tests.faults.injection import injected, lost_reply
from tests.harness import Account, Reply, new_key, race

A, B = "pn_14155550101", "pn_14155550102"


@pytest.fixture
def numbers(account: Account) -> list[str]:
    return [account.new_number(f"+1415555010{digit}") for digit in (1, 2)]


@pytest.fixture
def assistant(account: Account, numbers: list[str]) -> dict[str, Any]:
    """One with a history and two numbers, before it was deleted."""
    made = account.new_assistant("inbound-support", temperature=0.1)
    account.assign(made["id"], numbers)
    shown = account.get(made["id"])
    assert account.force("delete_assistant", made["id"]).status == 200
    return shown


def restore(account: Account, assistant: str, **headers: str) -> Reply:
    return account.call("restore_assistant", assistant, body={}, headers=headers)


def deleted(account: Account, **query: str) -> list[dict[str, Any]]:
    pages = account.pages("list_assistants", deleted="true", **query)
    return [each for page in pages for each in page["assistants"]]


def ids(listed: list[dict[str, Any]]) -> list[str]:
    return [each["id"] for each in listed]


def expire(table: Table, account: Account, assistant: str) -> None:
    """Its time is over, and TTL has not come by yet."""
    past = int(datetime.now().timestamp()) - 1
    table.update(Update(keys.deleted_assistant(account.id, assistant), EXISTS, set={"ttl": past}))


def history(account: Account, assistant: str) -> list[Any]:
    return [version for page in account.pages("list_versions", assistant) for version in page["versions"]]


# Restored


def test_it_has_the_configuration_and_the_version_that_it_had(account: Account, assistant: dict[str, Any]) -> None:
    reply = account.call("restore_assistant", assistant["id"], body={"accountSlug": "my-team"})
    after = reply.json["assistant"]
    assert reply.status == 200
    assert after == assistant | {"phone_number_ids": [], "updated_at": after["updated_at"]}
    assert account.get(assistant["id"]) == after
    assert ids(account.call("list_assistants").json["assistants"]) == [assistant["id"]]
    assert deleted(account) == []


def test_its_history_goes_on_without_a_gap(account: Account, assistant: dict[str, Any]) -> None:
    restore(account, assistant["id"])
    assert [it["version"] for it in history(account, assistant["id"])] == [2, 1]
    assert account.update(assistant["id"], temperature=0.2).json["assistant"]["version"] == 3
    assert account.call("restore_version", assistant["id"], "1", body={}).status == 200
    assert [it["version"] for it in history(account, assistant["id"])] == [4, 3, 2, 1]


def test_its_etag_is_none_that_it_had_before(account: Account) -> None:
    assistant, seen = account.new_assistant()["id"], set[str]()
    for _ in range(3):
        seen.add(account.call("get_assistant", assistant).headers["etag"])
        account.call("delete_assistant", assistant)
        assert restore(account, assistant).headers["etag"] not in seen


def test_it_tells_what_is_wrong_with_its_prompts(account: Account) -> None:
    assistant = account.new_assistant("custom", system_prompt="{{contact.fist_name}}")["id"]
    account.call("delete_assistant", assistant)
    assert "unknown_variable" in [it["code"] for it in restore(account, assistant).json["warnings"]]


# Its numbers


def test_it_holds_no_numbers_and_is_told_those_that_are_free(account: Account, assistant: dict[str, Any]) -> None:
    reply = restore(account, assistant["id"])
    assert (reply.json["free_phone_number_ids"], held_numbers(account)) == ([A, B], {})
    assert account.assign(assistant["id"], reply.json["free_phone_number_ids"]).status == 200
    assert account.get(assistant["id"])["phone_number_ids"] == [A, B]


@pytest.mark.parametrize(
    "lose",
    [
        lambda account: account.assign(account.new_assistant()["id"], [A]),
        lambda account: account.call("update_phone_number", A, body={"status": "suspended"}),
        lambda account: account.call("delete_phone_number", A),
    ],
    ids=["assigned", "suspended", "given up"],
)
def test_a_number_that_cannot_be_assigned_now_is_not_offered(
    account: Account, assistant: dict[str, Any], lose: Callable[[Account], Reply]
) -> None:
    assert lose(account).status == 200
    assert restore(account, assistant["id"]).json["free_phone_number_ids"] == [B]


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("count", [98, 99, pytest.param(250, marks=pytest.mark.long)])
def test_all_numbers_are_offered_that_the_deletion_released_in_however_many_steps(
    account: Account, table: Table, calls: list[str], count: int
) -> None:
    assistant = with_numbers(table, account, count)
    held = account.get(assistant)["phone_number_ids"]
    account.force("delete_assistant", assistant)
    assert deleted(account)[0]["phone_number_ids"] == held
    calls.clear()
    assert restore(account, assistant).json["free_phone_number_ids"] == held
    reads = -(-count // 100)
    assert sorted(calls) == ["BatchGetItem"] * (1 + reads) + ["TransactWriteItems"]


def test_the_numbers_are_read_while_it_is_put_back(account: Account, assistant: dict[str, Any], table: Table) -> None:
    """Each of the two calls waits for the other one to begin: one after the other they would never meet."""
    both, begun = Barrier(2, timeout=10), list[str]()

    def meet(model: Any, **_: object) -> None:
        begun.append(model.name)
        if begun.count(model.name) == {"BatchGetItem": 2, "TransactWriteItems": 1}.get(model.name):
            both.wait()

    table.client.meta.events.register("before-call.dynamodb", meet)
    assert restore(account, assistant["id"]).json["free_phone_number_ids"] == [A, B]


# The list of what was deleted


def test_the_list_shows_what_was_deleted_when_by_whom_and_until_when(account: Account) -> None:
    assistant, remover = account.new_assistant(), new_key(account.slug, account.id, name="Cleaner")
    remover.call("delete_assistant", assistant["id"])
    (shown,) = deleted(account)
    assert shown.items() >= assistant.items()
    assert shown["deleted_by"] == {"id": remover.key_id, "name": "Cleaner"}
    days = datetime.fromisoformat(shown["restorable_until"]) - datetime.fromisoformat(shown["deleted_at"])
    assert days == timedelta(days=30)
    assert shown.keys() - assistant.keys() == {"deleted_at", "deleted_by", "restorable_until"}
    assert account.call("list_assistants").json["assistants"] == []


def test_the_list_is_paged_newest_first_and_takes_the_filters(account: Account) -> None:
    made = [account.new_assistant(template, name)["id"] for template in ("custom", "follow-up") for name in ("Ä", "B")]
    for assistant in made:
        account.call("delete_assistant", assistant)
    account.new_assistant("custom", "Ä")
    for limit in ("1", "3", "100"):
        assert ids(deleted(account, limit=limit)) == made[::-1]
    assert ids(deleted(account, type="custom")) == [made[1], made[0]]
    assert ids(deleted(account, name="ä")) == [made[2], made[0]]
    assert ids(deleted(account, type="follow-up", name="b", inbound_enabled="true")) == []


def test_a_cursor_of_one_list_is_not_one_of_the_other(account: Account) -> None:
    for _ in range(3):
        account.call("delete_assistant", account.new_assistant()["id"])
        account.new_assistant()
    for one, other in (("true", "false"), ("false", "true")):
        cursor = account.call("list_assistants", query={"limit": "1", "deleted": one}).json["next_cursor"]
        reply = account.call("list_assistants", query={"cursor": cursor, "deleted": other})
        assert (reply.status, reply.code) == (400, "invalid_cursor")


def test_what_can_be_restored_is_found_nowhere_else(account: Account, assistant: dict[str, Any]) -> None:
    for function, *path in (
        ("get_assistant",), ("update_assistant",), ("delete_assistant",), ("clone_assistant",), ("render_assistant",),
        ("list_versions",), ("get_version", "1"), ("restore_version", "1"), ("assign_phone_numbers",),
        ("list_assignable_numbers",),
    ):  # fmt: skip
        reply = account.call(function, assistant["id"], *path)
        assert (reply.status, reply.code) == (404, "assistant_not_found"), function
    assert account.route("+14155550101").json["reason"] == "unassigned"


# What can't be restored


def test_what_was_not_deleted_is_not_found(account: Account, other_account: Account, stored: Stored) -> None:
    theirs, live = other_account.new_assistant()["id"], account.new_assistant()["id"]
    other_account.call("delete_assistant", theirs)
    before = stored.items()
    for assistant in (theirs, live, "asst_01jd5xexamp1e0000000000000"):
        reply = restore(account, assistant)
        assert (reply.status, reply.code) == (404, "deleted_assistant_not_found")
    assert stored.items() == before


def test_after_its_time_it_is_gone_though_ttl_is_late(
    account: Account, assistant: dict[str, Any], table: Table, stored: Stored
) -> None:
    expire(table, account, assistant["id"])
    before = stored.items()
    reply = restore(account, assistant["id"])
    assert (reply.status, reply.code) == (404, "deleted_assistant_not_found")
    assert (deleted(account), deleted(account, type="inbound-support")) == ([], [])
    assert stored.items() == before


def test_a_second_restore_finds_nothing_to_restore(account: Account, assistant: dict[str, Any]) -> None:
    assert [restore(account, assistant["id"]).status for _ in range(2)] == [200, 404]
    assert account.call("get_assistant", assistant["id"]).status == 200


def test_an_account_that_is_full_is_told_so(
    account: Account, assistant: dict[str, Any], stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is deleted doesn't count."""
    monkeypatch.setenv("MAX_ASSISTANTS", "1")
    other = account.new_assistant()["id"]
    before = stored.items()
    reply = restore(account, assistant["id"])
    assert (reply.status, reply.code) == (409, "maximum_reached")
    assert stored.items() == before
    account.call("delete_assistant", other)
    assert restore(account, assistant["id"]).status == 200


def test_the_etag_from_before_the_deletion_restores_just_that(account: Account) -> None:
    assistant = account.new_assistant()["id"]
    stale = account.call("get_assistant", assistant).headers["etag"]
    account.update(assistant, name="New")
    etag = account.call("get_assistant", assistant).headers["etag"]
    account.call("delete_assistant", assistant)
    assert restore(account, assistant, **{"if-match": stale}).code == "precondition_failed"
    assert restore(account, assistant, **{"if-match": etag}).status == 200


# Races


def test_what_is_kept_is_the_assistant_as_the_last_change_left_it(account: Account, table: Table) -> None:
    assistant = account.new_assistant()["id"]
    race(table, "TransactWriteItems", lambda: account.update(assistant, name="Theirs"))
    assert account.call("delete_assistant", assistant).status == 200
    after = restore(account, assistant).json["assistant"]
    assert (after["name"], after["version"]) == ("Theirs", 2)
    assert [it["version"] for it in history(account, assistant)] == [2, 1]


def test_of_two_restores_at_once_one_finds_nothing_to_restore(
    account: Account, assistant: dict[str, Any], table: Table
) -> None:
    replies = list[Reply]()
    race(table, "TransactWriteItems", lambda: replies.append(restore(account, assistant["id"])))
    replies.append(restore(account, assistant["id"]))
    assert [reply.status for reply in replies] == [200, 404]
    assert account.get(assistant["id"]) == replies[0].json["assistant"]


def test_a_restore_undoes_the_deletion_that_stands(account: Account, assistant: dict[str, Any], table: Table) -> None:
    def again() -> None:
        restore(account, assistant["id"])
        account.update(assistant["id"], name="Newer")
        account.assign(assistant["id"], [B])
        account.force("delete_assistant", assistant["id"])

    race(table, "TransactWriteItems", again)
    reply = restore(account, assistant["id"])
    assert (reply.status, reply.json["free_phone_number_ids"]) == (200, [B])
    assert (reply.json["assistant"]["name"], reply.json["assistant"]["version"]) == ("Newer", 3)
    assert account.get(assistant["id"]) == reply.json["assistant"]


def test_a_deletion_that_began_before_another_one_leaves_what_was_restored_after_both(
    account: Account, table: Table
) -> None:
    assistant = account.new_assistant()["id"]
    race(table, "TransactWriteItems", lambda: account.call("delete_assistant", assistant))
    assert account.call("delete_assistant", assistant).status == 200
    assert restore(account, assistant).status == 200


def test_what_ttl_removes_meanwhile_is_not_found(account: Account, assistant: dict[str, Any], table: Table) -> None:
    key = {"PK": {"S": f"ACCOUNT#{account.id}"}, "SK": {"S": f"DELETED#{assistant['id']}"}}
    race(table, "TransactWriteItems", lambda: table.client.delete_item(TableName=table.name, Key=key))
    reply = restore(account, assistant["id"])
    assert (reply.status, reply.code) == (404, "deleted_assistant_not_found")
    assert account.call("get_assistant", assistant["id"]).status == 404


def test_a_restore_whose_answer_was_lost_is_done_once(
    account: Account, assistant: dict[str, Any], table: Table, stored: Stored
) -> None:
    with injected(table.client, lost_reply(), 1, "TransactWriteItems") as injection:
        reply = restore(account, assistant["id"])
    assert len(injection.sent) == 2
    assert (reply.status, account.get(assistant["id"])) == (200, reply.json["assistant"])
    count = table.read([keys.account(account.id)])[keys.account(account.id)]
    assert count
    assert count["assistants"] == 1
