import pytest

from tests.harness import Account

IDS = ["outbound-setter", "inbound-support", "follow-up", "custom"]


@pytest.mark.parametrize("template", IDS)
def test_a_template_is_answered_as_the_list_has_it(account: Account, template: str) -> None:
    reply = account.call("get_template", template)
    listed = account.call("list_templates").json["templates"]
    assert (reply.status, reply.json) == (200, {"success": True, "template": listed[IDS.index(template)]})


def test_a_percent_encoded_id_is_the_same_template(account: Account) -> None:
    assert account.call("get_template", "outbound%2Dsetter").json["template"]["id"] == "outbound-setter"


@pytest.mark.parametrize(
    "template",
    ["unheard-of", "Custom", "custom ", "", "custom.toml", "../templates/custom", "..%2Ftemplates%2Fcustom", "/", "é"],
)
def test_an_unknown_template_is_not_found_and_the_known_ones_are_named(account: Account, template: str) -> None:
    reply = account.call("get_template", template)
    assert (reply.status, reply.code) == (404, "template_not_found")
    assert ", ".join(IDS) in reply.json["error"]


def test_a_long_id_is_not_repeated_whole(account: Account) -> None:
    assert len(account.call("get_template", "x" * 5_000).text) < 500
