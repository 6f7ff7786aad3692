"""What the requests that write or read an assistant say of the variables in its prompts."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.harness import Account, Reply

Request = Callable[[Account, dict[str, Any]], Reply]


def create(account: Account, prompts: dict[str, Any]) -> Reply:
    body = {"accountSlug": account.slug, "name": "x", "templateId": "custom", **prompts}
    return account.call("create_assistant", body=body)


def update(account: Account, prompts: dict[str, Any]) -> Reply:
    return account.update(account.new_assistant("custom")["id"], **prompts)


def update_of_another_field(account: Account, prompts: dict[str, Any]) -> Reply:
    return account.update(account.new_assistant("custom", **prompts)["id"], temperature=0.1)


def clone(account: Account, prompts: dict[str, Any]) -> Reply:
    return account.call("clone_assistant", account.new_assistant("custom", **prompts)["id"])


def get(account: Account, prompts: dict[str, Any]) -> Reply:
    return account.call("get_assistant", account.new_assistant("custom", **prompts)["id"])


def restore(account: Account, prompts: dict[str, Any]) -> Reply:
    assistant = account.new_assistant("custom", **prompts)["id"]
    account.update(assistant, first_message="", system_prompt="")
    return account.call("restore_version", assistant, "2", body={})


REQUESTS: dict[str, Request] = {
    it.__name__: it for it in (create, update, update_of_another_field, clone, get, restore)
}
every_request = pytest.mark.parametrize("request_with", REQUESTS.values(), ids=REQUESTS)
WRONG = {"first_message": "Hi {{first_name}}", "system_prompt": "You are\n  {{contact.email"}


@every_request
def test_the_assistant_is_answered_and_what_is_wrong_stands_beside_it(account: Account, request_with: Request) -> None:
    reply = request_with(account, WRONG)
    assert (reply.status, reply.json.keys()) == (200, {"success", "assistant", "warnings"})
    assert reply.json["warnings"] == [
        {
            "field": "/first_message",
            "code": "unknown_variable",
            "message": "first_name is no known variable, and stays as it is written; did you mean contact.first_name.",
            "line": 1,
            "column": 4,
        },
        {
            "field": "/system_prompt",
            "code": "unclosed_braces",
            "message": "These braces are not closed on their line, and stay as they are written; "
            "write a variable as {{contact.first_name}}.",
            "line": 2,
            "column": 3,
        },
    ]
    assert account.get(reply.json["assistant"]["id"]).items() >= WRONG.items()


@every_request
def test_prompts_that_are_right_are_answered_without_warnings(account: Account, request_with: Request) -> None:
    reply = request_with(account, {"system_prompt": "Hi {{contact.first_name|there}}"})
    assert (reply.status, reply.json.keys()) == (200, {"success", "assistant"})


@pytest.mark.parametrize("template", ["inbound-support", "follow-up", "custom"])
def test_an_assistant_from_a_template_has_nothing_to_warn_of(account: Account, template: str) -> None:
    body = {"accountSlug": account.slug, "name": "x", "templateId": template}
    assert account.call("create_assistant", body=body).json.keys() == {"success", "assistant"}


def test_a_prompt_of_nothing_but_faults_is_written_with_20_warnings(account: Account) -> None:
    assistant = account.new_assistant("custom")["id"]
    reply = account.update(assistant, system_prompt="{{" * 32_000)
    assert (reply.status, len(reply.json["warnings"])) == (200, 20)
    assert reply.json["warnings"][-1]["message"] == "There are 31,981 more warnings from here on."
    assert account.get(assistant)["system_prompt"] == "{{" * 32_000
