"""An account's whole life, as the operator leads it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from assistants_api.errors import Unavailable
from assistants_api.models.account import COUNTABLES
from assistants_api.storage import account_erasure, account_export, keys
from assistants_api.storage.actions import Update
from assistants_api.storage.conditions import EXISTS
from assistants_api.storage.table import Table
from local.proofs.audit import findings, scan, violations
from local.stack.template import Template
from tests.catalogue import ENDPOINTS, Function
from tests.conftest import Stored
from tests.endpoints.conftest import CallOnExisting
from tests.harness import Account, admin, new_account, new_key, race
from tests.webhooks import CALL_ID, NUMBER, connected, ring, said, send, signed, stream

ID = "pn_14155550101"
NAMED = ["show_account", "suspend_account", "resume_account", "export_account", "erase_account", "list_api_keys"]
CLOSED = ["suspend_account", "resume_account", "rename_account", "set_quotas", "create_api_key", "free_phone_number"]


def done(action: str, **payload: object) -> Any:
    answer = admin(action, **payload)
    assert answer["ok"] is True, answer
    return answer


def refusal(action: str, **payload: object) -> tuple[str, str]:
    answer = admin(action, **payload)
    assert answer["ok"] is False
    return answer["code"], answer["error"]


def shown(account: Account) -> Any:
    return done("show_account", slug=account.slug)["account"]


def pages(action: str, **payload: object) -> Iterator[Any]:
    for _ in range(1_000):
        page = done(action, **payload)
        yield page
        if page["next_cursor"] is None:
            return
        payload["cursor"] = page["next_cursor"]
    raise AssertionError("The pages have no end.")


@pytest.fixture
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """An erasure need not wait for requests."""
    monkeypatch.setattr(account_erasure, "QUIET_SECONDS", -1)


# List and show


def test_accounts_are_listed_by_their_age_page_by_page(account: Account, other_account: Account) -> None:
    third = new_account("third")
    listed = list(pages("list_accounts", limit=2))
    assert [[each["slug"] for each in page["accounts"]] for page in listed] == [
        [account.slug, other_account.slug],
        [third.slug],
    ]


def test_an_account_is_shown_with_its_maxima_and_the_requests_of_this_hour(account: Account) -> None:
    limited = new_key(account.slug, account.id, rate_limit_per_hour=100)
    for _ in range(3):
        limited.call("list_assistants")
    answer = done("show_account", slug=account.slug)
    assert answer["account"].items() >= {"id": account.id, "api_keys": 2, "suspended_at": None}.items()
    assert answer["maxima"] == {
        "api_keys": 100, "assistants": 10_000, "phone_numbers": 5_000, "telephony_connections": 100,
    }  # fmt: skip
    requests = {key["id"]: key["requests_this_hour"] for key in answer["api_keys"]}
    assert requests == {account.key_id: None, limited.key_id: 3}


@pytest.mark.parametrize("action", NAMED)
def test_an_account_that_is_not_there_is_named(table: Table, action: str) -> None:
    assert refusal(action, slug="nobody") == (
        "account_not_found",
        "There is no account nobody; check the slug, or create the account first.",
    )


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        ({"action": "list_accounts", "limit": 101}, "limit: must be at most 100."),
        ({"action": "list_accounts", "cursor": "x"}, "cursor: must be the next_cursor of the page before"),
        ({"action": "rename_account", "slug": "my-team"}, "Send at least one of new_slug, name."),
        (
            {"action": "rename_account", "slug": "my-team", "new_slug": "My Team"},
            "new_slug: must be 1 to 63 lower-case",
        ),
        ({"action": "set_quotas", "slug": "my-team"}, "Send at least one of max_api_keys, max_assistants,"),
        ({"action": "set_quotas", "slug": "my-team", "max_assistants": -1}, "max_assistants: must be at least 0."),
        ({"action": "set_quotas", "slug": "my-team", "assistants": 1}, "did you mean max_assistants"),
        ({"action": "free_phone_number", "slug": "my-team", "phone_number": "4155550101"}, "E.164"),
        (
            {"action": "transfer_phone_number", "slug": "a", "to_slug": "a", "phone_number": NUMBER},
            "slug and to_slug are the same",
        ),
        ({"action": "export_account", "slug": "my-team", "cursor": "x"}, "start again without it"),
    ],
)
def test_what_is_wrong_with_a_payload_is_said(account: Account, payload: dict[str, Any], says: str) -> None:
    code, error = refusal(**payload)
    assert code in ("invalid_request", "invalid_cursor")
    assert says in error


# Suspend and resume


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_endpoint_refuses_a_suspended_account_and_counts_nothing(
    account: Account, call_on_existing: CallOnExisting, calls: list[str], stored: Stored, endpoint: Function
) -> None:
    suspended = done("suspend_account", slug=account.slug)["account"]
    assert suspended["suspended_at"]
    before = stored.items()
    calls.clear()
    reply = call_on_existing(endpoint)
    assert (reply.status, reply.code) == (403, "account_suspended")
    assert reply.json["error"].startswith("The account of this API key is suspended; ask the operator")
    assert calls == ["BatchGetItem"]
    assert stored.items() == before


def test_a_suspended_account_works_again_from_the_next_request_on(account: Account, other_account: Account) -> None:
    done("suspend_account", slug=account.slug)
    assert account.call("test_api_key").status == 403
    assert other_account.call("test_api_key").status == 200
    assert done("resume_account", slug=account.slug)["account"]["suspended_at"] is None
    assert account.call("test_api_key").status == 200


def test_suspending_and_resuming_twice_changes_nothing_more(account: Account, stored: Stored) -> None:
    for action in ("suspend_account", "resume_account"):
        first = done(action, slug=account.slug)
        before = stored.items()
        assert done(action, slug=account.slug) == first
        assert stored.items() == before


def test_a_key_that_does_not_work_learns_nothing_of_the_suspension(account: Account) -> None:
    other = new_key(account.slug, account.id)
    admin("revoke_api_key", slug=account.slug, id=other.key_id)
    done("suspend_account", slug=account.slug)
    assert other.call("test_api_key").status == 401


@pytest.fixture
def connection(account: Account) -> str:
    assistant = account.new_assistant(inbound_enabled=True)["id"]
    account.assign(assistant, [account.new_number(NUMBER)])
    return connected(account)


def test_a_call_to_a_suspended_account_gets_the_fallback_and_is_recorded(account: Account, connection: str) -> None:
    done("suspend_account", slug=account.slug)
    assert said(ring(connection)) == "Please call again later."
    done("resume_account", slug=account.slug)
    (call,) = account.call("list_calls").json["calls"]
    assert (call["reason"], call["assistant_id"]) == ("account_suspended", None)


def test_a_call_that_was_decided_before_gets_the_fallback_too(account: Account, connection: str) -> None:
    stream(ring(connection))
    done("suspend_account", slug=account.slug)
    assert said(ring(connection)) == "Please call again later."


def test_whoever_answers_a_call_is_told_nothing_of_a_suspended_account(account: Account, connection: str) -> None:
    url, _ = stream(ring(connection))
    done("suspend_account", slug=account.slug)
    caller = Account(account.slug, account.id, url.rpartition("/")[2])
    reply = caller.call("get_call", CALL_ID)
    assert (reply.status, reply.code) == (403, "account_suspended")


def test_the_end_of_a_call_to_a_suspended_account_is_recorded(account: Account, connection: str) -> None:
    ring(connection)
    done("suspend_account", slug=account.slug)
    ended = {"CallSid": CALL_ID, "CallStatus": "completed", "CallDuration": "7"}
    assert send(signed(connection, ended, "record_call_status"), "record_call_status").status == 204
    done("resume_account", slug=account.slug)
    (call,) = account.call("list_calls").json["calls"]
    assert (call["status"], call["duration_seconds"]) == ("completed", 7)


# Rename


def test_a_renamed_account_keeps_its_keys_and_frees_its_slug(account: Account, table: Table) -> None:
    made = account.new_assistant()["id"]
    renamed = done("rename_account", slug=account.slug, new_slug="our-team", name="Our Team")["account"]
    assert renamed.items() >= {"id": account.id, "slug": "our-team", "name": "Our Team"}.items()
    assert account.call("test_api_key").json["account_slug"] == "our-team"
    old, new = (account.call("get_assistant", made, query={"accountSlug": it}) for it in (account.slug, "our-team"))
    assert (old.status, new.status) == (403, 200)
    assert old.json["error"] == "accountSlug is not the account of this API key, which is our-team."
    assert new_account(account.slug).id != account.id
    assert list(violations(scan(table.client, table.name))) == []


def test_a_name_alone_and_a_slug_alone_can_change(account: Account) -> None:
    assert done("rename_account", slug=account.slug, name="X")["account"]["slug"] == account.slug
    assert done("rename_account", slug=account.slug, new_slug="x")["account"]["name"] == "X"


def test_a_slug_that_is_taken_renames_nothing(account: Account, other_account: Account, stored: Stored) -> None:
    before = stored.items()
    assert refusal("rename_account", slug=account.slug, new_slug=other_account.slug, name="X") == (
        "slug_taken",
        "The slug other-team is taken; choose another.",
    )
    assert stored.items() == before


def test_of_two_new_slugs_at_once_the_account_has_one(account: Account, table: Table) -> None:
    race(table, "TransactWriteItems", lambda: done("rename_account", slug=account.slug, new_slug="theirs"))
    assert done("rename_account", slug=account.slug, new_slug="ours")["account"]["slug"] == "ours"
    assert refusal("show_account", slug="theirs")[0] == "account_not_found"
    assert list(violations(scan(table.client, table.name))) == []


def test_renaming_puts_an_account_of_an_earlier_release_into_the_list(account: Account, table: Table) -> None:
    table.delete_many([keys.listed_account(account.id)])
    done("rename_account", slug=account.slug, new_slug=account.slug)
    assert [each["id"] for each in done("list_accounts")["accounts"]] == [account.id]


# Quotas

CREATE = {
    "api_keys": ("create_api_key", {"name": "x", "scopes": ["*"]}),
    "assistants": ("create_assistant", {"accountSlug": "my-team", "name": "x"}),
    "phone_numbers": ("import_phone_number", {"accountSlug": "my-team", "phoneNumber": "+14155550177"}),
    "telephony_connections": ("create_telephony_connection", {"accountSlug": "my-team", "provider": "sip"}),
}


@pytest.mark.parametrize("things", COUNTABLES)
def test_a_quota_takes_the_place_of_the_deployments_until_it_is_null(account: Account, things: str) -> None:
    function, body = CREATE[things]
    counted = shown(account)[things]
    assert done("set_quotas", slug=account.slug, **{f"max_{things}": counted})["maxima"][things] == counted
    reply = account.call(function, body=body)
    assert (reply.status, reply.code) == (409, "maximum_reached")
    assert f"has {counted} " in reply.json["error"]
    done("set_quotas", slug=account.slug, **{f"max_{things}": None})
    assert account.call(function, body=body).status == 200


def test_a_quota_may_be_above_the_deployments(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_ASSISTANTS", "0")
    done("set_quotas", slug=account.slug, max_assistants=1)
    assert account.call("create_assistant").status == 200


def test_who_has_more_than_its_maximum_is_listed_with_what(account: Account, other_account: Account) -> None:
    for each in (account, other_account):
        each.new_assistant()
    done("set_quotas", slug=account.slug, max_assistants=0, max_api_keys=1)
    done("set_quotas", slug=other_account.slug, max_assistants=1)
    over = [each for page in pages("list_over_quota", limit=1) for each in page["accounts"]]
    assert [(each["slug"], each["over"]) for each in over] == [(account.slug, ["assistants"])]


# Phone numbers


def test_a_transferred_number_is_free_in_the_other_account(
    account: Account, other_account: Account, table: Table
) -> None:
    assistant = account.new_assistant(inbound_enabled=True)["id"]
    account.assign(assistant, [account.new_number(NUMBER, label="Sales")])
    fallback = {"kind": "reject"}
    account.call("update_phone_number", ID, body={"versions": [{"version": 1}], "fallback": fallback})
    payload = {"slug": account.slug, "phone_number": NUMBER, "to_slug": other_account.slug}
    moved = done("transfer_phone_number", **payload)["phone_number"]
    wanted = {"id": ID, "label": "Sales", "assistant_id": None, "versions": None, "fallback": None}
    assert (moved["connection_id"], moved["carrier_id"], moved["sync"]) == (None, None, None)
    assert moved.items() >= wanted.items()
    assert other_account.call("get_phone_number", ID).json["phone_number"] == moved
    assert account.call("get_phone_number", ID).status == 404
    assert account.get(assistant)["phone_number_ids"] == []
    assert [shown(each)["phone_numbers"] for each in (account, other_account)] == [0, 1]
    assert list(violations(scan(table.client, table.name))) == []


def test_a_number_that_is_assigned_meanwhile_is_transferred_with_that_undone(
    account: Account, other_account: Account, table: Table
) -> None:
    assistant = account.new_assistant()["id"]
    account.new_number(NUMBER)
    race(table, "TransactWriteItems", lambda: account.assign(assistant, [ID]))
    done("transfer_phone_number", slug=account.slug, phone_number=NUMBER, to_slug=other_account.slug)
    assert account.get(assistant)["phone_number_ids"] == []
    assert list(violations(scan(table.client, table.name))) == []


def test_a_freed_number_can_be_imported_by_any_account(account: Account, other_account: Account, table: Table) -> None:
    account.assign(account.new_assistant()["id"], [account.new_number(NUMBER)])
    done("free_phone_number", slug=account.slug, phone_number=NUMBER)
    assert other_account.new_number(NUMBER) == ID
    assert list(violations(scan(table.client, table.name))) == []


@pytest.mark.parametrize("action", ["free_phone_number", "transfer_phone_number"])
def test_the_account_that_has_the_number_is_named(account: Account, other_account: Account, action: str) -> None:
    to = {"to_slug": other_account.slug} if action == "transfer_phone_number" else {}
    wrong = {"slug": account.slug, "phone_number": NUMBER, **to}
    lacks = f"The account my-team does not have the phone number {NUMBER}; "
    assert refusal(action, **wrong) == ("phone_number_held_elsewhere", f"{lacks}no account has it.")
    other_account.new_number(NUMBER)
    assert refusal(action, **wrong)[1] == f"{lacks}the account other-team has it; name that one."


# Export


@pytest.fixture
def full(account: Account, other_account: Account, connection: str) -> Account:
    """An account that has one of everything."""
    ring(connection)
    ended = {"CallSid": CALL_ID, "CallStatus": "completed", "CallDuration": "7"}
    send(signed(connection, ended, "record_call_status"), "record_call_status")
    account.call("delete_assistant", account.new_assistant(temperature=0.1)["id"])
    limited = new_key(account.slug, account.id, rate_limit_per_hour=10)
    headers = {"idempotency-key": "1"}
    assert limited.call("create_assistant", headers=headers).status == 200
    other_account.new_assistant()
    return account


def test_an_export_has_everything_and_no_secret(full: Account, stored: Stored) -> None:
    records = [record for page in pages("export_account", slug=full.slug) for record in page["records"]]
    kinds = [record["kind"] for record in records]
    assert {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)} == {
        "account": 1, "api_key": 2, "assistant": 2, "deleted_assistant": 1, "version": 5, "phone_number": 1,
        "telephony_connection": 1, "call": 1, "call_count": 2,
    }  # fmt: skip
    assert {record["assistant_id"] for record in records if record["kind"] == "call_count"} != {""}
    (number,) = full.call("list_phone_numbers").json["numbers"]
    assert {"kind": "phone_number", **number} in records
    assert full.token not in str(records)
    (shown,) = full.call("list_telephony_connections").json["telephony_connections"]
    assert {"kind": "telephony_connection", **shown} in records


def test_an_export_leaves_no_kind_of_item_out_unsaid(full: Account, stored: Stored) -> None:
    found = {item["SK"]["S"].partition("#")[0] for item in stored.items() if item["PK"]["S"] == f"ACCOUNT#{full.id}"}
    exported = {kind.prefix.removesuffix("#") for kind in account_export.KINDS}
    assert found - exported == {"ANSWER", "IDEMPOTENCY"}
    assert exported - found == set()


def test_pages_of_an_export_end_within_a_kind(full: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [record for page in pages("export_account", slug=full.slug) for record in page["records"]]
    monkeypatch.setattr(account_export, "PAGE", 1)
    found = list(pages("export_account", slug=full.slug))
    assert [record for page in found for record in page["records"]] == whole
    assert max(len(page["records"]) for page in found) == 1


# Erase


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


def test_no_function_runs_for_longer_than_an_erasure_waits() -> None:
    assert max(function.timeout for function in Template().functions.values()) == account_erasure.QUIET_SECONDS


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
