"""`Idempotency-Key`, on every endpoint that changes something: a retry never does a thing twice."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from assistants_api import auth
from assistants_api.storage.table import Table
from tests.catalogue import ENDPOINTS, Function
from tests.conftest import Stored
from tests.endpoints.conftest import CallOnExisting
from tests.harness import Account, Reply, change_key, load_app, new_key, race

CHANGING = [
    pytest.param(endpoint, id=endpoint.name) for endpoint in ENDPOINTS if load_app(endpoint.name).handler.changes
]
READING = [
    pytest.param(endpoint, id=endpoint.name) for endpoint in ENDPOINTS if not load_app(endpoint.name).handler.changes
]
KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
MALFORMED = {
    "empty": "",
    "a space": "a b",
    "too long": "x" * 256,
    "not ASCII": "é",
    "a line break": "a\nb",
    "a tab": "\t",
}


@pytest.fixture
def call(call_on_existing: CallOnExisting) -> Callable[..., Reply]:
    def call(endpoint: Function, key: str = KEY, **more: Any) -> Reply:
        return call_on_existing(endpoint, headers={"idempotency-key": key}, **more)

    return call


def is_replayed(reply: Reply) -> bool:
    return reply.headers.get("idempotent-replayed") == "true"


@pytest.mark.parametrize("endpoint", CHANGING)
def test_a_retry_is_answered_as_the_first_request_and_changes_nothing(
    endpoint: Function, call: Callable[..., Reply], stored: Stored
) -> None:
    first = call(endpoint)
    assert first.status == 200
    assert not is_replayed(first)
    before = stored.items()
    for _ in range(2):
        again = call(endpoint)
        assert is_replayed(again)
        assert (again.status, again.json, again.headers.get("etag")) == (200, first.json, first.headers.get("etag"))
    assert stored.items() == before


@pytest.mark.parametrize("endpoint", CHANGING)
def test_another_request_under_the_key_is_a_422(
    endpoint: Function, call: Callable[..., Reply], account: Account, stored: Stored
) -> None:
    assert call(endpoint).status == 200
    before = stored.items()
    other = call(endpoint, query={"accountSlug": account.slug})
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert stored.items() == before


@pytest.mark.parametrize("endpoint", CHANGING)
def test_two_at_the_same_time_do_it_once_and_both_tell_of_it(
    endpoint: Function, call: Callable[..., Reply], table: Table
) -> None:
    """The rival comes between the read and the write of the first one."""
    rival: list[Reply] = []
    race(table, "TransactWriteItems", lambda: rival.append(call(endpoint)))
    first = call(endpoint)
    assert (first.status, rival[0].status) == (200, 200)
    assert first.json == rival[0].json
    assert is_replayed(first)
    assert not is_replayed(rival[0])


@pytest.mark.parametrize("endpoint", CHANGING)
def test_one_that_reads_what_another_changed_but_not_its_record_is_told_the_same(
    endpoint: Function, call: Callable[..., Reply], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A BatchGetItem reads its items one after the other, so it can miss the record and see the change."""
    first, read = call(endpoint), Table.read

    def read_without_record(table: Table, keys: Any) -> Any:
        monkeypatch.setattr(Table, "read", read)
        return {key: None if key[1].startswith("IDEMPOTENCY#") else item for key, item in read(table, keys).items()}

    monkeypatch.setattr(Table, "read", read_without_record)
    second = call(endpoint)
    assert (second.status, second.json) == (200, first.json)


@pytest.mark.parametrize("endpoint", CHANGING)
def test_a_key_costs_no_round_trip(endpoint: Function, call: Callable[..., Reply], calls: list[str]) -> None:
    call(endpoint)
    assert tuple(calls) == endpoint.round_trips
    calls.clear()
    call(endpoint)
    call(endpoint, query={"accountSlug": "my-team"})
    assert calls == ["BatchGetItem"] * 2


@pytest.mark.parametrize("endpoint", CHANGING)
def test_a_refusal_is_not_stored(endpoint: Function, call: Callable[..., Reply], stored: Stored) -> None:
    before = stored.items()
    assert call(endpoint, body={"unknown": 1}).status == 400
    assert stored.items() == before
    assert call(endpoint).status == 200


@pytest.mark.parametrize("case", MALFORMED)
@pytest.mark.parametrize("endpoint", CHANGING)
def test_a_malformed_key_is_a_400_that_says_how(
    endpoint: Function, case: str, call: Callable[..., Reply], stored: Stored
) -> None:
    before = stored.items()
    reply = call(endpoint, MALFORMED[case])
    assert (reply.status, reply.code) == (400, "invalid_request")
    assert "1 to 255 visible ASCII characters" in reply.json["error"]
    assert stored.items() == before


@pytest.mark.parametrize("endpoint", READING)
def test_a_request_that_changes_nothing_takes_no_notice_of_a_key(
    endpoint: Function, call: Callable[..., Reply], stored: Stored
) -> None:
    before = stored.items()
    assert call(endpoint, "a b").status == 200
    assert stored.items() == before


