"""examples/pipecat_worker/services.py: what an assistant names becomes services of Pipecat, or an error that helps."""

import sys
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

import services
from assistants_api.catalogue import Kind
from services import LANGUAGE_MODELS, TRANSCRIPTIONS, VOICES, NoKeys, Unserved
from tests.workers.assistants import CATALOGUE, FIELDS, NAMES, an_assistant, in_a_loop, named, service_account

TABLES: dict[Kind, dict[str, str]] = {"llm": LANGUAGE_MODELS, "voice": VOICES, "transcription": TRANSCRIPTIONS}
ROWS = [(kind, provider) for kind, table in TABLES.items() for provider in table]
POSITIONS: dict[Kind, int] = {"transcription": 0, "llm": 1, "voice": 2}


@pytest.fixture
def all_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for table in TABLES.values():
        for variable in chain.from_iterable(services.Service(*row).missing for row in table.items()):
            is_url = variable.endswith(("_ENDPOINT", "_URL"))
            monkeypatch.setenv(variable, "https://models.example.com" if is_url else "eastus")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", service_account(tmp_path))


def made_of(assistant: dict[str, Any]) -> Any:
    """Transcription, language model and voice."""
    return in_a_loop(lambda: services.services(assistant))


def settings_of(service: Any) -> Any:
    return service._settings


@pytest.mark.usefixtures("all_keys")
@pytest.mark.parametrize(("kind", "provider"), ROWS)
def test_each_provider_gets_what_the_assistant_says(kind: Kind, provider: str) -> None:
    assistant = named(kind, provider, provider)
    made = made_of(assistant)[POSITIONS[kind]]
    assert f"{type(made).__module__}.{type(made).__name__}" == f"pipecat.services.{TABLES[kind][provider]}"
    settings = settings_of(made)
    if kind == "llm":
        limits = {settings.max_tokens, getattr(settings, "max_completion_tokens", None)}
        found = (settings.model, settings.temperature, settings.system_instruction)
        assert found == (assistant["model"], 0.3, "You are Alex.")
        assert 777 in limits
    elif kind == "voice":
        assert (settings.model, settings.voice) == (assistant["voice_model"], assistant["voice_id"])
    else:
        assert settings.model == assistant["transcriptor_model"]


@pytest.mark.parametrize(("kind", "word", "provider"), [it for it in CATALOGUE if it[2] in TABLES[it[0]]])
def test_each_word_that_the_api_takes_names_its_provider(kind: Kind, word: str, provider: str) -> None:
    assert services.find(NAMES[kind], TABLES[kind], word).provider == provider


@pytest.mark.usefixtures("all_keys")
@pytest.mark.parametrize(("kind", "word", "provider"), [it for it in CATALOGUE if it[2] not in TABLES[it[0]]])
def test_a_provider_without_a_row_is_named_with_those_that_have_one(kind: Kind, word: str, provider: str) -> None:
    with pytest.raises(Unserved) as refused:
        services.services(named(kind, word, provider))
    assert f"no {NAMES[kind]} provider {word}: add a row" in str(refused.value)
    assert ", ".join(sorted(TABLES[kind])) in str(refused.value)


@pytest.mark.parametrize(("kind", "provider"), ROWS)
def test_a_missing_key_is_named_by_its_environment_variable(
    kind: Kind, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = {"provider": "groq", "voice_provider": "cartesia", "transcriptor_provider": "deepgram"}
    variables = services.Service(provider, TABLES[kind][provider]).variables.values()
    for name in {"GROQ_API_KEY", "CARTESIA_API_KEY", "DEEPGRAM_API_KEY"} - {*variables}:
        monkeypatch.setenv(name, "k")
    with pytest.raises(Unserved) as refused:
        services.services(an_assistant(**others | {FIELDS[kind]: provider}))
    assert str(refused.value).startswith(f"Set {', '.join(variables)}: the assistant's providers need")
    assert not isinstance(refused.value, NoKeys)


def test_without_any_key_it_is_another_error() -> None:
    with pytest.raises(NoKeys, match=r"^Set OPENAI_API_KEY: the assistant's providers need"):
        services.services(an_assistant())


@pytest.mark.usefixtures("all_keys")
@pytest.mark.parametrize("provider", ["openai", "azure"])
def test_models_that_reason_get_their_limit_under_its_newer_name(provider: str) -> None:
    settings = settings_of(made_of(an_assistant(provider=provider))[1])
    assert settings.max_completion_tokens == 777
    assert settings.max_tokens != 777


@pytest.mark.usefixtures("all_keys")
def test_several_languages_are_left_to_the_model_that_hears_them() -> None:
    heard, _, voice = made_of(an_assistant(transcriptor_provider="deepgram", transcriptor_language="multi"))
    assert settings_of(heard).language == "multi"
    assert settings_of(voice).language != "multi"
    heard, _, _ = made_of(an_assistant(transcriptor_language="multi"))
    assert settings_of(heard).language != "multi"


@pytest.mark.usefixtures("all_keys")
def test_a_model_that_pipecat_knows_to_be_wrong_is_said_to_be() -> None:
    with pytest.raises(Unserved, match=r"^sarvam: Unsupported model 'x'"):
        services.services(an_assistant(voice_provider="sarvam", voice_model="x"))


@pytest.mark.usefixtures("all_keys")
def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pipecat.services.fish.tts", None)
    with pytest.raises(Unserved, match=r"^fish needs more packages: pip install 'pipecat-ai\[fish\]'$"):
        services.services(an_assistant(voice_provider="fish"))


def test_without_the_local_voice_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unserved, match=r"apt-get install espeak-ng$"):
        services.local_voice(an_assistant())


def test_each_row_is_of_a_provider_that_the_api_knows() -> None:
    for kind, rows in TABLES.items():
        assert rows.keys() <= {provider for of, _, provider in CATALOGUE if of == kind}
