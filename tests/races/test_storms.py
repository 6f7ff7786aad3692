"""Every loop is bounded by a number of acts; a storm takes seconds."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from typing import Any

import httpx
import pytest

from tests.http.conftest import Api, unheard_of_number
from tests.races.conftest import CALLERS, Team, statuses, storm

pytestmark = pytest.mark.xdist_group("races")  # one after the other, on one stack

FIELDS: dict[str, list[Any]] = {
    "name": ["One", "Two", "Three", "Four"],
    "provider": ["anthropic", "google", "deepseek", "qwen"],
    "model": ["a", "b", "c", "d"],
    "temperature": [0.1, 0.7, 1.25, 1.9],
    "max_tokens": [1, 2, 3, 4],
    "first_message": ["Hello", "", "Good day", "Hi"],
    "system_prompt": ["Be brief.", "Be kind.", "", "Be done."],
    "voice_provider": ["elevenlabs", "cartesia", "elevenlabs", "cartesia"],
    "voice_model": ["a", "b", "c", "d"],
    "voice_id": ["a", "b", "c", "d"],
    "voice_name": ["a", "b", "c", "d"],
    "transcriptor_provider": ["assemblyai", "deepgram", "assemblyai", "deepgram"],
    "transcriptor_model": ["a", "b", "c", "d"],
    "transcriptor_language": ["en", "es", "pt-BR", "multi"],
    "recording_enabled": [False, True, False, True],
    "inbound_enabled": [True, False, True, False],
}


def imported(api: Api) -> str:
    number: str = api.post("/api/phone-numbers", phoneNumber=unheard_of_number()).json()["phone_number"]["id"]
    return number


def holder(api: Api, number: str) -> str | None:
    """The path of the assistant that the number names."""
    assistant = api.get(f"/api/phone-numbers/{number}").json()["phone_number"]["assistant_id"]
    return f"/api/assistants/{assistant}" if assistant else None


def test_every_field_of_many_changes_survives_and_the_versions_have_no_gap(api: Api) -> None:
    assistant = api.new_assistant()
    acts = [
        partial(api.patch, assistant, **{field: values[turn]}) for turn in range(4) for field, values in FIELDS.items()
    ]
    replies = storm(acts)
    assert statuses(replies) == {200}
    written = {reply.json()["assistant"]["version"] for reply in replies}
    after = api.assistant(assistant)
    assert after.items() >= {field: values[-1] for field, values in FIELDS.items()}.items()
    assert written | {1} == set(range(1, after["version"] + 1))


def test_one_assistant_gets_the_numbers_that_many_want_and_the_others_lose_nothing(api: Api) -> None:
    assistants = [api.new_assistant() for _ in range(CALLERS)]
    own = {assistant: imported(api) for assistant in assistants}
    for assistant in assistants:
        assert api.assign(assistant, [own[assistant]]).status_code == 200
    for _ in range(3):
        wanted = [imported(api) for _ in range(3)]
        replies = storm([partial(api.assign, assistant, [own[assistant], *wanted]) for assistant in assistants])
        assert statuses(replies) == {200, 409}
        won = [assistant for assistant, reply in zip(assistants, replies, strict=True) if reply.status_code == 200]
        assert len(won) == 1
        assert {holder(api, number) for number in wanted} == set(won)
        for assistant in assistants:
            held = [own[assistant], *(wanted if assistant in won else [])]
            assert set(held) <= set(api.assistant(assistant)["phone_number_ids"])


def test_overlapping_wishes_are_granted_as_a_whole_or_not_at_all(api: Api) -> None:
    assistants = [api.new_assistant() for _ in range(CALLERS)]
    numbers = [imported(api) for _ in range(6)]
    chosen = random.Random(1)  # noqa: S311
    wishes = {assistant: sorted(chosen.sample(numbers, 2)) for assistant in assistants}
    replies = storm([partial(api.assign, assistant, wishes[assistant]) for assistant in assistants])
    assert {200} <= statuses(replies) <= {200, 409}
    for assistant, reply in zip(assistants, replies, strict=True):
        granted = wishes[assistant] if reply.status_code == 200 else []
        assert api.assistant(assistant)["phone_number_ids"] == granted


def test_one_of_two_accounts_gets_a_number_that_both_import(new_team: Callable[[], Team]) -> None:
    one, two = new_team(), new_team()
    with one.caller(one.new_key()["full_key"]) as first, two.caller(two.new_key()["full_key"]) as second:
        for _ in range(8):
            number = unheard_of_number()
            apis = [first, second] * (CALLERS // 2)
            replies = storm([partial(api.post, "/api/phone-numbers", phoneNumber=number) for api in apis])
            by_team = [statuses(replies[0::2]), statuses(replies[1::2])]
            assert sorted(by_team, key=min) == [{200}, {409}]
            records = [reply.json()["phone_number"] for reply in replies if reply.status_code == 200]
            assert records == records[:1] * (CALLERS // 2)


def test_a_number_that_is_moved_all_the_time_is_answered_all_the_time(api: Api) -> None:
    assistants = [api.new_assistant("inbound-support") for _ in range(4)]
    number = imported(api)
    assert api.assign(assistants[0], [number]).status_code == 200
    ended, answers = Event(), list[httpx.Response]()

    def call() -> None:
        for _ in range(2_000):
            if ended.is_set():
                return
            answers.append(api.get(f"/api/routes/{number.replace('pn_', '+')}"))

    with ThreadPoolExecutor(2) as probes:
        probing = [probes.submit(call) for _ in range(2)]
        acts = [partial(api.assign, assistant, [number], reassign=True) for _ in range(16) for assistant in assistants]
        replies = storm(acts)
        ended.set()
        assert [probe.result() for probe in probing] == [None, None]
    assert {200} <= statuses(replies) <= {200, 409}
    assert {reply.json()["code"] for reply in replies if reply.status_code == 409} <= {"concurrent_change"}
    assert len(answers) > 5
    assert {(answer.status_code, answer.json().get("reason")) for answer in answers} <= {(200, "routed"), (503, None)}
    held = [assistant for assistant in assistants if api.assistant(assistant)["phone_number_ids"]]
    assert held == [holder(api, number)]


def test_numbers_pulled_in_all_directions_have_one_holder_each(api: Api) -> None:
    assistants, numbers = [api.new_assistant() for _ in range(6)], [imported(api) for _ in range(6)]
    chosen = random.Random(2)  # noqa: S311
    acts = [
        partial(api.assign, chosen.choice(assistants), chosen.sample(numbers, chosen.randrange(4)), reassign=True)
        for _ in range(96)
    ]
    replies = storm(acts)
    assert {200} <= statuses(replies) <= {200, 409}
    assert {reply.json()["code"] for reply in replies if reply.status_code == 409} <= {"concurrent_change"}
    held = [(number, each) for each in assistants for number in api.assistant(each)["phone_number_ids"]]
    assert sorted(held) == sorted((number, each) for number in numbers if (each := holder(api, number)))


def test_long_assignments_at_once_leave_each_number_with_one_holder_that_lists_it(api: Api) -> None:
    """Of 100 and more numbers each, so every assignment takes several transactions."""
    assistants, numbers = [api.new_assistant() for _ in range(3)], [imported(api) for _ in range(140)]
    chosen = random.Random(4)  # noqa: S311
    acts = [
        partial(api.assign, assistants[turn % 3], chosen.sample(numbers, 100 + 10 * (turn % 4)), reassign=True)
        for turn in range(12)
    ]
    replies = storm(acts, callers=3)
    assert {200} <= {reply.status_code for reply in replies} <= {200, 409, 503}
    assert {reply.json()["code"] for reply in replies if reply.status_code == 409} <= {"concurrent_change"}
    held = {each: api.assistant(each)["phone_number_ids"] for each in assistants}
    assert sorted((number, each) for each in assistants for number in held[each]) == sorted(
        (number, each) for number in numbers if (each := holder(api, number))
    )
    assert api.assign(assistants[0], numbers, reassign=True).status_code == 200
    assert {holder(api, number) for number in numbers} == {assistants[0]}


def test_changes_and_assignments_at_once_lose_nothing_of_each_other(api: Api) -> None:
    assistant, numbers = api.new_assistant(), [imported(api) for _ in range(4)]
    changes = [partial(api.patch, assistant, **{field: FIELDS[field][turn]}) for turn in range(4) for field in FIELDS]
    assignments = [partial(api.assign, assistant, numbers[: turn % 5]) for turn in range(64)]
    mixed = [act for pair in zip(changes, assignments, strict=True) for act in pair]
    replies = storm(mixed, callers=32)
    assert statuses(replies[0::2]) == {200}
    assert {200} <= statuses(replies[1::2]) <= {200, 409}
    after = api.assistant(assistant)
    assert after.items() >= {field: values[-1] for field, values in FIELDS.items()}.items()
    written = [reply.json()["assistant"]["version"] for reply in replies[0::2]]
    assert len(set(written)) >= len(written) - 1  # two of a field may have met the same value
    assert after["version"] >= max(written)


def test_deletions_and_assignments_at_once_leave_nothing_behind(api: Api) -> None:
    assistants, numbers = [api.new_assistant() for _ in range(8)], [imported(api) for _ in range(12)]
    chosen = random.Random(3)  # noqa: S311

    def act() -> Callable[[], httpx.Response]:
        assistant, number = chosen.choice(assistants), chosen.choice(numbers)
        force = {"force": "true"} if chosen.random() < 0.5 else {}
        return chosen.choice(
            [
                partial(api.assign, assistant, chosen.sample(numbers, 2), reassign=True),
                partial(api.assign, assistant, chosen.sample(numbers, 3)),
                partial(api.assign, assistant, []),
                partial(
                    api.client.delete, assistant if chosen.random() < 0.2 else f"{assistant}/nothing", params=force
                ),
                partial(api.client.delete, f"/api/phone-numbers/{number}", params=force),
                partial(api.post, "/api/phone-numbers", phoneNumber=number.replace("pn_", "+")),
                partial(api.patch, assistant, name=f"Name {chosen.random()}"),
            ]
        )

    replies = storm([act() for _ in range(192)])
    assert {200} <= statuses(replies) <= {200, 404, 409}
    left = api.get("/api/phone-numbers", limit="100").json()["numbers"]
    held = [(each["id"], each["assistant_id"]) for each in left if each["assistant_id"]]
    listed = api.get("/api/assistants", limit="100").json()["assistants"]
    assert sorted(held) == sorted((number, each["id"]) for each in listed for number in each["phone_number_ids"])


def test_a_deleted_assistant_is_gone_for_every_assignment_after(api: Api) -> None:
    for _ in range(4):
        assistant, numbers = api.new_assistant(), [imported(api) for _ in range(CALLERS - 1)]
        deletion = partial(api.client.delete, assistant, params={"force": "true"})
        replies = storm([deletion, *(partial(api.assign, assistant, [number]) for number in numbers)])
        assert replies[0].status_code == 200
        assert statuses(replies[1:]) <= {200, 404, 409}
        assert api.get(assistant).status_code == 404
        assert {holder(api, number) for number in numbers} == {None}


def test_an_assistant_that_is_deleted_and_restored_all_the_time_keeps_its_history(
    api: Api,
) -> None:
    assistant, number = api.new_assistant(), imported(api)
    acts = [
        partial(api.client.delete, assistant, params={"force": "true"}),
        partial(api.post, f"{assistant}/restore"),
        partial(api.assign, assistant, [number]),
        *(partial(api.patch, assistant, name=f"Name {turn}") for turn in range(2)),
    ]
    chosen = random.Random(5)  # noqa: S311
    replies = storm([chosen.choice(acts) for _ in range(160)])
    assert {200} <= statuses(replies) <= {200, 404, 409}
    deleted = api.get("/api/assistants", deleted="true").json()["assistants"]
    assert (api.get(assistant).status_code == 404) is bool(deleted)
    if deleted:
        assert api.post(f"{assistant}/restore").status_code == 200
    newest = api.assistant(assistant)["version"]
    versions = api.get(f"{assistant}/versions", limit="100").json()["versions"]
    assert [it["version"] for it in versions] == list(range(newest, max(newest - 100, 0), -1))


def revoke(team: Team, api: Api, key: Any) -> bool:
    return bool(team.operate("revoke_api_key", id=key["api_key"]["id"])["ok"])


def deactivate(team: Team, api: Api, key: Any) -> bool:
    return api.client.patch(f"/api/api-keys/{key['api_key']['id']}", json={"is_active": False}).status_code == 200


def delete(team: Team, api: Api, key: Any) -> bool:
    return api.client.delete(f"/api/api-keys/{key['api_key']['id']}").status_code == 200


def rotate(team: Team, api: Api, key: Any) -> bool:
    return api.client.post(f"/api/api-keys/{key['api_key']['id']}/rotate", json={"grace_seconds": 0}).status_code == 200


@pytest.mark.parametrize("end", [revoke, deactivate, delete, rotate])
@pytest.mark.parametrize("limit", [None, 100_000])
def test_after_the_answer_that_a_key_has_ended_no_request_with_it_succeeds(
    team: Team, api: Api, end: Callable[[Team, Api, Any], bool], limit: int | None
) -> None:
    key, ended = team.new_key(rate_limit_per_hour=limit), Event()
    begun = Event()

    def request(ending: Api) -> tuple[bool, int]:
        """Whether the key had ended before the request was sent, and the status."""
        late = ended.is_set()
        status = ending.get("/api/assistants").status_code
        if status == 200:
            begun.set()
        return late, status

    with team.caller(key["full_key"]) as ending, ThreadPoolExecutor(1) as operator:

        def finish() -> bool:
            begun.wait(30)
            time.sleep(0.2)
            done = end(team, api, key)
            ended.set()
            return done

        finished = operator.submit(finish)
        seen = list[tuple[bool, int]]()
        for _ in range(20):
            seen += storm([partial(request, ending)] * CALLERS * 2)
            if (True, 401) in seen:
                break
        assert finished.result()
    assert {status for late, status in seen if late} == {401}
    assert {status for _, status in seen} == {200, 401}


def test_two_keys_that_delete_each_other_do_not_both_succeed(new_team: Callable[[], Team]) -> None:
    for _ in range(4):
        team = new_team()
        keys = [team.new_key() for _ in range(2)]
        with team.caller(keys[0]["full_key"]) as one, team.caller(keys[1]["full_key"]) as two:
            replies = storm(
                [
                    partial(api.client.delete, f"/api/api-keys/{other['api_key']['id']}")
                    for api, other in ((one, keys[1]), (two, keys[0]))
                ]
                * (CALLERS // 2)
            )
            assert statuses(replies) <= {200, 401, 404, 409}
            assert {one.get("/api/assistants").status_code, two.get("/api/assistants").status_code} == {200, 401}


def test_as_many_requests_pass_as_the_limit_of_the_key_allows(team: Team) -> None:
    with team.caller(team.new_key(rate_limit_per_hour=40)["full_key"]) as limited:
        replies = storm([partial(limited.get, "/api/assistants")] * 96)
    passed = [reply.status_code for reply in replies]
    assert (passed.count(200), passed.count(429)) == (40, 56)


def test_one_account_gets_a_slug_that_many_want(team: Team, new_team: Callable[[], Team]) -> None:
    slug = f"{team.slug}-wanted"
    answers = storm([partial(team.operate, "create_account", slug=slug, name=f"Team {n}") for n in range(CALLERS)])
    assert sorted(answer["ok"] for answer in answers) == [False] * (CALLERS - 1) + [True]
