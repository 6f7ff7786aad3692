from typing import Any, get_args

import pytest

from assistants_api import templates
from assistants_api.models.assistant import CONFIGURATION, TemplateId
from assistants_api.models.assistant_requests import AssistantChanges
from assistants_api.models.parsing import parse_object
from assistants_api.models.variables import render
from assistants_api.models.warnings import prompt_warnings

TEMPLATES = get_args(TemplateId)
DOCUMENTED = {
    "provider": "openai",
    "model": "gpt-4o-mini",
    "temperature": 0.7,
    "max_tokens": 1024,
    "voice_provider": "cartesia",
    "voice_model": "sonic-english",
    "voice_name": "Alex",
    "transcriptor_provider": "deepgram",
    "transcriptor_model": "nova-2",
    "transcriptor_language": "en",
    "recording_enabled": True,
    "inbound_enabled": False,
    "outbound_enabled": True,
}


def configuration_of(template: str) -> dict[str, Any]:
    configuration: dict[str, Any] = templates.load(template)["configuration"]
    return configuration


every_template = pytest.mark.parametrize("template", TEMPLATES)
every_spoken_template = pytest.mark.parametrize("template", [name for name in TEMPLATES if name != "custom"])


def test_there_is_one_file_per_template_id() -> None:
    assert {path.stem for path in templates.FOLDER.glob("*.toml")} == set(TEMPLATES)


@every_template
def test_a_template_holds_a_description_and_a_configuration(template: str) -> None:
    content = templates.load(template)
    assert content.keys() == {"id", "description", "configuration"}
    assert content["id"] == template
    assert content["description"].endswith(".")


@every_template
def test_a_template_sets_every_field_but_the_name_and_what_the_service_sets(template: str) -> None:
    assert configuration_of(template).keys() == {*CONFIGURATION} - {"name"}


@every_template
def test_a_template_could_be_sent_as_a_change(template: str) -> None:
    configuration = configuration_of(template)
    changes = parse_object(AssistantChanges, {"accountSlug": "my-team", **configuration})
    sent: dict[str, Any] = changes.model_dump(include=set(configuration))
    assert {name: (value, type(value)) for name, value in sent.items()} == {
        name: (value, type(value)) for name, value in configuration.items()
    }


@every_template
def test_a_change_of_one_configuration_does_not_reach_the_next(template: str) -> None:
    configuration_of(template)["model"] = "changed"
    assert configuration_of(template)["model"] != "changed"


def test_the_outbound_setter_has_the_documented_values() -> None:
    configuration = configuration_of("outbound-setter")
    assert configuration.items() >= DOCUMENTED.items()
    assert configuration["first_message"].startswith("Hi, this is Alex from Talkturo")
    assert configuration["system_prompt"].startswith("You are a friendly outbound sales assistant")


def test_custom_is_silent_and_calls_nobody() -> None:
    configuration = configuration_of("custom")
    assert (configuration["first_message"], configuration["system_prompt"]) == ("", "")
    assert (configuration["inbound_enabled"], configuration["outbound_enabled"]) == (False, False)


@pytest.mark.parametrize(
    ("template", "inbound", "outbound"),
    [("outbound-setter", False, True), ("inbound-support", True, False), ("follow-up", False, True)],
)
def test_a_template_takes_or_places_calls(template: str, inbound: bool, outbound: bool) -> None:
    configuration = configuration_of(template)
    assert (configuration["inbound_enabled"], configuration["outbound_enabled"]) == (inbound, outbound)


@every_spoken_template
def test_the_first_words_are_one_line_that_tells_of_the_machine_and_the_recording(template: str) -> None:
    configuration = configuration_of(template)
    first_message = configuration["first_message"]
    assert "AI assistant" in first_message
    assert ("this call is recorded" in first_message) is configuration["recording_enabled"]
    assert "\n" not in first_message
    assert "{{" not in first_message  # a variable without a value would be read aloud


@every_spoken_template
def test_the_voice_and_the_words_have_one_name(template: str) -> None:
    configuration = configuration_of(template)
    assert f"Your name is {configuration['voice_name']}" in configuration["system_prompt"]
    assert configuration["voice_name"] in configuration["first_message"]


@every_spoken_template
def test_a_prompt_has_variables_and_nothing_is_wrong_with_them(template: str) -> None:
    texts = {field: configuration_of(template)[field] for field in ("first_message", "system_prompt")}
    assert "account.name" in render(texts, {}).missing
    assert prompt_warnings(texts) == []
