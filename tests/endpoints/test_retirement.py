"""What requests say of models that have retired or will, and what calls use in their place."""

from collections.abc import Callable
from typing import Any

import pytest

from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, Reply

NUMBER = "+14155550101"
VOICE = {"field": "voice_model", "from": "sonic-english", "to": "sonic-3.5", "since": "2026-06-01"}
LANGUAGE_MODEL = {"field": "model", "from": "gpt-4o-mini", "to": "gpt-6-luna", "since": "2027-01-14"}
TEMPERATURE = {"field": "temperature", "from": 0.7, "to": 1.0, "since": "2027-01-14"}
OLD = {"voice_model": "sonic-english"}


@pytest.fixture(autouse=True)
def today(set_today: Callable[[str], None]) -> None:
    set_today("2026-11-25")


def warned(reply: Reply) -> list[tuple[str, str]]:
    assert reply.status == 200, reply.text
    return [(each["field"], each["code"]) for each in reply.json.get("warnings", [])]


# Warnings


def create(account: Account) -> Reply:
    return account.call("create_assistant")


def get(account: Account) -> Reply:
    return account.call("get_assistant", account.new_assistant()["id"])


def update(account: Account) -> Reply:
    return account.update(account.new_assistant()["id"], name="Renamed")


def clone(account: Account) -> Reply:
    return account.call("clone_assistant", account.new_assistant()["id"])


def restore(account: Account) -> Reply:
    assistant = account.new_assistant()["id"]
    account.update(assistant, voice_model="sonic-3.5", model="gpt-5.4-mini")
    return account.call("restore_version", assistant, "1", body={})


def import_anew(account: Account) -> Reply:
    export = account.call("export_assistant", account.new_assistant()["id"]).json["export"]
    body = {"accountSlug": account.slug, "export": {**export, "external_id": "another"}}
    return account.call("import_assistant", body=body)


def restore_deleted(account: Account) -> Reply:
    assistant = account.new_assistant()["id"]
    account.call("delete_assistant", assistant)
    return account.call("restore_assistant", assistant, body={})


def render(account: Account) -> Reply:
    return account.call("render_assistant", account.new_assistant()["id"], body={})


@pytest.mark.parametrize("request_of", [create, get, update, clone, restore, import_anew, restore_deleted, render])
def test_the_models_of_the_documented_example_are_warned_of(
    account: Account, set_today: Callable[[str], None], request_of: Callable[[Account], Reply]
) -> None:
    reply = request_of(account)
    assert warned(reply) == [("/model", "retiring_model"), ("/voice_model", "retired_model")]
    assert reply.json["warnings"][1] == {
        "field": "/voice_model",
        "code": "retired_model",
        "message": "cartesia ended sonic-english on 2026-06-01; calls use sonic-3.5 in its place. "
        "Change voice_model to it, or to another model.",
        "retires": "2026-06-01",
        "replacement": "sonic-3.5",
        "source": "https://docs.cartesia.ai/build-with-cartesia/tts-models/api-changes",
    }
    set_today("2026-05-31")
    assert warned(request_of(account)) == [("/voice_model", "retiring_model")]


def test_warnings_of_models_come_before_those_of_prompts(account: Account) -> None:
    reply = account.update(
        account.new_assistant("custom")["id"], first_message="{{x}}" * 21, voice_model="sonic-english"
    )
    assert warned(reply)[0] == ("/voice_model", "retired_model")
    assert warned(reply)[1:] == [("/first_message", "unknown_variable")] * 19 + [("/first_message", "more_warnings")]


