"""What the tests that go over all endpoints share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.wrappers import Response

from assistants_api.storage.table import Table
from tests import carriers
from tests.catalogue import CONNECTED_NUMBER_ID, DELETED_ID, Function
from tests.engines import once
from tests.harness import Account, Reply, new_key, sample
from tests.webhooks import CALL_ID, answering, connected, ring, send, signed

NEW_NUMBER = "+14155550109"
CallOnExisting = Callable[..., Reply]


@dataclass(frozen=True)
class Existing:
    """An assistant with two versions, one that is deleted, numbers, an API key and a connection: their ids.

    Two of the numbers are imported without a connection, and a third one through it; its carrier could not be told.
    """

    assistant: str
    deleted: str
    api_key: str
    connection: str


def make_existing(account: Account) -> Existing:
    account.new_number("+14155550101")
    account.new_number("+14155550102")
    assistant = account.new_assistant(temperature=0.1)["id"]
    account.update(assistant, temperature=0.2)
    deleted = account.new_assistant()["id"]
    account.call("delete_assistant", deleted)
    api_key = account.call("create_api_key").json["api_key"]["id"]
    connection = account.new_connection()
    carriers.twilio.fault = lambda request: Response(status=500) if request.method == "POST" else None
    account.new_number(CONNECTED_NUMBER_ID.replace("pn_", "+"), connectionId=connection)
    carriers.renew()
    return Existing(assistant, deleted, api_key, connection)


@pytest.fixture(scope="session")
def new_existing(new_my_team: Callable[[Table], Account]) -> Callable[[Table], Existing]:
    return once(lambda table: make_existing(new_my_team(table)))


@pytest.fixture
def call_on_existing(account: Account, table: Table, new_existing: Callable[[Table], Existing]) -> CallOnExisting:
    """Calls an endpoint with its sample, on what exists. A number that is imported is new."""
    existing = new_existing(table)
    ids = {
        "assistantId": existing.assistant,
        "version": "1",
        "phoneNumberId": "pn_14155550101",
        "phoneNumber": "+14155550101",
        "apiKeyId": existing.api_key,
        "connectionId": existing.connection,
    }

    def call(
        endpoint: Function,
        headers: Mapping[str, str | None] | None = None,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        caller: Account = account,
    ) -> Reply:
        known = {**ids, "assistantId": existing.deleted} if DELETED_ID in endpoint.path else ids
        if CONNECTED_NUMBER_ID in endpoint.path:
            known = {**known, "phoneNumberId": CONNECTED_NUMBER_ID}
        named = [known.get(name, value) for name, value in (sample(endpoint.name).get("pathParameters") or {}).items()]
        sent: dict[str, Any] = {}
        if endpoint.body is not None:
            new = {"phoneNumber": NEW_NUMBER} if endpoint.name == "import_phone_number" else {}
            sent["body"] = {**endpoint.body, **new, **(body or {})}
        return caller.call(endpoint.name, *named, headers=headers, query={**endpoint.query, **(query or {})}, **sent)

    return call


@pytest.fixture
def connection(account: Account) -> str:
    """At Twilio."""
    return account.new_connection()


@pytest.fixture
def full(account: Account, other_account: Account) -> Account:
    """An account that has one of everything."""
    answering(account)
    connection = connected(account)
    ring(connection)
    ended = {"CallSid": CALL_ID, "CallStatus": "completed", "CallDuration": "7"}
    send(signed(connection, ended, "record_call_status"), "record_call_status")
    account.call("delete_assistant", account.new_assistant(temperature=0.1)["id"])
    limited = new_key(account.slug, account.id, rate_limit_per_hour=10)
    headers = {"idempotency-key": "1"}
    assert limited.call("create_assistant", headers=headers).status == 200
    other_account.new_assistant()
    return account
