"""What follows from an assistant, the catalogue and the day."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from assistants_api import catalogue, templates
from assistants_api.catalogue import Kind, models
from assistants_api.models.assistant import Assistant, TemplateId
from assistants_api.models.retirement import FIELDS, SUBSTITUTABLE, as_called, model_warnings

TODAY = date(2026, 11, 25)
ALL = [
    (kind, provider["id"], it["model"])
    for kind in get_args(Kind)
    for provider in catalogue.providers(kind)
    for it in models.retirements(provider, kind)
]


def assistant(template: str = "custom", **changes: Any) -> Assistant:
    times = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    made: dict[str, Any] = {"id": "asst_1", "account_id": "acct_1", "name": "x", "type": template, **times}
    return Assistant(**made | templates.load(template)["configuration"] | changes)


def naming(kind: str, provider: str, model: str, **changes: Any) -> Assistant:
    provider_field, model_field = FIELDS[kind]  # type: ignore[index]
    return assistant(**{provider_field: provider, model_field: model}, **changes)


def codes(of: Assistant, today: date = TODAY) -> list[tuple[str, str]]:
    return [(each["field"], each["code"]) for each in model_warnings(of, today)]


# The catalogue


@pytest.mark.parametrize(
    ("kind", "provider", "model", "retires", "replacement"),
    [
        *(("voice", "cartesia", model, "2026-06-01", "sonic-3.5") for model in (
            "sonic", "sonic-english", "sonic-multilingual", "sonic-2-2025-03-07", "sonic-turbo-2025-03-07",
        )),
        *(("llm", "openai", model, "2027-01-14", "gpt-6-luna") for model in (
            "gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini",
        )),
        *(("llm", "openai", model, "2026-12-11", "gpt-5.6-sol") for model in ("gpt-5", "o3")),
        ("llm", "openai", "gpt-5-mini", "2026-12-11", "gpt-5.6-terra"),
        ("llm", "openai", "gpt-5-nano", "2026-12-11", "gpt-5.6-luna"),
        ("llm", "google", "gemini-2.5-flash", "2026-12-01", "gemini-3.5-flash-lite"),
        ("llm", "gemini", "gemini-2.5-flash", "2026-12-01", "gemini-3.5-flash-lite"),
        ("llm", "deepseek-ai", "deepseek-chat", "2026-07-24", "deepseek-v4-flash"),
        ("llm", "anthropic", "claude-sonnet-4-5", "2026-11-30", "claude-sonnet-5-5"),
        ("voice", "11labs", "eleven_monolingual_v1", "2026-07-09", "eleven_multilingual_v2"),
        ("voice", "openai", "tts-1", "2027-01-06", None),
        *(("transcription", "assemblyai", model, retires, "universal-3-5-pro") for model, retires in (
            ("best", "2026-11-20"), ("slam-1", "2026-11-20"), ("nano", "2026-07-02"),
        )),
        ("transcription", "openai", "whisper-1", "2027-02-26", "gpt-transcribe"),
    ],
)  # fmt: skip
def test_the_catalogue_knows_what_retires_and_what_replaces_it(
    kind: Kind, provider: str, model: str, retires: str, replacement: str | None
) -> None:
    found = models.find(kind, provider, model)
    assert (found["retires"], found.get("replacement")) == (retires, replacement)


def test_every_retirement_has_a_day_a_source_and_replacements_that_end() -> None:
    assert len(ALL) > 150
    for kind, provider, model in ALL:
        found = models.find(kind, provider, model)
        date.fromisoformat(found["retires"])
        assert found["source"].startswith("https://"), model
        last = models.in_service(kind, provider, model, date.max)
        assert last is None or "retires" not in models.find(kind, provider, last)


def test_every_provider_of_a_model_or_a_temperature_is_one_that_an_assistant_may_name() -> None:
    for file in (models.LANGUAGE_MODELS, models.SPEECH_MODELS):
        content = json.loads(file.read_text("utf-8"))
        for kind, providers in content["models"].items():
            assert providers.keys() | content.get("temperatures", {}).keys() <= {*catalogue.ids_by_word(kind).values()}


def test_languages_are_those_that_a_tag_begins_with() -> None:
    known = json.loads(models.SPEECH_MODELS.read_text("utf-8"))["models"]["transcription"]
    tags = {tag for of in known.values() for model in of.values() for tag in model.get("languages", ())}
    assert {"en", "multi"} < tags
    assert [tag for tag in tags if tag != tag.lower() or "-" in tag] == []


@pytest.mark.parametrize("template", [name for name in get_args(TemplateId) if name != "outbound-setter"])
def test_a_template_names_models_whose_end_is_not_known(template: str) -> None:
    assert model_warnings(assistant(template), date.max - models.SOON) == []


# Warnings


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-10-15", []),  # 91 days before
        ("2026-10-16", ["retiring_model"]),
        ("2027-01-13", ["retiring_model"]),
        ("2027-01-14", ["retired_model"]),
        ("2040-01-01", ["retired_model"]),
    ],
)
def test_a_model_is_warned_of_from_90_days_before_it_retires(day: str, expected: list[str]) -> None:
    found = model_warnings(naming("llm", "openai", "gpt-4o-mini", temperature=1.0), date.fromisoformat(day))
    assert [each["code"] for each in found] == expected
    assert {each["field"] for each in found} <= {"/model"}


@pytest.mark.parametrize(
    ("named", "message", "replacement"),
    [
        (
            naming("voice", "cartesia", "sonic-english"),
            "cartesia ended sonic-english on 2026-06-01; calls use sonic-3.5 in its place. "
            "Change voice_model to it, or to another model.",
            "sonic-3.5",
        ),
        (
            naming("llm", "openai", "gpt-4o-mini"),
            "openai ends gpt-4o-mini on 2027-01-14; from then on calls use gpt-6-luna in its place. "
            "Change model to it, or to another model.",
            "gpt-6-luna",
        ),
        (
            naming("voice", "openai", "tts-1"),
            "openai ends tts-1 on 2027-01-06; choose another model before that day.",
            None,
        ),
        (
            naming("llm", "anthropic", "claude-mythos-preview", temperature=1.0),
            "anthropic ended claude-mythos-preview on 2026-06-09; calls with it fail. Choose another model.",
            None,
        ),
    ],
)
def test_a_warning_of_a_model_says_what_calls_use_and_what_to_do(
    named: Assistant, message: str, replacement: str | None
) -> None:
    (warning,) = model_warnings(named, TODAY)
    assert (warning["message"], warning.get("replacement")) == (message, replacement)
    assert warning["source"].startswith("https://")


@pytest.mark.parametrize(("kind", "provider", "model"), ALL)
def test_who_follows_a_warning_is_warned_of_no_retired_model(kind: Kind, provider: str, model: str) -> None:
    retires = date.fromisoformat(models.find(kind, provider, model)["retires"])
    (warning,) = (it for it in model_warnings(naming(kind, provider, model), retires) if it["code"] == "retired_model")
    if "replacement" in warning:
        assert "retired_model" not in dict(codes(naming(kind, provider, warning["replacement"]), retires)).values()
    else:
        assert warning["message"].endswith("calls with it fail. Choose another model.")


@pytest.mark.parametrize(
    ("named", "field", "code", "message", "accepted"),
    [
        (
            naming("llm", "openai", "gpt-4o-mini", max_tokens=16_385),
            "max_tokens", "too_many_tokens", "gpt-4o-mini gives at most 16,384 tokens; send 16384 or less.", 16_384,
        ),
        (
            naming("llm", "claude", "claude-haiku-4-5", temperature=1.01),
            "temperature", "unsupported_temperature", "claude takes at most 1.0; send 1.0 or less.", 1.0,
        ),
        (
            naming("llm", "anthropic", "unheard-of", temperature=2.0),
            "temperature", "unsupported_temperature", "anthropic takes at most 1.0; send 1.0 or less.", 1.0,
        ),
        (
            naming("llm", "anthropic", "claude-sonnet-5-5", temperature=0.7),
            "temperature", "unsupported_temperature", "claude-sonnet-5-5 takes no temperature but 1.0; send 1.0.", 1.0,
        ),
        (
            naming("transcription", "deepgram", "flux-general-en", transcriptor_language="pt-BR"),
            "transcriptor_language", "unsupported_language",
            "flux-general-en does not know pt-BR; send one of en, or choose another model.", "en",
        ),
        (
            naming("transcription", "deepgram", "nova-2", transcriptor_language="he"),
            "transcriptor_language", "unsupported_language", None, "multi",
        ),
    ],
)  # fmt: skip
def test_what_a_model_does_not_take_is_warned_of_with_what_it_takes(
    named: Assistant, field: str, code: str, message: str | None, accepted: object
) -> None:
    warnings = [each for each in model_warnings(named, TODAY) if each["code"] != "retiring_model"]
    assert [(each["field"], each["code"]) for each in warnings] == [(f"/{field}", code)]
    assert message in (None, warnings[0]["message"])
    mended = named.model_copy(update={field: accepted})
    assert [each["code"] for each in model_warnings(mended, TODAY) if each["code"] != "retiring_model"] == []


@pytest.mark.parametrize(
    "named",
    [
        naming("llm", "openai", "gpt-5.4-mini", temperature=2.0, max_tokens=128_000),
        naming("llm", "ollama", "my-model", temperature=2.0, max_tokens=128_000),
        naming("llm", "anthropic", "claude-haiku-4-5", temperature=1.0, max_tokens=64_000),
        naming("voice", "cartesia", "sonic-3.5"),
        naming("voice", "elevenlabs", "sonic-english"),  # of another provider
        *(naming("transcription", "deepgram", "nova-2", transcriptor_language=it) for it in ("en", "EN-gb", "multi")),
        naming("transcription", "deepgram", "my-own-model", transcriptor_language="tlh"),
        naming("transcription", "whisper", "base", transcriptor_language="tlh"),
    ],
)
def test_what_is_right_or_not_known_is_nothing_to_warn_of(named: Assistant) -> None:
    assert codes(named) == []
    assert as_called(named, TODAY) == (named, [])


# What a call uses


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (
            naming("voice", "cartesia", "sonic-english"),
            [("voice_model", "sonic-english", "sonic-3.5", "2026-06-01")],
        ),
        (naming("llm", "openai", "gpt-4o-mini"), []),  # not yet
        (
            naming("llm", "deepseek-ai", "deepseek-chat", temperature=1.5),
            [("model", "deepseek-chat", "deepseek-v4-flash", "2026-07-24")],
        ),
        (
            naming("llm", "openai", "gpt-3.5-turbo", temperature=0.7),
            [
                ("model", "gpt-3.5-turbo", "gpt-5.6-terra", "2026-10-23"),
                ("temperature", 0.7, 1.0, "2026-10-23"),
            ],
        ),
        (naming("llm", "anthropic", "claude-mythos-preview", temperature=0.7), []),  # nothing replaces it
        (
            naming("transcription", "assembly-ai", "nano"),
            [("transcriptor_model", "nano", "universal-3-5-pro", "2026-07-02")],
        ),
    ],
)  # fmt: skip
def test_a_call_uses_the_replacement_of_a_retired_model_with_settings_that_it_takes(
    named: Assistant, expected: list[tuple[Any, ...]]
) -> None:
    called, substituted = as_called(named, TODAY)
    assert [(each["field"], each["from"], each["to"], each["since"]) for each in substituted] == expected
    assert called == named.model_copy(update={field: to for field, _, to, _ in expected})
    assert as_called(named, TODAY, exact=True) == (named, [])


def test_a_replacement_that_has_retired_itself_is_replaced_too() -> None:
    chained = naming("llm", "openai", "gpt-5-chat", temperature=1.0)
    assert models.find("llm", "openai", "gpt-5-chat")["replacement"] == "gpt-5.2-chat-latest"
    between, later = (as_called(chained, date.fromisoformat(day))[0].model for day in ("2026-08-01", "2026-08-10"))
    assert (between, later) == ("gpt-5.2-chat-latest", "gpt-5.6-sol")


def test_a_replacement_that_gives_fewer_tokens_gets_as_many_as_it_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: dict[str, Any] = {
        "checked": "2026-11-25",
        "temperatures": {},
        "models": {"llm": {"openai": {
            "old": {"retires": "2026-01-01", "replacement": "new", "source": "https://example.com"},
            "new": {"max_output_tokens": 500},
        }}},
    }  # fmt: skip
    file = tmp_path / "language_models.json"
    file.write_text(json.dumps(known))
    monkeypatch.setattr(models, "LANGUAGE_MODELS", file)
    called, substituted = as_called(naming("llm", "openai", "old", max_tokens=501), TODAY)
    assert (called.model, called.max_tokens) == ("new", 500)
    assert [each["field"] for each in substituted] == ["model", "max_tokens"]


@pytest.mark.parametrize(("kind", "provider", "model"), ALL)
def test_what_a_call_uses_is_nothing_to_warn_of_but_what_ends_without_a_replacement(
    kind: Kind, provider: str, model: str
) -> None:
    retires = date.fromisoformat(models.find(kind, provider, model)["retires"])
    named = naming(kind, provider, model, temperature=2.0, max_tokens=128_000)
    called, substituted = as_called(named, retires)
    assert {each["field"] for each in substituted} <= {*SUBSTITUTABLE}
    assert as_called(named, retires - timedelta(days=1)) == (named, [])
    if substituted:
        assert {code for _, code in codes(called, retires)} <= {"retiring_model"}
