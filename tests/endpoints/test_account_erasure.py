"""An erasure deletes everything of an account, however often it is killed."""

from collections.abc import Callable
from typing import Any

import pytest

from assistants_api.errors import Unavailable
from assistants_api.storage import account_erasure, keys
from assistants_api.storage.actions import Update
from assistants_api.storage.conditions import EXISTS
from assistants_api.storage.table import Table
from local.proofs.audit import findings, scan, violations
from local.stack.template import Template
from tests.conftest import Stored
from tests.harness import Account, admin, all_items, race, write
from tests.operator import done, refusal
from tests.webhooks import NUMBER, connected, ring, said, send, signed

ID = "pn_14155550101"
CLOSED = ["suspend_account", "resume_account", "rename_account", "set_quotas", "create_api_key", "free_phone_number"]


@pytest.fixture
def connection(account: Account) -> str:
    assistant = account.new_assistant(inbound_enabled=True)["id"]
    account.assign(assistant, [account.new_number(NUMBER)])
    return connected(account)


@pytest.fixture
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """An erasure need not wait for requests."""
    monkeypatch.setattr(account_erasure, "QUIET_SECONDS", -1)


def of_account(stored: Stored, account: Account) -> list[Any]:
    return [item for item in stored.items() if account.id in str(item)]


@pytest.mark.usefixtures("nothing_runs")
def test_an_erased_account_leaves_nothing_behind_and_others_as_they_are(
    full: Account, other_account: Account, table: Table, stored: Stored
) -> None:
    others = [item for item in stored.items() if full.id not in str(item)]
    done("suspend_account", slug=full.slug)
    answer = done("erase_account", slug=full.slug)
    assert (answer["done"], answer["wait_seconds"]) == (True, 0)
    assert answer["erased"].items() >= {
        "API keys": 2, "assistants": 2, "deleted assistants": 1, "versions": 5, "phone numbers": 1,
        "telephony connections": 1, "calls": 1, "answers to calls": 1, "counts of calls": 2,
        "answers under idempotency keys": 1, "counts of requests": 1,
    }.items()  # fmt: skip
    assert "others" not in answer["erased"]
    assert stored.items() == others
    assert full.id not in str(list(scan(table.client, table.name)))
    assert full.call("test_api_key").status == 401
    assert other_account.new_number(NUMBER) == ID
    assert list(violations(scan(table.client, table.name))) == []
    assert refusal("erase_account", slug=full.slug)[0] == "account_not_found"


def test_only_a_suspended_account_is_erased(account: Account, stored: Stored) -> None:
    before = stored.items()
    assert refusal("erase_account", slug=account.slug) == (
        "account_not_suspended",
        "The account my-team is in use; suspend it with suspend_account, then erase it.",
    )
    assert stored.items() == before


def test_an_account_that_is_resumed_meanwhile_is_not_erased(account: Account, table: Table) -> None:
    done("suspend_account", slug=account.slug)
    race(table, "UpdateItem", lambda: done("resume_account", slug=account.slug))
    assert refusal("erase_account", slug=account.slug)[0] == "account_not_suspended"
    assert account.call("test_api_key").status == 200


def test_an_erasure_first_waits_for_what_is_running(account: Account, table: Table, stored: Stored) -> None:
    done("suspend_account", slug=account.slug)
    first = done("erase_account", slug=account.slug)
    assert (first["done"], first["erased"]) == (False, {})
    assert 29 <= first["wait_seconds"] <= 31
    before = stored.items()
    assert done("erase_account", slug=account.slug)["done"] is False
    assert stored.items() == before
    table.update(Update(keys.account(account.id), EXISTS, set={"erasing_since": "2026-01-01T00:00:00Z"}))
    assert done("erase_account", slug=account.slug)["done"] is True


def test_no_function_that_writes_runs_for_longer_than_an_erasure_waits() -> None:
    writing = [function for name, function in Template().functions.items() if name != "CheckRelease"]
    assert max(function.timeout for function in writing) == account_erasure.QUIET_SECONDS


@pytest.mark.parametrize("action", CLOSED)
def test_an_account_that_is_being_erased_is_not_changed(account: Account, stored: Stored, action: str) -> None:
    done("suspend_account", slug=account.slug)
    done("erase_account", slug=account.slug)
    before = stored.items()
    more: dict[str, dict[str, object]] = {
        "rename_account": {"name": "x"},
        "set_quotas": {"max_assistants": 1},
        "create_api_key": {"name": "x", "scopes": ["*"]},
        "free_phone_number": {"phone_number": NUMBER},
    }
    code, error = refusal(action, slug=account.slug, **more.get(action, {}))
    assert (code, error) == (
        "account_erasing",
        "The account my-team is being erased, which nothing can undo; erase_account finishes it.",
    )
    assert account.call("test_api_key").code == "account_suspended"
    assert stored.items() == before


