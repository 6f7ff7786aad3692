"""Calls the handlers as Lambda does: with the sample events of `events/`, changed where a test differs."""

import copy
import importlib.util
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import Context, ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistants_api import auth
from assistants_api.models.api_key import SCOPES
from assistants_api.models.ids import timestamp
from assistants_api.storage import keys
from assistants_api.storage.actions import Update
from assistants_api.storage.conditions import EXISTS
from assistants_api.storage.table import Table
from assistants_api.storage.values import pack, pack_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROOT = Path(__file__).parent.parent
UNSET: Any = object()


Handler = Callable[[Any, object], Any]

sent_with_all_calls: dict[str, str] = {}  # headers
running: ContextVar[str] = ContextVar("running")  # the function that is called


@cache
def load_app(function: str) -> Any:
    """functions/<function>/app.py, each file under a module name of its own."""
    spec = importlib.util.spec_from_file_location(f"app_{function}", ROOT / "functions" / function / "app.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def load_handler(function: str) -> Handler:
    return named(function, load_app(function).handler)


def named(function: str, handler: Handler) -> Handler:
    """The handler, during whose calls `running` is the function."""

    def handle(event: Any, context: object) -> Any:
        before = running.set(function)
        try:
            return handler(event, context)
        finally:
            running.reset(before)

    return handle


@cache
def _sample(event: str) -> Any:
    return json.loads((ROOT / "events" / f"{event}.json").read_text())


def sample(event: str) -> Any:
    return copy.deepcopy(_sample(event))


def admin(action: str, **payload: object) -> dict[str, Any]:
    answer: dict[str, Any] = load_handler("admin")({"action": action, **payload}, None)
    return json.loads(json.dumps(answer))  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        return str(self.json["code"])


@dataclass(frozen=True)
class Account:
    """A caller with an API key of an account."""

    slug: str
    id: str
    token: str
    key_id: str = field(default="", compare=False)

    def call(
        self,
        function: str,
        *path: str,
        body: object = UNSET,
        raw: str = UNSET,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str | None] | None = None,
        base64: bool = False,
        raw_query: str = "",
    ) -> Reply:
        """Sends the function's sample event as this caller. `path` are the path parameters in their order; `body`
        becomes JSON and `raw` goes as it is; a header of None is left out."""
        event = sample(function)
        event["headers"]["authorization"] = f"Bearer {self.token}"
        for name, value in {**sent_with_all_calls, **(headers or {})}.items():
            event["headers"].pop(name, None)
            if value is not None:
                event["headers"][name] = value
        if path:
            event["pathParameters"] = dict(zip(event["pathParameters"], path, strict=True))
        if body is not UNSET or raw is not UNSET:
            event["body"] = json.dumps(body) if raw is UNSET else raw
        event["isBase64Encoded"], event["rawQueryString"] = base64, raw_query
        event.pop("queryStringParameters", None)
        if query:
            event["queryStringParameters"] = dict(query)
        response = load_handler(function)(event, None)
        return Reply(response["statusCode"], response["headers"], response["body"])

    def new_assistant(self, template: str = "outbound-setter", name: str = "Test", **changes: Any) -> dict[str, Any]:
        body = {"accountSlug": self.slug, "name": name, "templateId": template}
        created: dict[str, Any] = self.call("create_assistant", body=body).json["assistant"]
        return self.update(created["id"], **changes).json["assistant"] if changes else created

    def get(self, assistant_id: str) -> dict[str, Any]:
        assistant: dict[str, Any] = self.call("get_assistant", assistant_id).json["assistant"]
        return assistant

    def changes(self, assistant_id: str) -> int:
        """How often configuration or numbers of the assistant changed, as its ETag counts it, from 1."""
        etag = self.call("get_assistant", assistant_id).headers["etag"]
        return sum(int(part) for part in etag.strip('"').split("."))

    def update(self, assistant_id: str, headers: Mapping[str, str | None] | None = None, **changes: Any) -> Reply:
        body = {"accountSlug": self.slug, **changes}
        return self.call("update_assistant", assistant_id, body=body, headers=headers)

    def new_number(self, number: str = "+14155550101", **fields: object) -> str:
        body = {"accountSlug": self.slug, "phoneNumber": number, **fields}
        return str(self.call("import_phone_number", body=body).json["phone_number"]["id"])

    def new_connection(self, **fields: object) -> str:
        """The id of a new telephony connection, at twilio unless the fields say otherwise."""
        twilio = {"provider": "twilio", "accountSid": f"AC{'0' * 32}", "authToken": "0" * 32}
        body = {"accountSlug": self.slug, **(fields if "provider" in fields else twilio | fields)}
        reply = self.call("create_telephony_connection", body=body)
        return str(reply.json["telephony_connection"]["id"])

    def assign(self, assistant_id: str, numbers: list[str], **fields: object) -> Reply:
        body = {"accountSlug": self.slug, "phoneNumberIds": numbers, **fields}
        return self.call("assign_phone_numbers", assistant_id, body=body)

    def route(self, number: str) -> Reply:
        return self.call("route_call", number)

    def force(self, function: str, *path: str, **fields: object) -> Reply:
        """The call with ?force=true; `fields` are its body."""
        return self.call(function, *path, query={"force": "true"}, body=fields)

    def pages(self, function: str, *path: str, **query: str) -> Iterator[Any]:
        """The pages of a list, each behind the cursor of the one before; far fewer than 1,000 of them."""
        for _ in range(1_000):
            page = self.call(function, *path, query=query).json
            yield page
            if page["next_cursor"] is None:
                return
            query["cursor"] = page["next_cursor"]
        raise AssertionError("The pages have no end.")


