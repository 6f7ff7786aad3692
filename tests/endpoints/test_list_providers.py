import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.stack.template import document
from tests.conftest import Stored
from tests.harness import Account, Reply

FIELDS = {"provider": "llm", "voice_provider": "voice", "transcriptor_provider": "transcription"}
DOCUMENTED = {
    "provider": {"openai", "anthropic", "google", "deepseek", "qwen"},
    "voice_provider": {"cartesia", "elevenlabs"},
    "transcriptor_provider": {"deepgram", "assemblyai"},
}
every_field = pytest.mark.parametrize("field", FIELDS)
SetExtra = Callable[[str], None]


@pytest.fixture
def set_extra(monkeypatch: pytest.MonkeyPatch) -> SetExtra:
    """Sets the parameter ExtraProviders."""
    return lambda value: monkeypatch.setenv("EXTRA_PROVIDERS", value)


def listed(account: Account, kind: str | None = None) -> list[dict[str, Any]]:
    reply = account.call("list_providers", query={"kind": kind} if kind else None)
    assert (reply.status, reply.json.keys()) == (200, {"success", "providers"})
    providers: list[dict[str, Any]] = reply.json["providers"]
    return providers


def words(account: Account, field: str) -> Iterator[str]:
    """Every id and alias that the field takes."""
    for provider in listed(account, FIELDS[field]):
        yield provider["id"]
        yield from provider["aliases"]


def change(account: Account, assistant: str, field: str, value: str) -> Reply:
    return account.call("update_assistant", assistant, body={"accountSlug": account.slug, field: value})


def refusal(account: Account, field: str, value: str) -> str:
    reply = account.call("create_assistant", body={"accountSlug": account.slug, "name": "x", field: value})
    assert (reply.status, reply.code, [each["field"] for each in reply.json["details"]]) == (
        400,
        "invalid_request",
        [f"/{field}"],
    )
    return str(reply.json["details"][0]["message"])


def test_each_provider_has_an_id_a_name_kinds_and_aliases(account: Account) -> None:
    providers = listed(account)
    assert len(providers) > 70
    for provider in providers:
        assert provider.keys() == {"id", "name", "kinds", "aliases", "added_by_operator", "retirements"}
        assert provider["name"]
        assert provider["kinds"]
        assert provider["added_by_operator"] is False
    assert [each["id"] for each in providers] == sorted({each["id"] for each in providers})
    (cartesia,) = (each for each in providers if each["id"] == "cartesia")
    assert {**cartesia, "retirements": cartesia["retirements"][2]} == {
        "id": "cartesia",
        "name": "Cartesia",
        "kinds": ["voice", "transcription"],
        "aliases": [],
        "added_by_operator": False,
        "retirements": {
            "kind": "voice",
            "model": "sonic-english",
            "retires": "2026-06-01",
            "replacement": "sonic-3.5",
            "source": "https://docs.cartesia.ai/build-with-cartesia/tts-models/api-changes",
            "checked": "2026-11-25",
        },
    }


def test_a_word_names_one_provider(account: Account) -> None:
    found = [word for each in listed(account) for word in (each["id"], *each["aliases"])]
    assert len(found) == len(set(found))
    assert [word for word in found if not re.fullmatch("[a-z0-9][a-z0-9._-]*", word)] == []


@pytest.mark.parametrize("kind", FIELDS.values())
def test_a_kind_lists_just_the_providers_that_serve_it(account: Account, kind: str) -> None:
    found = listed(account, kind)
    assert found == [
        {**each, "retirements": [it for it in each["retirements"] if it["kind"] == kind]}
        for each in listed(account)
        if kind in each["kinds"]
    ]
    assert any(each["retirements"] for each in found)
    assert len(found) > 30


def test_an_unknown_kind_is_refused_with_the_nearest_one(account: Account) -> None:
    reply = account.call("list_providers", query={"kind": "voices"})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, "?kind")
    assert "one of llm, voice, transcription; did you mean voice" in reply.json["error"]


@pytest.mark.long
@every_field
def test_every_id_and_alias_can_be_created_with_and_comes_back_as_it_was_sent(account: Account, field: str) -> None:
    every_word = [*words(account, field)]
    assert DOCUMENTED[field] < {*every_word}
    created: dict[str, Any] = {}
    for word in every_word:
        body = {"accountSlug": account.slug, "name": "x", field: word}
        created[word] = account.call("create_assistant", body=body).json["assistant"]
    assert {word: assistant[field] for word, assistant in created.items()} == {word: word for word in every_word}
    assert {word: account.get(each["id"])[field] for word, each in created.items()} == {
        word: word for word in every_word
    }


