"""A change of an item that can't be read is no event, and is in the way of no other."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from assistants_api.storage import keys
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.values import pack, pack_key
from tests.catalogue import API_KEY_ID, ASSISTANT_ID
from tests.harness import sample
from tests.pipe import SOURCE, Record, described
from tests.poison import A_MAP

SECRET = "what-somebody-else-stored"
ACCOUNT_ID = "acct_01jd5xexamp1e0000000000000"
API_KEY = keys.api_key(ACCOUNT_ID, API_KEY_ID)
ASSISTANT = keys.assistant(ACCOUNT_ID, ASSISTANT_ID)
DELETED = keys.deleted_assistant(ACCOUNT_ID, ASSISTANT_ID)
NUMBER = keys.phone_number(ACCOUNT_ID, "pn_14155550101")
VERSION = keys.version(ACCOUNT_ID, ASSISTANT_ID, "2")

Image = Mapping[str, Any]
KEY: Image = {"id": API_KEY_ID, "is_active": True, "created_by_id": API_KEY_ID}
FREE: Image = {"id": "pn_14155550101", "assigned_by_id": API_KEY_ID}
HELD: Image = {**FREE, "assistant_id": ASSISTANT_ID}
CHANGES: dict[str, tuple[PrimaryKey, Image, Image]] = {  # the images before and after
    "a new version": (VERSION, {}, {"version": 2, "changed_by_id": API_KEY_ID, "changed_fields": {"name"}}),
    "a deletion": (DELETED, {}, {"id": ASSISTANT_ID, "version": 2, "deleted_by_id": API_KEY_ID}),
    "a restoration": (ASSISTANT, {}, {"id": ASSISTANT_ID, "version": 2, "restored_by_id": API_KEY_ID}),
    "an assigned number": (NUMBER, FREE, HELD),
    "a released number": (NUMBER, HELD, FREE),
    "a number deleted": (NUMBER, HELD, {}),
    "a new key": (API_KEY, {}, KEY),
    "a deactivated key": (API_KEY, KEY, {**KEY, "is_active": False, "retired_by_id": API_KEY_ID}),
    "a rotated key": (
        API_KEY,
        KEY,
        {**KEY, "rotated_at": "2024-01-15T10:00:00Z", "expires_at": "2024-01-15T11:00:00Z"},
    ),
    "a deleted key": (API_KEY, KEY, {}),
}
CASES = [  # each image with each attribute that it has
    pytest.param(change, image, name, id=f"{change}-{image}-{name}")
    for change, (_, *images) in CHANGES.items()
    for image, values in zip(("OldImage", "NewImage"), images, strict=True)
    for name in values
]


def record(change: str) -> Record:
    key, before, after = CHANGES[change]
    images = {name: pack_key(key) | pack(image) for name, image in (("OldImage", before), ("NewImage", after)) if image}
    text = json.dumps({"Keys": pack_key(key), "ApproximateCreationDateTime": 0, "SequenceNumber": "1", **images})
    return {"eventID": "1", "dynamodb": json.loads(text)}


def poisoned(change: str, image: str, name: str) -> Iterator[Record]:
    for value in (None, A_MAP, {"N": "7"}, {"L": [{"S": SECRET}]}, {"S": SECRET}, {"unknown": SECRET}):
        changed = record(change)
        changed["dynamodb"][image] |= {name: value}
        if value is None:
            del changed["dynamodb"][image][name]
        yield changed


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_is_an_event_while_it_can_be_read(change: str) -> None:
    assert len(described([record(change)])) == 1


@pytest.mark.parametrize(("change", "image", "name"), CASES)
def test_whatever_an_item_holds_the_other_events_of_its_batch_are_told(
    output: Callable[[], str], change: str, image: str, name: str
) -> None:
    (other,) = described(sample("describe_change"))
    for changed in poisoned(change, image, name):
        events = described([*sample("describe_change"), changed, *sample("describe_change")])
        assert (events[0], events[-1]) == (other, other)
    assert SECRET not in output()


@pytest.mark.parametrize(
    ("change", "image", "name", "item"),
    [
        ("a new version", "NewImage", "version", f"version 2 of {ASSISTANT_ID}: KeyError('version')"),
        ("a deletion", "NewImage", "id", f"deleted assistant {ASSISTANT_ID}: KeyError('id')"),
        ("a restoration", "NewImage", "version", f"assistant {ASSISTANT_ID}: KeyError('version')"),
        ("a new key", "NewImage", "id", f"API key {API_KEY_ID}: KeyError('id')"),
        ("a deactivated key", "OldImage", "is_active", f"API key {API_KEY_ID}: KeyError('is_active')"),
        ("a deactivated key", "NewImage", "is_active", f"API key {API_KEY_ID}: KeyError('is_active')"),
        ("a deleted key", "OldImage", "is_active", f"API key {API_KEY_ID}: KeyError('is_active')"),
    ],
)
def test_the_log_names_the_item_and_says_what_is_wrong(
    output: Callable[[], str], change: str, image: str, name: str, item: str
) -> None:
    assert described([next(poisoned(change, image, name))]) == []
    line = json.loads(output())
    told = (line["level"], line["message"], line["account_id"], line["unreadable"])
    assert told == ("WARNING", "item_unreadable", ACCOUNT_ID, [item])


@pytest.mark.parametrize("change", ["an assigned number", "a released number", "a number deleted"])
def test_the_log_has_four_digits_of_a_number(output: Callable[[], str], change: str) -> None:
    changed = record(change)
    for image in ("OldImage", "NewImage"):
        if "assistant_id" in changed["dynamodb"].get(image, {}):
            changed["dynamodb"][image]["assistant_id"] = A_MAP
    assert described([changed]) == []
    reason = "phone number pn_...0101: assistant_id Input should be a valid string"
    assert json.loads(output())["unreadable"] == [reason]


def test_what_cannot_be_told_is_tried_again_a_bounded_number_of_times_for_a_bounded_time() -> None:
    stream = SOURCE["DynamoDBStreamParameters"]
    assert (stream["MaximumRetryAttempts"], stream["MaximumRecordAgeInSeconds"]) == (100, 3600)
