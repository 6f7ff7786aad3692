"""Items that are not as this release stores them: each is named, and keeps nobody from the others of its kind."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_origin

import pytest
from pydantic import BaseModel

from assistants_api.models.api_key import ApiKey
from assistants_api.models.assistant import Assistant
from assistants_api.models.call import Call
from assistants_api.models.deleted_assistant import DeletedAssistant
from assistants_api.models.ids import new_ulid
from assistants_api.models.phone_number import PhoneNumber
from assistants_api.models.telephony_connection import TelephonyConnection
from assistants_api.models.version import VersionSummary
from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.engines import once
from tests.harness import Account, admin, write
from tests.webhooks import answering, connected, ring

Item = dict[str, Any]  # in DynamoDB's JSON
SECRET = "what the item holds"


def with_id(prefix: str) -> Callable[[Item, int], tuple[str, str]]:
    def renamed(item: Item, number: int) -> tuple[str, str]:
        item["id"] = {"S": f"asst_{new_ulid()}"}
        return item["id"]["S"], f"{prefix}{item['id']['S']}"

    return renamed


def as_number(item: Item, number: int) -> tuple[str, str]:
    item |= {"phone_number": {"S": f"+1415556{number:04}"}, "id": {"S": f"pn_1415556{number:04}"}}
    del item["assistant_id"]
    return item["id"]["S"], f"NUMBER#{item['phone_number']['S']}"


def as_api_key(item: Item, number: int) -> tuple[str, str]:
    item["id"] = {"S": f"key_{number:064x}"}
    return item["id"]["S"], f"APIKEY#{number:064x}"


def as_connection(item: Item, number: int) -> tuple[str, str]:
    name = f"conn_{item['PK']['S'].removeprefix('ACCOUNT#acct_')}{new_ulid()}"
    return name, f"CONNECTION#{name}"


def as_call(item: Item, number: int) -> tuple[str, str]:
    item["id"] = {"S": f"CA{number}"}
    return f"CA{number}", f"CALL#{item['started_at']['S']}#CA{number}"


def as_version(item: Item, number: int) -> tuple[str, str]:
    item["version"] = {"N": str(number)}
    return str(number), f"{item['SK']['S'].rpartition('#')[0]}#{number:08}"


@dataclass(frozen=True)
class Kind:
    """`renamed` makes another of a stored item, in place, and gives its name and its sort key. `of_item` are attributes
    that the model has under another name."""

    prefix: str
    things: str
    model: type[BaseModel]
    renamed: Callable[[Item, int], tuple[str, str]]
    of_item: tuple[str, ...] = ()
    listed: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    named_by: tuple[str, ...] = ()  # functions whose path names one

    @property
    def list_function(self) -> str:
        return self.listed or f"list_{self.things}"


KINDS = [
    Kind("ASSISTANT#", "assistants", Assistant, with_id("ASSISTANT#"), named_by=(
        "get_assistant", "update_assistant", "export_assistant", "clone_assistant", "render_assistant",
        "get_usage_stats", "list_versions", "list_assignable_numbers", "assign_phone_numbers", "delete_assistant",
    )),
    Kind("DELETED#", "assistants", DeletedAssistant, with_id("DELETED#"), ("ttl", "deleted_by_id", "deleted_by_name"),
         query={"deleted": "true"}, named_by=("restore_assistant",)),
    Kind("NUMBER#", "numbers", PhoneNumber, as_number, listed="list_phone_numbers", named_by=(
        "get_phone_number", "update_phone_number", "sync_phone_number", "delete_phone_number",
    )),
    Kind("APIKEY#", "api_keys", ApiKey, as_api_key, named_by=("update_api_key", "rotate_api_key", "delete_api_key")),
    Kind("CONNECTION#", "telephony_connections", TelephonyConnection, as_connection, named_by=(
        "get_telephony_connection", "update_telephony_connection", "list_carrier_numbers", "delete_telephony_connection"
    )),
    Kind("CALL#", "calls", Call, as_call),
    Kind("VERSION#", "versions", VersionSummary, as_version, ("changed_by_id", "changed_by_name")),
]  # fmt: skip


def required(kind: Kind, item: Item) -> set[str]:
    names = {name for name, it in kind.model.model_fields.items() if it.is_required()}
    return ((names | set(kind.of_item)) & item.keys()) - {"credentials"}  # a connection may have none


def every(kind: Kind, item: Item) -> set[str]:
    return (kind.model.model_fields.keys() | set(kind.of_item)) & item.keys()


def closed(kind: Kind, item: Item) -> set[str]:
    """Fields that don't take any text."""
    found = {name: it.annotation for name, it in kind.model.model_fields.items() if name in item}
    return {it for it, kept in found.items() if kept in (int, bool, float, list[str]) or get_origin(kept) is Literal}


# What is done to a field, and to which.
FAULTS: dict[str, tuple[Callable[[Kind, Item], set[str]], Any]] = {
    "missing": (required, None),
    "null": (required, {"NULL": True}),
    "a map": (every, {"M": {"x": {"S": SECRET}}}),
    "a set of numbers": (every, {"NS": ["1", "2.5"]}),
    "any text": (closed, {"S": SECRET}),
}
every_fault = pytest.mark.parametrize(
    "fault", [pytest.param(it, marks=pytest.mark.long if it in ("null", "a set of numbers") else ()) for it in FAULTS]
)


