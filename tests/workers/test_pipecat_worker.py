"""Calls to examples/pipecat_worker over a real websocket: it runs as a process, Pipecat's serializer is its end."""

import asyncio
import audioop  # in Python 3.13 and newer of a package that Pipecat needs
import subprocess
import wave
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from websockets.asyncio.client import connect

from local.call import stream
from local.call.errors import CallError
from local.call.sound import RATE, write_wav
from local.call.stream import Stream, listen
from local.call.worker import PYTHON, WORKER, worker
from tests.workers.assistants import an_assistant
from tests.workers.servers import CALL_ID, TOKEN, Service, call_api, openai, served

ASKED, REPLY = "What are your opening hours?", "We are open from nine to five."


@pytest.fixture(autouse=True)
def _short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PAUSE", 1)


@contextmanager
def working(assistant: dict[str, Any]) -> Iterator[tuple[Service, Stream]]:
    """A worker with the API that it asks, and the stream of a call to it."""
    with served(call_api(assistant)) as api, worker(api.url) as url:
        yield api, Stream(f"{url}/{TOKEN}", {"call_id": CALL_ID, "assistant_id": "asst_1"})


def place(call: Stream) -> bytes:
    return asyncio.run(listen(call, "AC1", "CA1"))


def seconds_of(text: str, folder: Path) -> float:
    """How long the local voice speaks."""
    file = folder / "expected.wav"
    subprocess.run(["espeak-ng", "-w", str(file), "-v", "en", text], check=True)  # noqa: S603, S607
    with wave.open(str(file)) as sound:
        return float(sound.getnframes() / sound.getframerate())


def test_without_keys_a_local_voice_says_the_first_message(tmp_path: Path) -> None:
    assistant = an_assistant()
    with working(assistant) as (api, call):
        sound = place(call)
    assert [(it.path, it.token) for it in api.requests] == [(f"/api/calls/{quote(CALL_ID, safe='')}", TOKEN)]
    assert len(sound) / RATE == pytest.approx(seconds_of(assistant["first_message"], tmp_path), abs=0.5)
    write_wav(tmp_path / "call.wav", sound)
    with wave.open(str(tmp_path / "call.wav")) as written:
        assert (written.getframerate(), written.getnchannels(), written.getnframes()) == (RATE, 1, len(sound))
        samples = memoryview(written.readframes(len(sound))).cast("h")
    assert max(samples) > 5_000
    assert min(samples) < -5_000


def spoken_by_a_caller(text: str) -> bytes:
    """In mu-law, as a telephone sends it."""
    speech = subprocess.run(["espeak-ng", "--stdout", text], check=True, capture_output=True).stdout  # noqa: S603, S607
    samples, _ = audioop.ratecv(speech[44:], 2, 1, int.from_bytes(speech[24:28], "little"), RATE, None)
    return bytes(audioop.lin2ulaw(samples, 2))


def test_several_calls_at_once_are_answered_each() -> None:
    with working(an_assistant()) as (_, call):

        async def place_three() -> list[bytes]:
            return await asyncio.gather(*(listen(call, "AC1", f"CA{number}") for number in range(3)))

        sounds = asyncio.run(place_three())
    assert min(map(len, sounds)) > RATE


