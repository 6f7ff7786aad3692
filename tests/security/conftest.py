"""Two tenants, and what one of them may send to attack the other or the deployment."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from assistants_api.storage import rate_limits
from assistants_api.storage.table import Table
from tests import carriers
from tests.catalogue import (
    API_KEY_ID,
    ASSISTANT_ID,
    CONNECTED_NUMBER_ID,
    CONNECTION_ID,
    DELETED_ID,
    PHONE_NUMBER,
    PHONE_NUMBER_ID,
    Function,
)
from tests.engines import once
from tests.harness import Account, Reply, new_account, new_key
from tests.webhooks import ring


@dataclass(frozen=True)
class Tenant:
    """An account with one of everything: an assistant of two versions with a number, one that was deleted, a free
    number, a telephony connection with two calls and a number that is imported through it, a second key."""

    account: Account
    assistant: str
    deleted: str
    number: str  # as a phone number
    free_number: str
    key: Account
    connection: str
    connected_number: str

    @property
    def ids(self) -> dict[str, str]:
        """What this tenant has in the place of each id of a sample."""
        return {
            ASSISTANT_ID: self.assistant,
            DELETED_ID: self.deleted,
            CONNECTION_ID: self.connection,
            API_KEY_ID: self.key.key_id,
            PHONE_NUMBER: self.number,
            PHONE_NUMBER_ID: "pn_" + self.number[1:],
            CONNECTED_NUMBER_ID: "pn_" + self.connected_number[1:],
        }

    def path(self, endpoint: Function) -> list[str]:
        return [self.ids.get(part, part) for part in endpoint.path]

    def body(self, endpoint: Function) -> dict[str, object]:
        """The sample's body as this tenant would send it. The number to import is one that nobody has."""
        own = {
            "accountSlug": self.account.slug,
            "phoneNumberIds": ["pn_" + self.number[1:], "pn_" + self.free_number[1:]],
            "phoneNumber": "+1415555" + self.number[-4:-2] + "99",
        }
        return {**(endpoint.body or {}), **{name: own[name] for name in own.keys() & (endpoint.body or {}).keys()}}

    def call(self, endpoint: Function, caller: Account | None = None, **sent: Any) -> Reply:
        """The sample's call on what is this tenant's, by its own caller or another."""
        if endpoint.body is not None and not {"body", "raw"} & sent.keys():
            sent["body"] = self.body(endpoint)
        return (caller or self.account).call(endpoint.name, *self.path(endpoint), **{"query": endpoint.query, **sent})


def new_tenant(slug: str, digits: str, **key: Any) -> Tenant:
    account = new_account(slug, **key)
    number, free_number, connected_number = (f"+1415555{digits}0{digit}" for digit in "123")
    assistant = account.new_assistant("inbound-support")["id"]
    account.new_number(free_number)
    account.assign(assistant, [account.new_number(number)])
    account.update(assistant, max_tokens=512)
    deleted = account.new_assistant()["id"]
    account.call("delete_assistant", deleted)
    connection = account.new_connection()
    carriers.twilio.add(connected_number)
    account.new_number(connected_number, connectionId=connection)
    for call_id in ("CA1", "CA2"):
        assert ring(connection, CallSid=call_id, To=number).status == 200
    return Tenant(
        account,
        assistant,
        deleted,
        number,
        free_number,
        new_key(slug, account.id, name="second"),
        connection,
        connected_number,
    )


@pytest.fixture(scope="session")
def new_my_tenant() -> Callable[[Table], Tenant]:
    return once(lambda table: new_tenant("my-team", "01"))


@pytest.fixture(scope="session")
def new_other_tenant() -> Callable[[Table], Tenant]:
    return once(lambda table: new_tenant("other-team", "77"))


@pytest.fixture
def tenant(table: Table, new_my_tenant: Callable[[Table], Tenant]) -> Tenant:
    return new_my_tenant(table)


@pytest.fixture
def victim(table: Table, new_other_tenant: Callable[[Table], Tenant]) -> Tenant:
    return new_other_tenant(table)


@pytest.fixture
def all_calls(table: Table) -> list[dict[str, Any]]:
    """The requests to DynamoDB from here on, those that count too."""
    seen: list[dict[str, Any]] = []
    table.client.meta.events.register("before-call.dynamodb", lambda params, **_: seen.append(params))
    return seen


@pytest.fixture
def partition(table: Table) -> Callable[[Account], list[Any]]:
    """All that is stored of an account."""

    def read(account: Account) -> list[Any]:
        pages = table.client.get_paginator("query").paginate(
            TableName=table.name,
            KeyConditionExpression="PK = :PK",
            ExpressionAttributeValues={":PK": {"S": f"ACCOUNT#{account.id}"}},
            ConsistentRead=True,
        )
        items = [item for page in pages for item in page["Items"]]
        assert items
        return items

    return read


@pytest.fixture
def new_process(table: Table) -> Iterator[Callable[[], None]]:
    """Forgets what this process has reserved and noted of API keys."""
    yield rate_limits._leases.cache_clear
    rate_limits._leases.cache_clear()
