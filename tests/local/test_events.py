"""What requests do is told to an event bus: by the table's stream, the pipe's filter and target, and its function."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from assistants_api.events import EVENTS_PER_RECORD
from assistants_api.models.assistant import CONFIGURATION
from assistants_api.models.event import AnyEvent
from assistants_api.storage import keys
from assistants_api.storage.table import Table
from assistants_api.storage.values import pack_key
from local.events import SCHEMA, schema
from tests.catalogue import API_KEY_ID, ASSISTANT_ID
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.harness import ROOT, Account, admin, new_key, removed_by_ttl, sample
from tests.pipe import (
    BATCH_SIZE,
    MAX_ENTRIES,
    PATTERNS,
    PIPE,
    RESOURCES,
    Event,
    Stream,
    described,
    events_of,
    stream_of,
)

SECRET = "a text that nobody else may read"
DETAIL = {name: set(model["required"]) for name, model in schema()["$defs"].items()}
FIELDS = {
    "assistant": DETAIL["AssistantEvent"],
    "phone_number": DETAIL["PhoneNumberEvent"],
    "api_key.created": DETAIL["ApiKeyCreated"],
    "api_key.revoked": DETAIL["ApiKeyRevoked"],
}


@pytest.fixture
def stream(real_engine: str, table: Table, account: Account) -> Iterator[Stream]:
    """From here on, by DynamoDB Local: moto serves no streams here."""
    with stream_of(table) as stream:
        yield stream


def happened(stream: Stream) -> list[Event]:
    """The events so far, each of which is what the schema says."""
    events = events_of(stream.records())
    for event in events:
        kind = event["detail-type"]
        assert event.keys() == {"source", "detail-type", "time", "detail"}
        assert event["source"] == "assistants"
        detail = event["detail"]
        assert detail == AnyEvent.validate_python(detail, strict=True).model_dump()
        assert detail.keys() == FIELDS.get(kind) or detail.keys() == FIELDS[kind.partition(".")[0]]
        assert (detail["type"], detail["time"]) == (kind, event["time"])
    ids = [event["detail"]["id"] for event in events]
    assert len(set(ids)) == len(ids)
    return events


def details(stream: Stream, kind: str = "") -> list[dict[str, Any]]:
    return [event["detail"] for event in happened(stream) if event["detail-type"].startswith(kind)]


def told(stream: Stream, *fields: str) -> list[tuple[Any, ...]]:
    """The events, each as these of its fields."""
    return [tuple(detail[field] for field in fields) for detail in details(stream)]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_of_whatever_a_request_writes_the_filter_drops_only_what_is_no_event(
    account: Account, stream: Stream, scenario: Scenario
) -> None:
    attempt = scenario.prepare(account)
    assert attempt.act().status == 200
    records = stream.records()
    assert [event["detail"] for event in happened(stream)] == described(records)


# Assistants


def test_the_life_of_an_assistant_is_told_with_its_version_its_changed_fields_and_who_did_it(
    account: Account, stream: Stream
) -> None:
    other = new_key(account.slug, account.id)
    assistant = account.new_assistant()["id"]
    other.update(assistant, name="New", temperature=0.1)
    account.call("restore_version", assistant, "1", body={})
    other.call("delete_assistant", assistant)
    account.call("restore_assistant", assistant, body={})
    mine, theirs = account.key_id, other.key_id
    assert [it for it in told(stream, "type", "actor") if it[0].startswith("assistant.")] == [
        ("assistant.created", mine),
        ("assistant.updated", theirs),
        ("assistant.updated", mine),
        ("assistant.deleted", theirs),
        ("assistant.restored", mine),
    ]
    of_assistant = details(stream, "assistant.")
    assert {(it["assistant_id"], it["account_id"]) for it in of_assistant} == {(assistant, account.id)}
    assert [it["version"] for it in of_assistant] == [1, 2, 3, 3, 3]
    changed = ["name", "temperature"]
    assert [it["changed_fields"] for it in of_assistant] == [[*CONFIGURATION], changed, changed, [], []]


def test_an_assistant_that_is_cloned_or_imported_is_created_and_one_that_an_import_changes_is_updated(
    account: Account, stream: Stream
) -> None:
    original = account.new_assistant()["id"]
    clone = account.call("clone_assistant", original).json["assistant"]["id"]
    for temperature in (0.1, 0.2):
        export = {"external_id": "a", "configuration": {"name": "x", "temperature": temperature}}
        imported = account.call("import_assistant", body={"export": export}).json["assistant"]["id"]
    assert told(stream, "type", "assistant_id") == [
        ("assistant.created", original),
        ("assistant.created", clone),
        ("assistant.created", imported),
        ("assistant.updated", imported),
    ]


def test_what_ttl_removes_and_what_a_purge_deletes_is_no_event(account: Account, stream: Stream, table: Table) -> None:
    assistant = account.new_assistant()["id"]
    account.call("delete_assistant", assistant)
    before = happened(stream)
    removed_by_ttl(table, account, assistant)
    table.client.delete_item(TableName=table.name, Key=pack_key(keys.version(account.id, assistant, "1")))
    assert happened(stream) == before


def test_what_was_refused_tried_only_or_changed_nothing_is_no_event(account: Account, stream: Stream) -> None:
    assistant = account.new_assistant(name="Same")["id"]
    number = account.new_number(label="Main")
    account.assign(assistant, [number])
    before = happened(stream)
    assert account.update(assistant, name="Same").status == 200
    assert account.update(assistant, temperature=9).status == 400
    body = {"accountSlug": account.slug, "name": "x"}
    assert account.call("update_assistant", assistant, query={"dry_run": "true"}, body=body).status == 200
    assert account.assign(assistant, [number]).status == 200
    assert account.call("update_phone_number", number, body={"label": "Night", "status": "suspended"}).status == 200
    assert account.call("test_api_key").status == 200
    assert happened(stream) == before


# Phone numbers


def test_a_bulk_assignment_is_one_event_for_each_number(account: Account, stream: Stream) -> None:
    assistant = account.new_assistant()["id"]
    numbers = [account.new_number(f"+1415555{it:04}") for it in range(12)]
    account.assign(assistant, numbers)
    account.assign(assistant, numbers[:2])
    of_numbers = details(stream, "phone_number.")
    assert {(it["assistant_id"], it["actor"], it["account_id"]) for it in of_numbers} == {
        (assistant, account.key_id, account.id)
    }
    assigned = {it["phone_number_id"] for it in of_numbers if it["type"] == "phone_number.assigned"}
    released = {it["phone_number_id"] for it in of_numbers if it["type"] == "phone_number.released"}
    assert (assigned, released) == (set(numbers), set(numbers[2:]))
    assert len(of_numbers) == 12 + 10


def test_a_number_that_moves_is_released_by_one_assistant_and_then_assigned_to_the_other(
    account: Account, stream: Stream
) -> None:
    other = new_key(account.slug, account.id)
    first, second, number = account.new_assistant()["id"], account.new_assistant()["id"], account.new_number()
    account.assign(first, [number])
    other.assign(second, [number], reassign=True)
    assert [(it["type"], it["assistant_id"], it["actor"]) for it in details(stream, "phone_number.")] == [
        ("phone_number.assigned", first, account.key_id),
        ("phone_number.released", first, other.key_id),
        ("phone_number.assigned", second, other.key_id),
    ]


def test_a_number_is_released_with_the_deletion_of_its_assistant_and_with_its_own(
    account: Account, stream: Stream
) -> None:
    first, second = account.new_assistant()["id"], account.new_assistant()["id"]
    one, two, free = (account.new_number(f"+1415555010{it}") for it in (1, 2, 3))
    account.assign(first, [one])
    account.assign(second, [two])
    account.force("delete_assistant", first)
    account.force("delete_phone_number", two)
    account.call("delete_phone_number", free)
    released = details(stream, "phone_number.released")
    assert [(it["phone_number_id"], it["assistant_id"], it["actor"]) for it in released] == [
        (one, first, account.key_id),
        (two, second, None),  # nothing is left of it that says who
    ]


# API keys


def test_api_keys_are_created_by_the_operator_or_by_another_key(account: Account, stream: Stream) -> None:
    by_operator = new_key(account.slug, account.id).key_id
    body = {"name": "x", "scopes": ["calls:route"]}
    by_key = account.call("create_api_key", body=body).json["api_key"]["id"]
    assert told(stream, "type", "api_key_id", "actor", "account_id") == [
        ("api_key.created", by_operator, "operator", account.id),
        ("api_key.created", by_key, account.key_id, account.id),
    ]


def test_an_api_key_is_revoked_in_four_ways(account: Account, stream: Stream) -> None:
    deactivated, deleted, revoked, rotated = (new_key(account.slug, account.id).key_id for _ in range(4))
    account.call("update_api_key", deactivated, body={"is_active": False})
    account.call("delete_api_key", deleted)
    admin("revoke_api_key", slug=account.slug, id=revoked)
    new = account.call("rotate_api_key", rotated, body={"grace_seconds": 3600}).json["api_key"]["id"]
    ends = details(stream, "api_key.revoked")
    assert {(it["api_key_id"], it["reason"], it["actor"]) for it in ends} == {
        (deactivated, "deactivated", account.key_id),
        (deleted, "deleted", None),
        (revoked, "revoked", "operator"),
        (rotated, "rotated", account.key_id),
    }
    assert {it["reason"] for it in ends if it["stops_at"] == it["time"]} == {"deactivated", "deleted", "revoked"}
    assert [it["actor"] for it in details(stream, "api_key.created") if it["api_key_id"] == new] == [account.key_id]


def test_a_key_that_is_renamed_reactivated_or_deleted_while_it_is_inactive_is_no_event(
    account: Account, stream: Stream
) -> None:
    other = new_key(account.slug, account.id).key_id
    account.call("update_api_key", other, body={"name": "New"})
    account.call("update_api_key", other, body={"is_active": False})
    account.call("update_api_key", other, body={"is_active": True})
    account.call("update_api_key", other, body={"is_active": False})
    account.call("delete_api_key", other)
    assert told(stream, "type") == [("api_key.created",), ("api_key.revoked",), ("api_key.revoked",)]


# All of them


def test_no_event_holds_a_text_of_the_configuration_a_name_or_a_secret(account: Account, stream: Stream) -> None:
    texts = ("name", "system_prompt", "first_message", "voice_name")
    assistant = account.new_assistant()["id"]
    account.update(assistant, None, **dict.fromkeys(texts, SECRET))
    number = account.new_number(label=SECRET)
    account.assign(assistant, [number])
    key = account.call("create_api_key", body={"name": SECRET, "scopes": ["*"]}).json["full_key"]
    account.force("delete_assistant", assistant)
    account.call("restore_assistant", assistant, body={})
    text = json.dumps(happened(stream))
    assert SECRET not in text
    assert key not in text
    assert key[:40] not in text
    assert {it["detail-type"] for it in happened(stream)} == {
        "assistant.created", "assistant.updated", "assistant.deleted", "assistant.restored",
        "phone_number.assigned", "phone_number.released", "api_key.created",
    }  # fmt: skip


def test_a_record_that_comes_again_gives_events_with_the_same_ids(account: Account, stream: Stream) -> None:
    first, second, number = account.new_assistant()["id"], account.new_assistant()["id"], account.new_number()
    account.assign(first, [number])
    account.assign(second, [number], reassign=True)
    records = stream.records()
    assert events_of(records) == events_of(records)


def test_the_sample_of_a_record_is_an_update() -> None:
    (event,) = events_of(sample("describe_change"))
    assert event == {
        "source": "assistants",
        "detail-type": "assistant.updated",
        "time": "2024-02-14T10:00:00Z",
        "detail": {
            "id": "c4ca4238a0b923820dcc509a6f75849b.0",
            "type": "assistant.updated",
            "time": "2024-02-14T10:00:00Z",
            "account_id": "acct_01jd5xexamp1e0000000000000",
            "actor": API_KEY_ID,
            "assistant_id": ASSISTANT_ID,
            "version": 2,
            "changed_fields": ["system_prompt", "temperature"],
        },
    }


def test_a_record_that_is_no_item_of_ours_gives_no_event() -> None:
    record = {
        "eventID": "1",
        "eventName": "INSERT",
        "dynamodb": {"Keys": pack_key(("SLUG#x", "SLUG")), "ApproximateCreationDateTime": 0, "NewImage": {}},
    }
    assert described([record]) == []


def test_every_type_is_in_the_documentation_and_its_example_is_an_event() -> None:
    text = (ROOT / "docs/events.md").read_text()
    assert [it for it in schema()["properties"]["detail-type"]["enum"] if f"`{it}`" not in text] == []
    example = json.loads(text[text.index("    {\n") : text.index("    }\n\n") + 6])
    assert example["detail"] == AnyEvent.validate_python(example["detail"]).model_dump()
    assert (example["detail-type"], example["time"]) == (example["detail"]["type"], example["detail"]["time"])


def test_the_schema_in_the_documentation_is_that_of_the_events() -> None:
    assert json.loads(SCHEMA.read_text()) == schema(), "Run `make events`."


# The pipe of the template


def test_a_batch_has_no_more_events_than_a_bus_takes_at_once() -> None:
    assert BATCH_SIZE * EVENTS_PER_RECORD <= MAX_ENTRIES
    assert len(PATTERNS) <= 5


def test_without_a_bus_there_is_nothing_of_it() -> None:
    parts = {name: it.get("Condition") for name, it in RESOURCES.items() if "Event" in name or name == "DescribeChange"}
    assert parts == dict.fromkeys(["DescribeChange", "EventPipe", "EventPipeRole", "FailedEvents"], "HasEventBus")


def test_the_pipe_may_read_the_stream_ask_its_function_and_write_to_its_bus_and_its_queue_alone() -> None:
    (policy,) = RESOURCES["EventPipeRole"]["Properties"]["Policies"]
    allowed = {json.dumps(it["Resource"]): it["Action"] for it in policy["PolicyDocument"]["Statement"]}
    queue = PIPE["SourceParameters"]["DynamoDBStreamParameters"]["DeadLetterConfig"]["Arn"]
    assert allowed.keys() == {json.dumps(it) for it in (PIPE["Source"], PIPE["Enrichment"], queue, PIPE["Target"])}
    assert sorted(str(action) for action in allowed.values() if isinstance(action, str)) == [
        "events:PutEvents", "lambda:InvokeFunction", "sqs:SendMessage"
    ]  # fmt: skip