def test_with_keys_the_whole_conversation_is_as_the_assistant_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """First message, the caller's words and the reply go through the provider, each with the assistant's settings."""
    assistant = an_assistant()
    with ExitStack() as running:
        provider = running.enter_context(served(openai(ASKED, REPLY)))
        monkeypatch.setenv("OPENAI_API_KEY", "k")
        monkeypatch.setenv("OPENAI_BASE_URL", f"{provider.url}/v1")
        _, call = running.enter_context(working(assistant))
        sound = asyncio.run(listen(call, "AC1", "CA1", says=spoken_by_a_caller(ASKED)))
    first, reply = (it.json for it in provider.asked("/v1/audio/speech"))
    assert (first["input"], reply["input"]) == (assistant["first_message"], REPLY)
    assert (first["model"], first["voice"]) == (assistant["voice_model"], assistant["voice_id"])
    (heard,) = provider.asked("/v1/audio/transcriptions")
    assert assistant["transcriptor_model"].encode() in heard.body
    (thought,) = (it.json for it in provider.asked("/v1/chat/completions"))
    assert (thought["model"], thought["temperature"], thought["max_completion_tokens"]) == ("gpt-5.4-mini", 0.3, 777)
    said = [(it["role"], it["content"]) for it in thought["messages"]]
    assert said == [("system", "You are Alex."), ("assistant", assistant["first_message"]), ("user", ASKED)]
    words = len(f"{assistant['first_message']} {REPLY}".split())
    assert len(sound) / RATE == pytest.approx(words / 10, abs=0.3)


# Calls that are not answered: the worker says why on stderr, and closes the stream.


def test_a_token_of_no_call_opens_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with working(an_assistant()) as (_, call), pytest.raises(CallError, match=r"broke off the call.*1008"):
        place(Stream(call.url.replace(TOKEN, "other"), call.parameters))
    assert "answered 401: The call token is none of this deployment." in capfd.readouterr().err


@pytest.mark.parametrize("parameters", [{}, {"assistant_id": "asst_1"}])
def test_a_stream_without_the_markups_parameters_opens_nothing(
    parameters: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    with working(an_assistant()) as (api, call), pytest.raises(CallError, match="broke off the call"):
        place(Stream(call.url, parameters))
    assert api.requests == []
    assert "The stream is none that the markup of the API opens at Twilio." in capfd.readouterr().err


def test_a_key_that_is_missing_beside_others_is_named(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assistant = an_assistant(voice_provider="cartesia")
    with working(assistant) as (_, call), pytest.raises(CallError, match="broke off the call"):
        place(call)
    assert "Set CARTESIA_API_KEY: the assistant's providers need them." in capfd.readouterr().err


def test_an_api_that_is_away_is_said_to_be(capfd: pytest.CaptureFixture[str]) -> None:
    with worker("http://127.0.0.1:9") as url, pytest.raises(CallError, match="broke off the call"):
        place(Stream(f"{url}/{TOKEN}", {"call_id": CALL_ID}))
    assert "A call was not answered: Cannot connect to host 127.0.0.1:9" in capfd.readouterr().err


def test_a_carrier_that_does_not_tell_of_the_call_is_cut_off(capfd: pytest.CaptureFixture[str]) -> None:
    async def wait(url: str) -> object:
        async with connect(url, proxy=None) as socket:
            await socket.wait_closed()
            return socket.close_code

    with working(an_assistant()) as (api, call):
        assert asyncio.run(asyncio.wait_for(wait(call.url), 30)) == 1008
    assert api.requests == []
    assert "A call was not answered: The carrier or the API took too long." in capfd.readouterr().err


def test_one_who_hangs_up_at_once_does_no_harm(capfd: pytest.CaptureFixture[str]) -> None:
    async def hang_up(url: str) -> None:
        async with connect(url, proxy=None):
            pass

    with working(an_assistant()) as (_, call):
        asyncio.run(hang_up(call.url))
        assert place(call)
    assert "Traceback" not in capfd.readouterr().err


def test_an_assistant_that_lets_the_caller_speak_first_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "FIRST_WORD", 2)
    with working(an_assistant(first_message="")) as (_, call), pytest.raises(CallError, match="said nothing for 2"):
        place(call)


def test_a_worker_that_does_not_know_the_api_says_what_to_set(tmp_path: Path) -> None:
    environment = {"PATH": str(tmp_path)}
    run = subprocess.run([PYTHON, WORKER], env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1].startswith("Set ASSISTANTS_API_URL to where the API is, such as http://")


def test_a_worker_that_does_not_start_ends_the_call() -> None:
    with pytest.raises(CallError, match="The worker ended with 1"), worker(""):
        pytest.fail("It started.")