@pytest.mark.long
@every_field
def test_every_id_and_alias_can_be_changed_to(account: Account, field: str) -> None:
    assistant = account.new_assistant()["id"]
    replies = {word: change(account, assistant, field, word) for word in words(account, field)}
    assert {word: (reply.status, reply.json["assistant"][field]) for word, reply in replies.items()} == {
        word: (200, word) for word in replies
    }


@pytest.mark.long
@every_field
def test_a_word_that_is_nearly_one_is_refused_with_one_that_is_accepted(account: Account, field: str) -> None:
    accepted = {*words(account, field)}
    for word in accepted:
        for sent in (word.upper(), f" {word}{word[-1]} "):
            suggested = re.search("; did you mean ([^ ]+)[?] GET /api/providers", refusal(account, field, sent))
            assert suggested, sent
            assert suggested[1] in accepted


@every_field
def test_a_word_like_no_other_is_refused_with_an_example_and_the_way_to_the_list(account: Account, field: str) -> None:
    message = refusal(account, field, "#?!")
    example = re.search(", such as ([a-z]+)[.] ", message)
    assert example
    assert example[1] in words(account, field)
    assert message.endswith(f"GET /api/providers?kind={FIELDS[field]} lists all.")
    assert len(message) < 150


@every_field
def test_a_provider_of_something_else_is_refused_with_what_it_provides(account: Account, field: str) -> None:
    accepted = {*words(account, field)}
    others = {word for other in FIELDS for word in words(account, other)} - accepted
    assert others
    for word in others:
        assert f"; {word} provides " in refusal(account, field, word)


def test_a_refused_provider_changes_and_stores_nothing(account: Account, stored: Stored) -> None:
    assistant = account.new_assistant()["id"]
    before = stored.items()
    assert account.update(assistant, provider="unheard-of").status == 400
    refusal(account, "provider", "unheard-of")
    assert stored.items() == before


# The operator's own


@every_field
def test_a_provider_of_the_operators_is_listed_as_such_and_accepted(
    account: Account, set_extra: SetExtra, field: str
) -> None:
    refusal(account, field, "my-own")
    set_extra(f"{FIELDS[field]}:my-own")
    assert [each for each in listed(account) if each["added_by_operator"]] == [
        {
            "id": "my-own",
            "name": "my-own",
            "kinds": [FIELDS[field]],
            "aliases": [],
            "added_by_operator": True,
            "retirements": [],
        }
    ]
    assistant = account.new_assistant()["id"]
    assert change(account, assistant, field, "my-own").json["assistant"][field] == "my-own"
    for other in FIELDS.keys() - {field}:
        assert change(account, assistant, other, "my-own").status == 400
    set_extra("")
    refusal(account, field, "my-own")
    assert account.update(assistant, name="Kept").json["assistant"][field] == "my-own"


def test_one_of_the_operators_may_serve_several_kinds(account: Account, set_extra: SetExtra) -> None:
    set_extra("llm:my-own,voice:my-own,transcription:my-own,llm:other")
    kinds = {each["id"]: each["kinds"] for each in listed(account) if each["added_by_operator"]}
    assert kinds == {"my-own": ["llm", "voice", "transcription"], "other": ["llm"]}


@pytest.mark.parametrize("word", ["anthropic", "claude"])
def test_the_operator_can_add_a_kind_to_a_provider_under_each_of_its_words(
    account: Account, set_extra: SetExtra, word: str
) -> None:
    set_extra(f"voice:{word}")
    (anthropic,) = (each for each in listed(account, "voice") if each["added_by_operator"])
    assert (anthropic["id"], anthropic["kinds"], anthropic["aliases"]) == ("anthropic", ["llm", "voice"], ["claude"])
    assert account.update(account.new_assistant()["id"], voice_provider="claude").status == 200


def test_what_the_catalogue_has_is_not_the_operators(account: Account, set_extra: SetExtra) -> None:
    before = listed(account)
    set_extra("llm:openai,voice:fish-audio")
    assert listed(account) == before


@pytest.mark.parametrize(
    ("value", "is_taken"),
    [
        ("", True), ("llm:a", True), ("llm:my-llm,voice:my-tts,transcription:my-stt", True), ("voice:a.b_c-1", True),
        ("my-llm", False), ("llm:", False), ("llm:My", False), ("llm:a,", False), (",llm:a", False),
        ("llm:a voice:b", False),
        ("tts:a", False), ("llm:a:b", False), ("llm:-a", False), ("llm:a,,voice:b", False), ("llm:" + "x" * 64, False),
    ],
)  # fmt: skip
def test_the_template_takes_entries_of_kind_and_id_alone(value: str, is_taken: bool) -> None:
    parameter = document()["Parameters"]["ExtraProviders"]
    assert bool(re.fullmatch(parameter["AllowedPattern"], value)) is is_taken
