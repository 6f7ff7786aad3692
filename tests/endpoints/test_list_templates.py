from assistants_api.models.assistant import Assistant, AssistantChanges
from tests.harness import Account

IDS = ["outbound-setter", "inbound-support", "follow-up", "custom"]


def test_the_four_templates_are_listed_with_all_they_set(account: Account) -> None:
    reply = account.call("list_templates")
    assert (reply.status, reply.json.keys()) == (200, {"success", "templates"})
    templates = reply.json["templates"]
    assert [template["id"] for template in templates] == IDS
    configured = Assistant.model_fields.keys() - AssistantChanges.read_only - {"name"}
    for template in templates:
        assert template.keys() == {"id", "description", "configuration"}
        assert template["configuration"].keys() == configured


def test_every_account_sees_the_same_templates(account: Account, other_account: Account) -> None:
    assert account.call("list_templates").json == other_account.call("list_templates").json


def test_a_new_assistant_gets_just_what_its_template_says(account: Account) -> None:
    for template in account.call("list_templates").json["templates"]:
        assistant = account.new_assistant(template["id"])
        assert assistant["type"] == template["id"]
        assert {name: assistant[name] for name in template["configuration"]} == template["configuration"]


def test_nothing_is_stored_for_it(account: Account, calls: list[str]) -> None:
    account.call("list_templates")
    assert calls == ["BatchGetItem"]