def create(account: Account, key: str, **fields: object) -> Reply:
    body = {"accountSlug": account.slug, "name": "A", "templateId": "custom", **fields}
    return account.call("create_assistant", body=body, headers={"idempotency-key": key})


@pytest.mark.parametrize("key", ["x", "~" * 255, '"8e03978e"', "!"])
def test_every_visible_ascii_character_may_be_in_a_key(account: Account, key: str) -> None:
    first = create(account, key)
    assert create(account, key).json == first.json
    assert len(account.call("list_assistants").json["assistants"]) == 1


def test_another_key_is_another_thing(account: Account) -> None:
    assert create(account, "a").json["assistant"]["id"] != create(account, "b").json["assistant"]["id"]


def test_the_order_of_fields_and_their_spelling_make_no_other_request(account: Account) -> None:
    first = create(account, "a")
    raw = json.dumps({"templateId": "custom", "name": "A", "accountSlug": account.slug}, indent=2)
    again = account.call("create_assistant", raw=raw, headers={"idempotency-key": "a"})
    assert again.json == first.json


def test_each_api_key_has_idempotency_keys_of_its_own(account: Account, other_account: Account) -> None:
    """So what one may see is told to no other."""
    callers = [account, new_key(account.slug, account.id), other_account]
    assert len({create(caller, "a").json["assistant"]["id"] for caller in callers}) == 3


def test_a_retry_needs_the_scope_still(account: Account, table: Table) -> None:
    assert create(account, "a").status == 200
    change_key(table, account, scopes=["assistants:read"])
    assert create(account, "a").code == "missing_scope"


def test_a_key_is_free_again_after_a_day(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB deletes the record later, so it may still be there."""
    first, now = create(account, "a"), time.time()
    monkeypatch.setattr("assistants_api.storage.idempotency.time.time", lambda: now + 24 * 60 * 60 - 5)
    assert create(account, "a").json == first.json
    monkeypatch.setattr("assistants_api.storage.idempotency.time.time", lambda: now + 24 * 60 * 60 + 5)
    second = create(account, "a")
    assert not is_replayed(second)
    assert second.json["assistant"]["id"] != first.json["assistant"]["id"]
    assert create(account, "a").json == second.json


def test_a_change_that_changes_nothing_is_not_stored(account: Account) -> None:
    """So the key may be sent with what does change something."""
    assistant = account.new_assistant(temperature=0.1)["id"]

    def change(temperature: float) -> Reply:
        body = {"accountSlug": account.slug, "temperature": temperature}
        return account.call("update_assistant", assistant, body=body, headers={"idempotency-key": "a"})

    assert not is_replayed(change(0.1))
    assert change(0.2).json["assistant"]["temperature"] == 0.2
    assert change(0.1).code == "idempotency_key_reused"


@pytest.mark.parametrize("function", ["create_api_key", "rotate_api_key"])
class TestFullKey:
    """It is shown again, and it isn't stored."""

    @pytest.fixture
    def issue(self, account: Account, function: str) -> Callable[[str], Reply]:
        old = account.call("create_api_key").json["api_key"]["id"]

        def issue(key: str) -> Reply:
            if function == "create_api_key":
                return account.call(function, body={"name": "A", "scopes": ["*"]}, headers={"idempotency-key": key})
            return account.call(function, old, body={}, headers={"idempotency-key": key})

        return issue

    def test_it_is_shown_again_and_works(self, account: Account, issue: Callable[[str], Reply], stored: Stored) -> None:
        token = issue("a").json["full_key"]
        assert issue("a").json["full_key"] == token
        assert token not in str(stored.items())
        assert Account(account.slug, account.id, token).call("test_api_key").status == 200

    def test_it_follows_from_what_no_other_deployment_knows(
        self, issue: Callable[[str], Reply], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token, secret = issue("a").json["full_key"], "d" * 64
        monkeypatch.setenv("PREVIOUS_TOKEN_SECRET", auth.deployment_secret())
        monkeypatch.setenv("TOKEN_SECRET", secret)
        assert issue("a").json["full_key"] == token
        monkeypatch.setattr("assistants_api.auth.accepted_secrets", lambda: [secret])
        monkeypatch.setattr("assistants_api.auth.is_issued_here", lambda token: True)
        other = issue("a")
        assert (other.status, other.code) == (422, "idempotency_key_reused")
        assert token not in other.text


def test_a_day_later_the_same_key_makes_another_full_key(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def issue() -> str:
        body = {"name": "A", "scopes": ["*"]}
        return str(account.call("create_api_key", body=body, headers={"idempotency-key": "a"}).json["full_key"])

    first, now = issue(), time.time()
    monkeypatch.setattr("assistants_api.storage.idempotency.time.time", lambda: now + 25 * 60 * 60)
    assert issue() != first
