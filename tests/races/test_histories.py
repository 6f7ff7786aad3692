"""Random requests of several callers at once: the history of each assistant explains every answer.

The versions of an assistant are the serial order. An answer that shows version n shows what the history has of n; a
change made n of what the history has of n - 1; and each version has one request that made it.
"""

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any

import httpx
import pytest

from tests.http.conftest import Api, unheard_of_number
from tests.races.conftest import statuses, storm

pytestmark = pytest.mark.xdist_group("races")

CALLERS, ACTS = 6, 150
KEPT = {"version", "updated_at", "phone_number_ids"}
GONE = {404}  # while it is deleted
FIELDS = ("voice_name", "voice_id", "first_message", "system_prompt", "transcriptor_model")


@dataclass
class Change:
    """A change that was answered with 200: what it says is stored, and what it asked for."""

    shown: Mapping[str, Any]
    fields: Mapping[str, Any]
    restores: int | None = None
    if_match: str | None = None


@dataclass
class World:
    """What callers at once have asked for and been told, for the two assistants that they share."""

    api: Api
    seed: int
    assistants: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    changes: dict[str, list[Change]] = field(default_factory=lambda: defaultdict(list))
    created: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # by idempotency key
    replies: list[httpx.Response] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        for _ in range(2):
            self.assistants.append(self.api.new_assistant())
            number = self.api.post("/api/phone-numbers", phoneNumber=unheard_of_number()).json()["phone_number"]["id"]
            self.numbers.append(number)

    def send(
        self, method: str, path: str, allowed: set[int], key: str | None = None, **more: Any
    ) -> list[httpx.Response]:
        """What was done. Under a key it is asked for twice; what the first request did, the second tells again."""
        headers = more.pop("headers", {}) | ({"Idempotency-Key": key} if key else {})
        body = {"accountSlug": self.api.slug, **more.pop("body", {})}
        sent = [
            self.api.client.request(method, path, headers=headers, json=body, **more) for _ in range(2 if key else 1)
        ]
        if "idempotent-replayed" in sent[-1].headers:
            assert sent[-1].json() == sent[0].json()
        with self.lock:
            self.replies += sent
        assert {reply.status_code for reply in sent} <= {200, *allowed}, [reply.text for reply in sent]
        return [reply for reply in sent if reply.status_code == 200 and "idempotent-replayed" not in reply.headers]

    def act(self, number: int) -> None:
        dice = random.Random(f"{self.seed} {number}")  # noqa: S311
        assistant = dice.choice(self.assistants)
        key = f"key {number}".replace(" ", "-") if dice.random() < 0.4 else None
        operation = dice.choices(
            [self.patch, self.restore, self.assign, self.clone, self.create, self.delete, self.undelete],
            [10, 3, 3, 1, 2, 1, 3],
        )[0]
        operation(dice, assistant, key)

    def patch(self, dice: random.Random, assistant: str, key: str | None) -> None:
        names = dice.sample(FIELDS, dice.randint(1, 2))
        fields = {name: f"{name} {dice.getrandbits(40)}" for name in names}
        etag = self.api.get(assistant).headers.get("etag") if dice.random() < 0.3 else None
        headers = {"If-Match": etag} if etag else {}
        done = self.send("PATCH", assistant, GONE | {409, 412}, key, body=fields, headers=headers)
        self.note(assistant, done, fields=fields, if_match=etag)

    def restore(self, dice: random.Random, assistant: str, key: str | None) -> None:
        version = dice.randint(1, 6)
        done = self.send("POST", f"{assistant}/versions/{version}/restore", GONE | {409}, key)
        self.note(assistant, done, fields={}, restores=version)

    def note(self, assistant: str, done: list[httpx.Response], **asked: Any) -> None:
        with self.lock:
            self.changes[assistant] += [Change(reply.json()["assistant"], **asked) for reply in done]

    def assign(self, dice: random.Random, assistant: str, key: str | None) -> None:
        wanted = dice.sample(self.numbers, dice.randint(0, 2))
        body = {"phoneNumberIds": wanted, "reassign": True}
        self.send("PATCH", f"{assistant}/telephony/phone-numbers", GONE | {409}, key, body=body)

    def clone(self, dice: random.Random, assistant: str, key: str | None) -> None:
        self.note_created(key, self.send("POST", f"{assistant}/clone", GONE, key))

    def create(self, dice: random.Random, assistant: str, key: str | None) -> None:
        self.note_created(key, self.send("POST", "/api/assistants", set(), key, body={"name": "Created"}))

    def note_created(self, key: str | None, done: list[httpx.Response]) -> None:
        with self.lock:
            for reply in done:
                self.created[key or reply.headers["x-request-id"]].add(reply.json()["assistant"]["id"])

    def delete(self, dice: random.Random, assistant: str, key: str | None) -> None:
        self.send("DELETE", assistant, GONE | {409}, key, params={"force": "true"})

    def undelete(self, dice: random.Random, assistant: str, key: str | None) -> None:
        self.send("POST", f"{assistant}/restore", GONE | {409}, key)

    def history(self, assistant: str) -> dict[int, dict[str, Any]]:
        """What the assistant was at each version, without what is no part of it."""
        newest = self.api.assistant(assistant)["version"]
        shown = [self.api.get(f"{assistant}/versions/{number}") for number in range(1, newest + 1)]
        return {number: configuration(reply.json()["assistant"]) for number, reply in enumerate(shown, 1)}


def configuration(assistant: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in assistant.items() if name not in KEPT}


@pytest.mark.parametrize("seed", range(3))
def test_the_history_explains_every_answer(api: Api, seed: int) -> None:
    world = World(api, seed)
    storm([partial(world.act, number) for number in range(ACTS)], CALLERS)
    assert {500, 503}.isdisjoint(statuses(world.replies))
    for assistant in world.assistants:
        api.client.post(f"{assistant}/restore", json={})
        history, made = world.history(assistant), defaultdict[int, int](int)
        for change in world.changes[assistant]:
            version = change.shown["version"]
            assert configuration(change.shown) == history[version]
            if change.restores:
                expected = history[change.restores]
            else:
                expected = {**history.get(version - 1, {}), **change.fields}
                assert history[version].items() >= change.fields.items()
            if version > 1 and expected == history[version] != history[version - 1]:
                made[version] += 1
                if change.if_match:
                    assert change.if_match.strip('"').partition(".")[0] == str(version - 1)
        assert set(made) == set(range(2, len(history) + 1))
    listed = [it["id"] for page in pages(api) for it in page["assistants"]]
    assert all(len(ids) == 1 for ids in world.created.values())
    assert sorted(listed) == sorted({*(it.rsplit("/", 1)[1] for it in world.assistants)}.union(*world.created.values()))


def pages(api: Api) -> list[dict[str, Any]]:
    found, cursor = [api.get("/api/assistants", limit="100").json()], None
    while cursor := found[-1]["next_cursor"]:
        found.append(api.get("/api/assistants", limit="100", cursor=cursor).json())
    return found
