"""examples/livekit_worker/agent.py: what it asks the API about a call, and what becomes of the call."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

import agent
from tests.workers.assistants import an_assistant
from tests.workers.servers import Answer, Request, Service, as_json, served

NUMBER, CALLER = "+14155550101", "+14155550199"
CALL = {"sip.trunkPhoneNumber": NUMBER, "sip.phoneNumber": CALLER, "sip.callID": "SCL_1"}
ROUTES = {
    "routed": {"success": True, "routed": True, "reason": "routed", "assistant": an_assistant()},
    "unassigned": {"success": True, "routed": False, "reason": "unassigned", "assistant": None},
    "refused": {"success": False, "error": "The API key lacks the scope calls:route."},
}


class Room:
    """What a job of LiveKit's has of a room with one caller."""

    def __init__(self, attributes: dict[str, str]) -> None:
        self.room, self.deleted, self.connected = object(), False, False
        self._caller = SimpleNamespace(attributes=attributes)

    async def connect(self) -> None:
        self.connected = True

    async def wait_for_participant(self, *, kind: object) -> SimpleNamespace:
        return self._caller

    async def delete_room(self) -> None:
        self.deleted = True


class Session:
    """Records what is spoken."""

    def __init__(self) -> None:
        self.instructions = ""
        self.said: list[str] = []

    async def start(self, started: Any, *, room: object) -> None:
        self.instructions = started.instructions

    def say(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture(params=["routed"])
def api(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    def answer(_: Request) -> Answer:
        route = ROUTES[request.param]
        return as_json(200 if route["success"] else 403, route)

    with served(answer) as service:
        monkeypatch.setenv("ASSISTANTS_API_URL", service.url)
        monkeypatch.setenv("ASSISTANTS_API_KEY", "tk_live_1")
        yield service


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    session = Session()
    monkeypatch.setattr(agent, "session_of", lambda _: session)
    return session


def answer(attributes: dict[str, str]) -> Room:
    room = Room(attributes)
    asyncio.run(agent.answer(room))
    return room


def test_the_assistant_of_the_dialled_number_says_its_first_message(api: Service, session: Session) -> None:
    room = answer(CALL)
    assert (room.connected, room.deleted) == (True, False)
    assert (session.instructions, session.said) == ("You are Alex.", [an_assistant()["first_message"]])
    (asked,) = api.requests
    assert asked.path == "/api/routes/%2B14155550101?caller=%2B14155550199&call_id=SCL_1"
    assert (asked.token, asked.json) == ("tk_live_1", {"variables": {"contact": {"phone": CALLER}}})


def test_a_caller_without_a_number_is_told_by_the_call(api: Service, session: Session) -> None:
    answer({"sip.trunkPhoneNumber": NUMBER, "sip.callID": "SCL_1"})
    assert api.requests[0].path.endswith("?caller=&call_id=SCL_1")
    assert session.said


def test_an_assistant_without_a_first_message_lets_the_caller_speak(
    api: Service, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ROUTES, "routed", {**ROUTES["routed"], "assistant": an_assistant(first_message="")})
    answer(CALL)
    assert (session.instructions, session.said) == ("You are Alex.", [])


@pytest.mark.parametrize(
    ("api", "reason"),
    [
        ("unassigned", "Nobody answers this number: unassigned."),
        ("refused", "POST /api/routes answered 403: The API key lacks the scope calls:route."),
    ],
    indirect=["api"],
)
@pytest.mark.usefixtures("api")
def test_a_call_that_nobody_answers_is_hung_up_and_logged(
    reason: str, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    assert answer(CALL).deleted
    assert session.said == []
    assert f"A call was not answered: {reason}" in caplog.text


@pytest.mark.usefixtures("api")
def test_a_missing_key_hangs_up_and_is_named(caplog: pytest.LogCaptureFixture) -> None:
    assert answer(CALL).deleted
    assert "Set OPENAI_API_KEY: the assistant's provider openai needs it." in caplog.text


def test_the_agent_has_the_name_that_a_dispatch_rule_gives_it() -> None:
    assert agent.server._agent_name == "inbound-agent"
