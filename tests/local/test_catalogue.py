"""What `make catalogue` makes of litellm's list."""

import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistants_api.catalogue import models
from local.catalogue.__main__ import IN_WHEEL, main
from local.catalogue.language_models import PROVIDERS, catalogue, render

CHECKED = date(2026, 11, 25)
BY_HAND: dict[str, Any] = {  # what by_hand.json corrects
    "deepseek-chat": {"litellm_provider": "deepseek", "mode": "chat", "deprecation_date": "2026-07-24"},
    "deepseek-reasoner": {"litellm_provider": "deepseek", "mode": "chat", "deprecation_date": "2026-07-24"},
    "gpt-3.5-turbo-16k": {"litellm_provider": "openai", "mode": "chat", "deprecation_date": "2026-10-23"},
    "o3": {"litellm_provider": "openai", "mode": "chat", "deprecation_date": "2026-12-11"},
}
LISTED: dict[str, Any] = BY_HAND | {
    "sample_spec": {"mode": "one of: chat, embedding", "litellm_provider": "one of https://example.com"},
    "gemini/gemini-old": {
        "litellm_provider": "gemini",
        "mode": "chat",
        "deprecation_date": "2026-12-01",
        "successor_model": "gemini/gemini-new",
        "deprecation_source": "https://example.com",
        "max_output_tokens": 65_536,
        "input_cost_per_token": 1,
    },
    "gemini/gemini-new": {
        "litellm_provider": "gemini", "mode": "chat", "max_output_tokens": 128_000, "supports_sampling_params": False,
    },
    "gemini/plain": {"litellm_provider": "gemini", "mode": "chat", "max_output_tokens": 200_000},
    "gemini/embedding": {"litellm_provider": "gemini", "mode": "embedding", "deprecation_date": "2026-12-01"},
    "groq/old": {
        "litellm_provider": "groq", "mode": "chat", "deprecation_date": "2026-01-01", "successor_model": "Some Words",
    },
    "gpt-thinks": {"litellm_provider": "openai", "mode": "responses", "supports_reasoning": True},
    "gpt-thinks-if-asked": {
        "litellm_provider": "openai", "mode": "chat", "supports_reasoning": True, "default_reasoning_effort": "none",
    },
    "ft:gpt-old": {"litellm_provider": "openai", "mode": "chat", "deprecation_date": "2026-01-01"},
    "elsewhere": {"litellm_provider": "vertex_ai", "mode": "chat", "deprecation_date": "2026-01-01"},
}  # fmt: skip


def found() -> dict[str, Any]:
    made: dict[str, Any] = catalogue(LISTED, CHECKED)["models"]["llm"]
    return made


def test_a_model_keeps_what_it_retires_to_and_what_it_takes_under_the_name_that_its_provider_knows() -> None:
    assert found()["google"] == {
        "gemini-new": {"fixed_temperature": True},
        "gemini-old": {
            "retires": "2026-12-01",
            "replacement": "gemini-new",
            "source": "https://example.com",
            "max_output_tokens": 65_536,
        },
    }


def test_a_replacement_that_is_no_model_is_left_out() -> None:
    assert found()["groq"]["old"].keys() == {"retires", "source"}


def test_a_model_of_openai_that_reasons_unasked_takes_no_other_temperature() -> None:
    assert found()["openai"].keys() == {"gpt-thinks", "o3", "gpt-3.5-turbo-16k"}
    assert found()["openai"]["gpt-thinks"] == {"fixed_temperature": True}


def test_what_is_written_by_hand_goes_before_the_list() -> None:
    assert found()["deepseek"]["deepseek-chat"]["replacement"] == "deepseek-v4-flash"
    assert found()["openai"]["o3"]["source"] == "https://developers.openai.com/api/docs/deprecations"


@pytest.mark.parametrize("is_wheel", [True, False])
def test_the_command_writes_the_list_or_that_of_a_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], is_wheel: bool
) -> None:
    given, written = tmp_path / "given", tmp_path / "language_models.json"
    monkeypatch.setattr(models, "LANGUAGE_MODELS", written)
    if is_wheel:
        with zipfile.ZipFile(given, "w") as wheel:
            wheel.writestr(IN_WHEEL, json.dumps(LISTED))
    else:
        given.write_text(json.dumps(LISTED))
    assert main([str(given), "2026-11-25"]) == 0
    assert written.read_text() == render(catalogue(LISTED, CHECKED))
    assert "8 models" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], 2, "make catalogue FILE="),
        (["unheard-of"], 1, "FileNotFoundError"),
        ([str(Path(__file__))], 1, "JSONDecodeError"),
        ([str(models.SPEECH_MODELS), "yesterday"], 1, "ValueError"),
    ],
)
def test_what_cannot_be_read_changes_nothing(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, says: str
) -> None:
    before = models.LANGUAGE_MODELS.read_bytes()
    assert main(arguments) == code
    assert says in capsys.readouterr().err
    assert models.LANGUAGE_MODELS.read_bytes() == before


def test_what_ships_is_as_the_command_writes_it() -> None:
    shipped = models.LANGUAGE_MODELS.read_text("utf-8")
    content = json.loads(shipped)
    assert render(content) == shipped
    assert content["models"]["llm"].keys() <= {*PROVIDERS.values()}