def test_who_follows_every_warning_is_warned_no_longer(account: Account) -> None:
    wrong: dict[str, Any] = {
        **OLD, "provider": "claude", "model": "claude-sonnet-4-5", "temperature": 1.5, "max_tokens": 100_000,
        "transcriptor_provider": "deepgram", "transcriptor_language": "he", "first_message": "{{first_name}}",
    }  # fmt: skip
    assistant = account.new_assistant("custom")["id"]
    reply = account.update(assistant, **wrong)
    assert warned(reply) == [
        ("/model", "retiring_model"),
        ("/voice_model", "retired_model"),
        ("/temperature", "unsupported_temperature"),
        ("/max_tokens", "too_many_tokens"),
        ("/transcriptor_language", "unsupported_language"),
        ("/first_message", "unknown_variable"),
    ]
    replacements = {it["field"][1:]: it["replacement"] for it in reply.json["warnings"] if "replacement" in it}
    right: dict[str, Any] = {**replacements, "temperature": 1.0, "max_tokens": 64_000, "transcriptor_language": "multi"}
    assert warned(account.update(assistant, **right, first_message="{{contact.first_name}}")) == []


# Calls


@pytest.fixture
def assistant(account: Account) -> str:
    """The id of one from the documented template that answers the number."""
    assistant = str(account.new_assistant(inbound_enabled=True)["id"])
    account.assign(assistant, [account.new_number(NUMBER)])
    return assistant


def ask(account: Account, function: str, query: dict[str, str] | None = None) -> Any:
    body: Any = {} if function == "route_call" else {"body": {"variables": {}}}
    return account.call(function, NUMBER, query=query, **body).json


@pytest.mark.parametrize("function", ["route_call", "prepare_call"])
def test_a_call_gets_the_replacement_of_a_retired_model_and_is_told(
    account: Account, assistant: str, stored: Stored, set_today: Callable[[str], None], function: str
) -> None:
    before, items = ask(account, function, {"exact": "true"}), stored.items()
    assert (before["assistant"]["voice_model"], before["substituted"]) == ("sonic-english", [])
    answer = ask(account, function)
    assert answer["substituted"] == [VOICE]
    assert answer["assistant"] == before["assistant"] | {"voice_model": "sonic-3.5"}
    set_today("2027-01-14")
    answer = ask(account, function)
    assert answer["substituted"] == [LANGUAGE_MODEL, TEMPERATURE, VOICE]
    assert answer["assistant"] == before["assistant"] | {
        "voice_model": "sonic-3.5", "model": "gpt-6-luna", "temperature": 1.0,
    }  # fmt: skip
    assert ask(account, function, {"exact": "true"}) == before
    assert stored.items() == items


@pytest.mark.parametrize("function", ["route_call", "prepare_call"])
def test_a_call_that_nobody_answers_has_nothing_substituted(account: Account, assistant: str, function: str) -> None:
    account.update(assistant, inbound_enabled=False)
    answer = ask(account, function)
    assert (answer["routed"], answer["assistant"], answer["substituted"]) == (False, None, [])


def test_rendering_answers_the_models_that_a_call_uses(account: Account, assistant: str) -> None:
    answer = account.call("render_assistant", assistant, body={}).json
    used = ("gpt-4o-mini", 0.7, 1024, "sonic-3.5", "nova-2")
    named = ("model", "temperature", "max_tokens", "voice_model", "transcriptor_model")
    assert (tuple(answer[name] for name in named), answer["substituted"]) == (used, [VOICE])
    exact = account.call("render_assistant", assistant, query={"exact": "true"}, body={}).json
    assert exact == answer | {"voice_model": "sonic-english", "substituted": []}


def test_all_else_answers_what_is_stored(account: Account, assistant: str) -> None:
    assert account.get(assistant)["voice_model"] == "sonic-english"
    assert account.call("list_assistants").json["assistants"][0]["voice_model"] == "sonic-english"
    version = account.call("get_version", assistant, "1").json
    assert (version["assistant"]["voice_model"], version.keys()) == (
        "sonic-english", {"success", "version", "assistant"},
    )  # fmt: skip
    clone = account.call("clone_assistant", assistant).json["assistant"]
    assert clone["voice_model"] == "sonic-english"


@pytest.mark.parametrize("function", ["route_call", "prepare_call", "render_assistant"])
def test_what_is_no_flag_is_refused(account: Account, assistant: str, function: str) -> None:
    path = assistant if function == "render_assistant" else NUMBER
    body: Any = {} if function == "route_call" else {"body": {}}
    reply = account.call(function, path, query={"exact": "yes"}, **body)
    assert (reply.status, reply.json["details"]) == (400, [{"field": "?exact", "message": "must be true or false."}])


