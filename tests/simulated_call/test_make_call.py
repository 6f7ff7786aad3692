"""`make call`: a call to the local stack from the webhook to the sound, each part a process of its own."""

import os
import re
import subprocess
import sys
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from local.call.sound import LINEAR, QUIET, RATE, spoken
from tests.harness import ROOT
from tests.http.conftest import Api, caller, local_stack

NUMBERS = ["+14155550101", "+14155550102", "+14155550103"]


def call(file: Path, port: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`make call`, which prints what it did."""
    environment = os.environ | {"PORT": port, "FILE": str(file)} | variables
    return subprocess.run(
        [sys.executable, "-m", "local.call"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@dataclass(frozen=True)
class Stack:
    api: Api
    port: str

    def assign(self, number: str, **fields: object) -> str:
        """The id of a new assistant of this number."""
        made = self.api.post("/api/assistants", name="Alex", templateId="custom", **fields).raise_for_status().json()
        path = f"/api/assistants/{made['assistant']['id']}"
        self.api.assign(path, [number.replace("+", "pn_")]).raise_for_status()
        return str(made["assistant"]["id"])


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("ALLOW_PRIVATE_HOSTS")  # which is here as it is in AWS
        for name in [name for name in os.environ if name.endswith("_API_KEY")]:
            patch.delenv(name)
        with local_stack() as deployment, caller(deployment, deployment.token, deployment.slug) as api:
            yield Stack(api, str(urlsplit(deployment.base_url).port))


def test_a_number_without_an_assistant_gets_one_whose_first_words_are_heard(stack: Stack, tmp_path: Path) -> None:
    run = call(tmp_path / "call.wav", stack.port)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"Calling {NUMBERS[0]} from +14155550199 ...\n")
    said = re.search(
        r"([0-9.]+) seconds of speech are in .*call.wav. The assistant's first message is:\n(.*)", run.stdout
    )
    assert said
    with wave.open(str(tmp_path / "call.wav")) as file:
        assert (file.getframerate(), file.getsampwidth()) == (RATE, 2)
        assert file.getnframes() / RATE == pytest.approx(float(said[1]), abs=0.06)
        samples = memoryview(file.readframes(RATE * 60)).cast("h")
    assert max(samples) > 5_000
    assert len(samples) / RATE > len(said[2].split()) / 5
    (recorded,) = stack.api.get("/api/calls").json()["calls"]
    assert (recorded["status"], recorded["reason"], recorded["to_number"]) == ("completed", "routed", NUMBERS[0])
    assert recorded["duration_seconds"] == pytest.approx(float(said[1]), abs=0.6)
    assistant = stack.api.get(f"/api/assistants/{recorded['assistant_id']}").json()["assistant"]
    assert (assistant["first_message"], assistant["phone_number_ids"]) == (said[2], ["pn_14155550101"])


def test_an_assistant_that_holds_the_number_is_called_and_nothing_else_stays(stack: Stack, tmp_path: Path) -> None:
    assistant = stack.assign(NUMBERS[1], inbound_enabled=True, first_message="Good morning.")
    run = call(tmp_path / "call.wav", stack.port, TO=NUMBERS[1], FROM="+442071838750")
    assert (run.returncode, run.stdout.splitlines()[-1]) == (0, "Good morning."), run.stderr
    newest = stack.api.get("/api/calls").json()["calls"][0]
    assert (newest["assistant_id"], newest["from_number"]) == (assistant, "+442071838750")
    assert stack.api.get("/api/telephony-connections").json()["count"] == 0
    assert [key["name"] for key in stack.api.get("/api/api-keys").json()["api_keys"]] == ["demo"]


# What is missing is said in a sentence, with exit code 1.


def test_an_assistant_that_takes_no_calls_is_the_reason(stack: Stack, tmp_path: Path) -> None:
    stack.assign(NUMBERS[2], inbound_enabled=False)
    run = call(tmp_path / "call.wav", stack.port, TO=NUMBERS[2])
    assert (run.returncode, run.stderr) == (1, f"No assistant answers {NUMBERS[2]}: inbound_disabled.\n")
    assert not (tmp_path / "call.wav").exists()


def test_a_number_of_nobody_is_the_reason(stack: Stack, tmp_path: Path) -> None:
    run = call(tmp_path / "call.wav", stack.port, TO="+14155550177")
    assert run.returncode == 1
    assert run.stderr.startswith("GET /api/phone-numbers/pn_14155550177: ")


def test_without_a_voice_it_says_how_to_get_one(stack: Stack, tmp_path: Path) -> None:
    run = call(tmp_path / "call.wav", stack.port, PATH=str(tmp_path))
    assert run.returncode == 1
    assert "No key is there, and neither is the local voice: apt-get install espeak-ng" in run.stderr


def test_without_a_stack_it_says_how_to_start_one(tmp_path: Path) -> None:
    run = call(tmp_path / "call.wav", "1")
    assert (run.returncode, run.stderr.partition(":")[0]) == (1, "No stack runs here")


# The sound


def test_mu_law_is_decoded_as_g_711_says() -> None:
    """The greatest and the smallest values of both signs, and an order without a gap."""
    assert (LINEAR[0x80], LINEAR[0x00], LINEAR[0xFF], LINEAR[0x7F]) == (32_124, -32_124, 0, 0)
    assert LINEAR[0x80:] == sorted(LINEAR[0x80:], reverse=True)
    assert LINEAR[0x80:] == [-value for value in LINEAR[:0x80]]


def test_silence_around_speech_is_no_speech() -> None:
    quiet, loud = QUIET[:1] * 80, b"\x00" * 80
    assert spoken(quiet + loud + quiet + loud + quiet) == loud + quiet + loud
    assert spoken(quiet) == b""