def test_a_call_to_an_account_that_is_being_erased_gets_the_fallback_and_is_not_recorded(
    account: Account, connection: str, stored: Stored
) -> None:
    ring(connection, CallSid="CA1")
    done("suspend_account", slug=account.slug)
    done("erase_account", slug=account.slug)
    before = stored.items()
    assert said(ring(connection)) == "Please call again later."
    ended = {"CallSid": "CA1", "CallStatus": "completed", "CallDuration": "7"}
    assert send(signed(connection, ended, "record_call_status"), "record_call_status").status == 204
    assert stored.items() == before


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.usefixtures("nothing_runs")
def test_an_erasure_that_is_killed_at_any_call_goes_on_where_it_ended(
    full: Account, table: Table, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each invocation is killed behind one call more than the one before, with pages of two items."""
    monkeypatch.setattr(account_erasure, "PAGE", 2)
    others = [item for item in stored.items() if full.id not in str(item)]
    done("suspend_account", slug=full.slug)
    killed = left = 0

    def kill(**_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed

    events = table.client.meta.events
    events.register("after-call.dynamodb", kill)
    for calls_before in range(3, 100):
        left = calls_before
        try:
            if done("erase_account", slug=full.slug)["done"]:
                break
        except Killed:
            killed += 1
            assert not findings(scan(table.client, table.name)).violations
    events.unregister("after-call.dynamodb", kill)
    assert killed > 3
    assert stored.items() == others


WRITES = {"BatchWriteItem", "TransactWriteItems", "UpdateItem"}


@pytest.mark.long
@pytest.mark.usefixtures("nothing_runs")
@pytest.mark.parametrize("when", ["before-call", "after-call"])
def test_an_erasure_can_be_killed_before_and_behind_each_of_its_writes(
    full: Account, table: Table, stored: Stored, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """One erasure for each write, which is killed there; the next invocation does the rest."""
    monkeypatch.setattr(account_erasure, "PAGE", 2)
    done("suspend_account", slug=full.slug)
    before = list(all_items(table.client, table.name))
    others = [item for item in stored.items() if full.id not in str(item)]
    writes_left = 0

    def kill(model: Any, **_: object) -> None:
        nonlocal writes_left
        writes_left -= model.name in WRITES
        if model.name in WRITES and writes_left == 0:
            raise Killed

    for number in range(1, 100):
        write(table.client, table.name, [{"PutRequest": {"Item": item}} for item in before])
        writes_left = number
        table.client.meta.events.register(f"{when}.dynamodb", kill)
        try:
            is_done = done("erase_account", slug=full.slug)["done"]
        except Killed:
            is_done = False
        table.client.meta.events.unregister(f"{when}.dynamodb", kill)
        assert not findings(scan(table.client, table.name)).violations
        answer = admin("erase_account", slug=full.slug)
        assert answer.get("code") == "account_not_found" or answer["done"]
        assert stored.items() == others
        if is_done:
            break
    assert number > 10


@pytest.mark.usefixtures("nothing_runs")
def test_an_erasure_holds_no_more_than_the_keys_of_a_page(full: Account, table: Table) -> None:
    queries = list[Any]()
    events = table.client.meta.events
    events.register("before-parameter-build.dynamodb.Query", lambda params, **_: queries.append(params))
    done("suspend_account", slug=full.slug)
    assert done("erase_account", slug=full.slug)["done"] is True
    assert {(query["ProjectionExpression"], query["Limit"]) for query in queries} == {
        ("#PK, #SK", account_erasure.PAGE + 1)
    }


@pytest.mark.usefixtures("nothing_runs")
def test_an_erasure_without_time_reports_what_it_did_and_goes_on(
    full: Account, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_erasure, "MAX_SECONDS", -1)
    monkeypatch.setattr(account_erasure, "PAGE", 3)
    done("suspend_account", slug=full.slug)
    erased = list[int]()
    for _ in range(100):
        answer = done("erase_account", slug=full.slug)
        erased.append(sum(answer["erased"].values()))
        if answer["done"]:
            break
    assert max(erased) == 3
    assert len(erased) > 5
    assert of_account(stored, full) == []


@pytest.mark.usefixtures("nothing_runs")
def test_an_erasure_that_the_database_stops_reports_what_it_did(
    full: Account, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_erasure, "PAGE", 3)
    done("suspend_account", slug=full.slug)
    deleted: Callable[..., None] = Table.delete_many
    pages_left = [1]

    def delete_some(self: Table, keys: Any) -> None:
        if not pages_left:
            raise Unavailable("ThrottlingException")
        pages_left.pop()
        deleted(self, keys)

    monkeypatch.setattr(Table, "delete_many", delete_some)
    answer = done("erase_account", slug=full.slug)
    assert (answer["done"], sum(answer["erased"].values()), answer["wait_seconds"]) == (False, 3, 1)
    assert refusal("erase_account", slug=full.slug)[0] == "unavailable"


@pytest.mark.usefixtures("nothing_runs")
def test_a_number_that_another_account_has_stays_its_own(
    account: Account, other_account: Account, table: Table, stored: Stored
) -> None:
    account.new_number(NUMBER)
    other_account.new_number("+14155550199")
    table.update(Update(keys.phone_number_taken(ID), EXISTS, set={"account_id": other_account.id}))
    done("suspend_account", slug=account.slug)
    assert done("erase_account", slug=account.slug)["done"] is True
    assert of_account(stored, account) == []
    assert [item["account_id"]["S"] for item in stored.items() if item["PK"]["S"] == f"NUMBER#{NUMBER}"] == [
        other_account.id
    ]