@pytest.mark.parametrize("function", ["route_call", "prepare_call"])
def test_the_log_tells_which_fields_were_substituted(
    account: Account, assistant: str, output: Callable[[], str], function: str
) -> None:
    ask(account, function)
    assert '"substituted":["voice_model"]' in output()


# Those that need a person


def names(page: Any) -> list[str]:
    return [each["name"] for each in page["assistants"]]


@pytest.fixture
def crew(account: Account) -> None:
    account.new_assistant("custom", "Retired", **OLD)
    account.new_assistant("custom", "Right")
    account.new_assistant("inbound-support", "Retiring", model="gpt-4o-mini")
    account.new_assistant("custom", "Prompt", system_prompt="{{first_name}}")
    account.new_assistant("follow-up", "Tokens", model="gpt-4o-2024-08-06", max_tokens=20_000)


@pytest.mark.parametrize(
    ("query", "day", "found"),
    [
        ({"attention": "true"}, "2026-11-25", ["Tokens", "Prompt", "Retiring", "Retired"]),
        ({"attention": "false"}, "2026-11-25", ["Right"]),
        ({"attention": "true"}, "2026-02-01", ["Tokens", "Prompt"]),
        ({"attention": "false"}, "2026-02-01", ["Retiring", "Right", "Retired"]),
        ({"attention": "true", "type": "custom"}, "2026-11-25", ["Prompt", "Retired"]),
        ({"attention": "true", "name": "ret", "inbound_enabled": "true"}, "2026-11-25", ["Retiring"]),
        ({"attention": ""}, "2026-11-25", ["Tokens", "Prompt", "Retiring", "Right", "Retired"]),
    ],
)
@pytest.mark.usefixtures("crew")
def test_just_those_that_get_warns_of_are_listed(
    account: Account, set_today: Callable[[str], None], query: dict[str, str], day: str, found: list[str]
) -> None:
    set_today(day)
    page = account.call("list_assistants", query=query).json
    assert (names(page), page["next_cursor"]) == (found, None)
    if query.get("attention"):
        needs = [warned(account.call("get_assistant", each["id"])) != [] for each in page["assistants"]]
        assert needs == [query["attention"] == "true"] * len(found)


def test_a_page_of_them_is_full_and_the_cursor_leads_to_the_others(account: Account) -> None:
    for number in range(15):
        account.new_assistant("custom", f"Number {number}", **(OLD if number % 3 == 0 else {}))
    pages = list(account.pages("list_assistants", limit="2", attention="true"))
    assert [names(page) for page in pages] == [["Number 12", "Number 9"], ["Number 6", "Number 3"], ["Number 0"]]
    cursor = pages[0]["next_cursor"]
    assert account.call("list_assistants", query={"cursor": cursor, "attention": "false"}).code == "invalid_cursor"


def test_those_that_were_deleted_are_listed_likewise(account: Account) -> None:
    for name, fields in (("Retired", OLD), ("Right", {})):
        account.call("delete_assistant", account.new_assistant("custom", name, **fields)["id"])
    for attention, found in (("true", ["Retired"]), ("false", ["Right"])):
        assert names(account.call("list_assistants", query={"deleted": "true", "attention": attention}).json) == found


def test_what_is_read_for_a_page_of_them_has_an_end(account: Account, table: Table, calls: list[str]) -> None:
    account.new_assistant("custom", "Retired", **OLD)
    for number in range(20):
        account.new_assistant("custom", f"Right {number}")
    calls.clear()
    a_megabyte = lambda params, **_: params.update(Limit=2)  # noqa: E731
    table.client.meta.events.register("provide-client-params.dynamodb.Query", a_megabyte)
    first, second = account.pages("list_assistants", attention="true")
    assert (names(first), names(second)) == ([], ["Retired"])
    assert calls == ["BatchGetItem", *["Query"] * 8, "BatchGetItem", *["Query"] * 3]
