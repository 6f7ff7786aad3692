import pytest

from assistants_api.models.assistant import CONFIGURATION
from tests.harness import Account

IDS = ["outbound-setter", "inbound-support", "follow-up", "custom"]


def test_the_four_templates_are_listed_with_all_they_set(account: Account) -> None:
    reply = account.call("list_templates")
    assert (reply.status, reply.json.keys()) == (200, {"success", "templates"})
    templates = reply.json["templates"]
    assert [template["id"] for template in templates] == IDS
    configured = {*CONFIGURATION} - {"name"}
    for template in templates:
        assert template.keys() == {"id", "description", "configuration"}
        assert template["configuration"].keys() == configured


def test_every_account_sees_the_same_templates(account: Account, other_account: Account) -> None:
    assert account.call("list_templates").json == other_account.call("list_templates").json


@pytest.mark.parametrize("template_id", IDS)
def test_a_new_assistant_gets_just_what_its_template_says(account: Account, template_id: str) -> None:
    templates = account.call("list_templates").json["templates"]
    (configuration,) = (template["configuration"] for template in templates if template["id"] == template_id)
    assistant = account.new_assistant(template_id)
    assert assistant["type"] == template_id
    assert configuration
    assert {name: assistant[name] for name in configuration} == configuration


def test_nothing_is_stored_for_it(account: Account, calls: list[str]) -> None:
    account.call("list_templates")
    assert calls == ["BatchGetItem"]
