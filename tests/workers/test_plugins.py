"""examples/livekit_worker/plugins.py: what an assistant names becomes plugins of LiveKit, or an error that helps."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import plugins
from agent import session_of
from assistants_api.catalogue import Kind
from plugins import LANGUAGE_MODELS, LIKE_OPENAI, TRANSCRIPTIONS, VOICES, Unserved
from tests.workers.assistants import CATALOGUE, FIELDS, NAMES, an_assistant, in_a_loop, named, service_account

TABLES: dict[Kind, Mapping[str, Any]] = {
    "llm": {**LANGUAGE_MODELS, **LIKE_OPENAI},
    "voice": VOICES,
    "transcription": TRANSCRIPTIONS,
}
MAKERS: dict[Kind, Callable[[dict[str, Any]], Any]] = {
    "llm": plugins.language_model,
    "voice": plugins.voice,
    "transcription": plugins.transcription,
}
ROWS = [(kind, provider) for kind, table in TABLES.items() for provider in table]


@pytest.fixture
def all_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for _, provider in ROWS:
        monkeypatch.setenv(f"{provider.upper()}_API_KEY", "k")
    monkeypatch.setenv("AZURE_SPEECH_API_KEY", "k")
    for name in ("AZURE_SPEECH_REGION", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "us-east-1")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", service_account(tmp_path))


def made(kind: Kind, assistant: dict[str, Any]) -> Any:
    return in_a_loop(lambda: MAKERS[kind](assistant))


@pytest.mark.usefixtures("all_keys")
@pytest.mark.parametrize(("kind", "provider"), ROWS)
def test_each_provider_gets_what_the_assistant_says(kind: Kind, provider: str) -> None:
    assistant = named(kind, provider, provider)
    kept = repr(vars(made(kind, assistant)))
    row = TABLES[kind][provider]
    if kind == "llm":
        expected = [assistant["model"], "0.3", "777"]
    elif kind == "voice":
        expected = [assistant["voice_id"], *([assistant["voice_model"]] if row[1] else [])]
    else:
        expected = [assistant["transcriptor_model"]] if row[1] else []
    assert [each for each in expected if each not in kept] == []


@pytest.mark.parametrize(("kind", "word", "provider"), [it for it in CATALOGUE if it[2] in TABLES[it[0]]])
def test_each_word_that_the_api_takes_names_its_provider(kind: Kind, word: str, provider: str) -> None:
    assert plugins.known(NAMES[kind], word, TABLES[kind]) == provider


@pytest.mark.usefixtures("all_keys")
@pytest.mark.parametrize(("kind", "word", "provider"), [it for it in CATALOGUE if it[2] not in TABLES[it[0]]])
def test_a_provider_without_a_row_is_named_with_those_that_have_one(kind: Kind, word: str, provider: str) -> None:
    with pytest.raises(Unserved) as refused:
        made(kind, named(kind, word, provider))
    assert f"no {NAMES[kind]} provider {word}: add a row" in str(refused.value)
    assert ", ".join(sorted(TABLES[kind])) in str(refused.value)


@pytest.mark.parametrize(("kind", "provider"), ROWS)
def test_a_missing_key_is_named_by_its_environment_variable(kind: Kind, provider: str) -> None:
    row = TABLES[kind][provider]
    path = row[0] if isinstance(row, tuple) else "openai.LLM"
    variables = plugins.VARIABLES.get(path, {"api_key": f"{provider.upper()}_API_KEY"}).values()
    with pytest.raises(Unserved, match=f"^Set {', '.join(variables)}: the assistant's provider {provider} needs it"):
        made(kind, an_assistant(**{FIELDS[kind]: provider}))


@pytest.mark.parametrize(("kind", "provider"), [row for row in ROWS if row[0] != "llm"])
@pytest.mark.parametrize("language", ["es", "multi"])
def test_a_language_is_passed_on_and_several_are_left_to_the_provider(
    kind: Kind, provider: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugins, "make", lambda *_, **settings: settings)
    settings = made(kind, an_assistant(**{FIELDS[kind]: provider, "transcriptor_language": language}))
    argument = TABLES[kind][provider][-1]
    hears_several = (kind, provider) == ("transcription", "deepgram")
    passes_on = argument and (language != "multi" or hears_several)
    assert settings.get(argument) == (language if passes_on else None)


@pytest.mark.usefixtures("all_keys")
def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "livekit.plugins.fishaudio", None)
    with pytest.raises(Unserved, match=r"^fish needs its plugin: pip install 'livekit-agents\[fishaudio\]'$"):
        made("voice", an_assistant(voice_provider="fish"))


@pytest.mark.usefixtures("all_keys")
def test_a_session_hears_thinks_and_speaks_as_the_assistant_says() -> None:
    assistant = an_assistant(voice_provider="cartesia", transcriptor_provider="deepgram")

    session = in_a_loop(lambda: session_of(assistant))
    models = (session.stt.model, session.llm.model, session.tts.model)
    assert models == (assistant["transcriptor_model"], assistant["model"], assistant["voice_model"])
    assert session.vad is not None
    assert session.turn_detection != "manual"


def test_each_row_is_of_a_provider_that_the_api_knows() -> None:
    for kind, rows in TABLES.items():
        assert rows.keys() <= {provider for of, _, provider in CATALOGUE if of == kind}
