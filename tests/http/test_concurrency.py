"""Callers at the same time. Every loop is bounded by the number of callers."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

import httpx

from tests.http.conftest import Api, unheard_of_number

CHANGES: dict[str, Any] = {
    "name": "Concurrent",
    "provider": "anthropic",
    "model": "claude-x",
    "temperature": 1.25,
    "max_tokens": 2048,
    "first_message": "Hello!",
    "system_prompt": "Be brief.",
    "voice_provider": "elevenlabs",
    "voice_model": "eleven_turbo_v2",
    "voice_id": "EXAVITQu4vr4xnSDxMaL",
    "voice_name": "Bella",
    "transcriptor_provider": "assemblyai",
    "transcriptor_model": "best",
    "transcriptor_language": "pt-BR",
    "recording_enabled": False,
    "inbound_enabled": True,
}
Given = TypeVar("Given")
Result = TypeVar("Result")


def at_once(act: Callable[[Given], Result], given: Sequence[Given]) -> list[Result]:
    """The results of as many threads as there are arguments, which all start together."""
    start = Barrier(len(given))

    def run(argument: Given) -> Result:
        start.wait(30)
        return act(argument)

    with ThreadPoolExecutor(len(given)) as threads:
        return list(threads.map(run, given))


def listed(api: Api, number: str) -> Any:
    """The number as the list has it."""
    query = {"limit": "100"}
    for _ in range(1_000):
        page = api.get("/api/phone-numbers", **query).json()
        if found := [each for each in page["numbers"] if each["id"] == number]:
            return found[0]
        if not page["next_cursor"]:
            break
        query["cursor"] = page["next_cursor"]
    raise AssertionError(f"{number} is not in the list.")


def test_16_changes_of_different_fields_all_survive_and_their_versions_have_no_gap(api: Api, assistant: str) -> None:
    replies = at_once(lambda field: api.patch(assistant, **{field: CHANGES[field]}), list(CHANGES))
    assert [reply.status_code for reply in replies] == [200] * 16
    assert sorted(reply.json()["assistant"]["version"] for reply in replies) == list(range(2, 18))
    after = api.assistant(assistant)
    assert after.items() >= CHANGES.items()
    assert after["version"] == 17


def test_of_16_changes_bound_to_one_version_one_is_made(api: Api, assistant: str) -> None:
    def change(name: str) -> httpx.Response:
        body = {"accountSlug": api.slug, "name": name}
        return api.client.patch(assistant, json=body, headers={"If-Match": '"1"'})

    names = [f"Number {caller}" for caller in range(16)]
    statuses = [reply.status_code for reply in at_once(change, names)]
    assert sorted(statuses) == [200] + [412] * 15
    after = api.assistant(assistant)
    assert (after["name"], after["version"]) == (names[statuses.index(200)], 2)


def test_16_assistants_want_one_number_and_one_gets_it(api: Api, new_number: Callable[[], str]) -> None:
    number, assistants = new_number(), [api.new_assistant() for _ in range(16)]
    replies = at_once(lambda assistant: api.assign(assistant, [number]), assistants)
    statuses = [reply.status_code for reply in replies]
    assert sorted(statuses) == [200] + [409] * 15
    assert {reply.json()["code"] for reply in replies if reply.status_code == 409} == {"phone_number_assigned"}
    winner = assistants[statuses.index(200)]
    assert listed(api, number)["assistant_id"] == winner.rpartition("/")[2]
    assert [api.assistant(each)["phone_number_ids"] for each in assistants] == [
        [number] if each == winner else [] for each in assistants
    ]


def test_a_number_pulled_in_four_directions_ends_with_one_holder(api: Api, new_number: Callable[[], str]) -> None:
    number, assistants = new_number(), [api.new_assistant() for _ in range(4)]
    replies = at_once(lambda assistant: api.assign(assistant, [number], reassign=True), assistants)
    assert [reply.status_code for reply in replies] == [200] * 4
    holders = [each for each in assistants if api.assistant(each)["phone_number_ids"]]
    assert [each.rpartition("/")[2] for each in holders] == [listed(api, number)["assistant_id"]]


def test_a_change_and_an_assignment_at_once_keep_both(api: Api, assistant: str, new_number: Callable[[], str]) -> None:
    number = new_number()
    acts: list[Callable[[], httpx.Response]] = [
        lambda: api.patch(assistant, name="Renamed"),
        lambda: api.assign(assistant, [number]),
    ]
    assert [reply.status_code for reply in at_once(lambda act: act(), acts)] == [200, 200]
    after = api.assistant(assistant)
    assert (after["name"], after["phone_number_ids"], after["version"]) == ("Renamed", [number], 2)


def test_two_imports_of_one_number_make_one_record_with_the_label_of_either(api: Api) -> None:
    number = unheard_of_number()
    one, two = at_once(lambda label: api.post("/api/phone-numbers", phoneNumber=number, label=label), ["one", "two"])
    assert (one.status_code, two.status_code) == (200, 200)
    first, second = (reply.json()["phone_number"] for reply in (one, two))
    assert first["id"] == second["id"]
    assert listed(api, first["id"]) in (first, second)