def poisoned(
    account: Account, table: Table, stored: Stored, kind: Kind, fault: str, apart_from: str = ""
) -> dict[str, str]:
    """Stores a copy for each field in which the fault is; the names of the copies, and their sort keys."""
    fields_of, value = FAULTS[fault]
    own = [item for item in stored.items() if item["PK"]["S"] == f"ACCOUNT#{account.id}"]
    good = next(item for item in own if item["SK"]["S"].startswith(kind.prefix))
    copies, names = list[Item](), dict[str, str]()
    for number, name in enumerate(sorted(fields_of(kind, good) - {apart_from}), start=100):
        copy = dict(good)
        copy_name, sort_key = kind.renamed(copy, number)
        copy |= {"SK": {"S": sort_key}, name: value}
        copies.append({name: it for name, it in copy.items() if it is not None})
        names[copy_name] = sort_key
    assert names
    write(table.client, table.name, [{"PutRequest": {"Item": copy}} for copy in copies])
    return names


@pytest.fixture(scope="module")
def new_assistant(new_my_team: Callable[[Table], Account]) -> Callable[[Table], str]:
    """Of one that answers a number, in an account that has one of everything."""

    def make(table: Table) -> str:
        account = new_my_team(table)
        assistant = answering(account)
        account.call("delete_assistant", account.new_assistant()["id"])
        ring(connected(account))
        return assistant

    return once(make)


@pytest.fixture
def assistant(table: Table, account: Account, new_assistant: Callable[[Table], str]) -> str:
    return new_assistant(table)


def listing(account: Account, kind: Kind, assistant: str) -> Iterator[Any]:
    path = [assistant] if kind.prefix == "VERSION#" else []
    return account.pages(kind.list_function, *path, limit="10", **kind.query)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.prefix)
@every_fault
def test_a_list_answers_the_others_and_names_what_cannot_be_read(
    account: Account, assistant: str, table: Table, stored: Stored, output: Callable[[], str], kind: Kind, fault: str
) -> None:
    before = [entry for page in listing(account, kind, assistant) for entry in page[kind.things]]
    names = poisoned(account, table, stored, kind, fault, apart_from="ttl")  # by which DynamoDB finds what is in time
    output()
    pages = list(listing(account, kind, assistant))
    assert [entry for page in pages for entry in page[kind.things]] == before
    assert sorted(name for page in pages for name in page.get("unreadable", ())) == sorted(names)
    logged = output()
    assert SECRET not in logged
    for name in names:
        shown = f"pn_...{name[-4:]}" if kind.prefix == "NUMBER#" else name
        assert f" {shown}: " in logged or f" {shown} of {assistant}: " in logged
    assert "unreadable" not in account.call("list_templates").json


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.named_by], ids=lambda kind: kind.prefix)
@every_fault
def test_one_that_cannot_be_read_is_an_error_that_names_it_and_nothing_changes(
    account: Account, assistant: str, table: Table, stored: Stored, output: Callable[[], str], kind: Kind, fault: str
) -> None:
    names = poisoned(account, table, stored, kind, fault)
    before = stored.items()
    for name in names:
        for function in kind.named_by:
            if function.startswith("delete_"):
                continue
            output()
            reply = account.call(function, name)
            assert (reply.status, reply.code) == (500, "item_unreadable"), (function, reply.text)
            assert f" {name} can't be read as it is stored; " in reply.json["error"]
            assert SECRET not in reply.text
            logged = output()
            assert '"level":"WARNING"' in logged
            assert '"outcome":"item_unreadable"' in logged
            assert f"{name[-4:]}: " in logged
    assert stored.items() == before


DELETED = {"ASSISTANT#": "assistants", "NUMBER#": "phone_numbers", "APIKEY#": "api_keys",
           "CONNECTION#": "telephony_connections"}  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.prefix in DELETED], ids=lambda kind: kind.prefix)
@every_fault
def test_one_that_cannot_be_read_can_be_deleted_and_is_counted_no_more(
    account: Account, assistant: str, table: Table, stored: Stored, kind: Kind, fault: str
) -> None:
    before, things = stored.items(), DELETED[kind.prefix]
    names = poisoned(account, table, stored, kind, fault)
    counted = admin("show_account", slug=account.slug)["account"][things]
    for name in names:
        assert account.call(kind.named_by[-1], name).status == 200
        assert account.call(kind.named_by[-1], name).status == 404
    assert stored.items() == before
    assert admin("show_account", slug=account.slug)["account"][things] == counted - len(names)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.prefix in DELETED], ids=lambda kind: kind.prefix)
def test_a_deletion_that_is_bound_to_an_etag_or_only_tried_deletes_nothing(
    account: Account, assistant: str, table: Table, stored: Stored, kind: Kind
) -> None:
    name, *_ = poisoned(account, table, stored, kind, "missing")
    before = stored.items()
    bound = account.call(kind.named_by[-1], name, headers={"if-match": '"1"'})
    assert (bound.status, bound.code) == (500, "item_unreadable")
    assert "; DELETE it without If-Match, or ask the operator of this deployment to mend it." in bound.json["error"]
    tried = account.call(kind.named_by[-1], name, query={"dry_run": "true"})
    assert (tried.status, tried.json["diff"]) == (200, [])
    assert stored.items() == before


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.prefix in DELETED], ids=lambda kind: kind.prefix)
def test_a_deletion_under_an_idempotency_key_is_told_again(
    account: Account, assistant: str, table: Table, stored: Stored, kind: Kind
) -> None:
    name, *_ = poisoned(account, table, stored, kind, "missing")
    first, second = (account.call(kind.named_by[-1], name, headers={"idempotency-key": "1"}) for _ in range(2))
    assert (first.status, second.status) == (200, 200)
    assert second.headers["idempotent-replayed"] == "true"
