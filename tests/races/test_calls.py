"""Calls that ring while their numbers move: each is answered by an assistant that held the number meanwhile."""

from functools import partial

import httpx
import pytest

from tests.http.conftest import Api, Deployment, unheard_of_number
from tests.races.conftest import statuses, storm
from tests.webhooks import AUTH_TOKEN, STREAM, opened_by, parsed, ringing, twilio_signature

pytestmark = pytest.mark.xdist_group("races")

CALLS = 200
NUMBERS = 4


def test_each_of_200_calls_at_once_is_answered_by_an_assistant_that_held_its_number(
    api: Api, deployment: Deployment
) -> None:
    assistants = [api.new_assistant("inbound-support") for _ in range(3)]
    numbers = [unheard_of_number() for _ in range(NUMBERS)]
    ids = [api.post("/api/phone-numbers", phoneNumber=each).json()["phone_number"]["id"] for each in numbers]
    twilio = {"provider": "twilio", "accountSid": f"AC{'0' * 32}", "authToken": AUTH_TOKEN, "media": STREAM}
    connection = api.post("/api/telephony-connections", **twilio).json()["telephony_connection"]["id"]
    assert api.assign(assistants[0], ids).status_code == 200

    def ring(call: int) -> httpx.Response:
        form = ringing(CallSid=f"CA{call}", To=numbers[call % NUMBERS])
        path = f"/telephony/twilio/{connection}/voice"
        headers = {"x-twilio-signature": twilio_signature(deployment.base_url + path, form)}
        return api.client.post(path, data=form, headers=headers)

    calls = [partial(ring, call) for call in range(CALLS)]
    moves = [partial(api.assign, assistants[move % 3], ids, reassign=True) for move in range(CALLS // 4)]
    acts = [
        act for four, move in zip(zip(*[iter(calls)] * 4, strict=True), moves, strict=True) for act in (*four, move)
    ]
    replies = storm(acts)
    answered = [reply for reply in replies if reply.headers["content-type"].startswith("text/xml")]
    moved = [reply for reply in replies if reply not in answered]
    assert statuses(moved) <= {200, 409}
    assert len(answered) == CALLS
    assert {reply.status_code for reply in answered} == {200}
    told = [opened_by(parsed(reply.text))[1] for reply in answered]
    assert {parameters["assistant_id"] for parameters in told} <= {each.rpartition("/")[2] for each in assistants}
    listed = {call["id"]: call for call in _all_calls(api)}
    assert {call_id: call["assistant_id"] for call_id, call in listed.items()} == {
        parameters["call_id"]: parameters["assistant_id"] for parameters in told
    }


def _all_calls(api: Api) -> list[dict[str, str]]:
    calls, cursor = list[dict[str, str]](), ""
    for _ in range(CALLS):
        page = api.get("/api/calls", limit="100", **({"cursor": cursor} if cursor else {}))
        calls += page.json()["calls"]
        cursor = page.json()["next_cursor"]
        if not cursor:
            return calls
    raise AssertionError("The list has no end.")
