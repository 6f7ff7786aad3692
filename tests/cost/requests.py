"""One request of each endpoint, as tests/faults/scenarios has it, with a prompt of a size."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.catalogue import FUNCTIONS, WEBHOOKS
from tests.faults.scenarios import SCENARIOS
from tests.harness import UNSET, Account, Reply
from tests.webhooks import answering, connected, ring, ringing, send, signed

PAGE = "a page of 20 assistants"
ENDPOINTS = [it.name for it in (*FUNCTIONS, *WEBHOOKS)]
USUAL = {it.name: it.prepare for it in SCENARIOS if it.name in ENDPOINTS}
KB = 1024


def prompt(kilobytes: int) -> str:
    """Words at random, which compress as prose does: to less than half."""
    dice = random.Random(kilobytes)  # noqa: S311
    words = ["".join(dice.choices("etaoinshrdlu", k=dice.randint(2, 9))) for _ in range(300)]
    return " ".join(dice.choices(words, k=kilobytes * 300))[: kilobytes * KB]


@dataclass(frozen=True)
class Author(Account):
    """A caller whose assistants all have this prompt."""

    prompt: str = field(default="", compare=False)

    def call(self, function: str, *path: str, body: Any = UNSET, **options: Any) -> Reply:
        match function:
            case "create_assistant":
                body = {"accountSlug": self.slug, "name": "x", "templateId": "custom"} if body is UNSET else body
                body = body | {"system_prompt": self.prompt}
            case "update_assistant" if body is not UNSET and "system_prompt" in body:
                body = {**body, "system_prompt": body["system_prompt"] + self.prompt}
            case "import_assistant" if body is not UNSET:
                body = {"export": body["export"] | {"configuration": self._with_prompt(body["export"])}}
        return super().call(function, *path, body=body, **options)

    def _with_prompt(self, export: Mapping[str, Any]) -> dict[str, Any]:
        return {**export["configuration"], "system_prompt": self.prompt}


def prepare(name: str, author: Author) -> Callable[[], Reply]:
    """The request of the endpoint, or of `PAGE`, which is still to be sent."""
    if name in USUAL:
        return USUAL[name](author).act
    return OTHERS[name](author) if name in OTHERS else lambda: author.call(name)


def _answer_call(author: Author) -> Callable[[], Reply]:
    answering(author)
    connection = connected(author)
    return lambda: ring(connection)


def _record_call_status(author: Author) -> Callable[[], Reply]:
    answering(author)
    connection = connected(author)
    ring(connection)
    event = signed(connection, ringing(CallStatus="completed", CallDuration="61"), "record_call_status")
    return lambda: send(event, "record_call_status")


def _page(author: Author) -> Callable[[], Reply]:
    for _ in range(20):
        author.new_assistant()
    return lambda: author.call("list_assistants", query={"limit": "20"})


OTHERS: dict[str, Callable[[Author], Callable[[], Reply]]] = {
    "answer_call": _answer_call,
    "record_call_status": _record_call_status,
    PAGE: _page,
}
NAMES = [*ENDPOINTS, PAGE]
WITH_KEY = {it.name for it in FUNCTIONS if it.needs_api_key} | {PAGE}
ROUND_TRIPS = {it.name: len(it.round_trips) for it in (*FUNCTIONS, *WEBHOOKS)} | {PAGE: 2}