def signed(body: str) -> str:
    """The token that this deployment could have issued: 66 characters, and the check over them."""
    return body + auth.check(body, auth.deployment_secret())


def new_account(slug: str, **key: Any) -> Account:
    """An account with an API key; `key` overrides what the key is created with."""
    account_id = admin("create_account", slug=slug, name=slug.title())["account"]["id"]
    return new_key(slug, account_id, **key)


def new_key(slug: str, account_id: str, **key: Any) -> Account:
    wanted = {
        "name": "tests",
        "environment": "test",
        "scopes": ["*"],
        "expires_in_days": None,
        "rate_limit_per_hour": None,
        **key,
    }
    created = admin("create_api_key", slug=slug, **wanted)
    return Account(slug, account_id, created["full_key"], created["api_key"]["id"])


def new_key_without(scope: str | None, account: Account) -> Account:
    """A key of the account with all scopes but this one."""
    return new_key(account.slug, account.id, scopes=[each for each in SCOPES if each != scope])


def store_numbers(table: Table, account: Account, count: int, held: int = 0, holder: str = "") -> list[str]:
    """The ids of so many new numbers, the first of which the holder has. They are written straight into the table."""
    numbers, items = [f"+1415{number:07}" for number in range(count)], list[dict[str, Any]]()
    for index, number in enumerate(numbers):
        owned, taken = keys.phone_number(account.id, f"pn_{number[1:]}"), keys.phone_number_taken(f"pn_{number[1:]}")
        record = {"id": f"pn_{number[1:]}", "phone_number": number, "status": "active", "created_at": timestamp()}
        record |= {"assistant_id": holder} if index < held else {}
        items.append({"PK": owned[0], "SK": owned[1], **record})
        items.append({"PK": taken[0], "SK": taken[1], "account_id": account.id})
    store(table, items)
    ids = [f"pn_{number[1:]}" for number in numbers]
    if held:
        table.update(Update(keys.assistant(account.id, holder), EXISTS, set={"phone_number_ids": set(ids[:held])}))
    return ids


def removed_by_ttl(table: Table, account: Account, *assistants: str) -> dict[str, Any]:
    """Removes what is kept of the deleted assistants, as TTL does; the event with which the stream passes that on."""
    event: dict[str, Any] = sample("purge_versions")
    (record,) = event["Records"]
    event["Records"] = [copy.deepcopy(record) for _ in assistants]
    for number, (assistant, each) in enumerate(zip(assistants, event["Records"], strict=True)):
        key = pack_key(keys.deleted_assistant(account.id, assistant))
        assert table.client.delete_item(TableName=table.name, Key=key, ReturnValues="ALL_OLD")["Attributes"]
        each["dynamodb"] |= {"Keys": key, "SequenceNumber": str(111 + number)}
    return event


def store(table: Table, items: Sequence[Mapping[str, Any]]) -> None:
    """Writes the items as they are, without a function."""
    write(table.client, table.name, [{"PutRequest": {"Item": pack(item)}} for item in items])


def all_items(client: "DynamoDBClient", table: str) -> Iterator[Any]:
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def write(client: "DynamoDBClient", table: str, requests: Sequence[Any]) -> None:
    """Puts or deletes any number of items."""
    for start in range(0, len(requests), 25):
        answer = client.batch_write_item(RequestItems={table: requests[start : start + 25]})
        assert answer["UnprocessedItems"] == {}


def change_key(table: Table, caller: Account, **fields: object) -> None:
    """Writes fields of the caller's stored API key."""
    table.update(Update(keys.api_key(caller.id, caller.key_id), EXISTS, set=fields))


def counts(request: Mapping[str, Any]) -> bool:
    """Whether a call to DynamoDB is one that counts, or reads what was counted, beside those of the request itself."""
    body = json.loads(request["body"])
    keys = [
        body.get("Key"),
        *(key for it in body.get("RequestItems", {}).values() if "Keys" in it for key in it["Keys"]),
    ]
    keys += [{"PK": value} for name, value in body.get("ExpressionAttributeValues", {}).items() if name == ":PK"]
    named = [key for key in keys if key]
    is_usage = bool(named) and all(key["PK"]["S"].startswith("USAGE#") for key in named)
    is_count = body.get("UpdateExpression", "").startswith("ADD") and body["Key"]["SK"]["S"] == "ACCOUNT"
    return is_usage or is_count


races: list[list[Callable[[], object]]] = []  # in the running test, each with the rivals that have yet to act


def race(table: Table, operation: str, *rivals: Callable[[], object]) -> None:
    """Lets each rival act once, in turn, right before the next such call to DynamoDB: behind the reads before it.

    A test fails if one of its rivals never acts.
    """
    waiting, acting = list(rivals), False
    races.append(waiting)

    def act(params: Mapping[str, Any], **_: object) -> None:
        nonlocal acting
        if waiting and not acting and not counts(params):
            acting = True
            Context().run(waiting.pop(0))  # it is not the function that calls
            acting = False

    table.client.meta.events.register(f"before-call.dynamodb.{operation}", act)
