"""Accounts, as the operator lists, shows, suspends and resumes them."""

from typing import Any

import pytest

from assistants_api.storage.table import Table
from tests.catalogue import ENDPOINTS, Function
from tests.conftest import Stored
from tests.endpoints.conftest import CallOnExisting
from tests.harness import Account, admin, new_account, new_key
from tests.operator import done, pages, refusal
from tests.webhooks import CALL_ID, NUMBER, connected, ring, said, send, signed, stream

NAMED = ["show_account", "suspend_account", "resume_account", "export_account", "erase_account", "list_api_keys"]


@pytest.fixture
def connection(account: Account) -> str:
    assistant = account.new_assistant(inbound_enabled=True)["id"]
    account.assign(assistant, [account.new_number(NUMBER)])
    return connected(account)


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
