import pytest

from tests.harness import Account, Reply

NUMBER = "+14155550101"
PROMPTS = {
    "first_message": "Hi {{contact.first_name}}!",
    "system_prompt": "You answer for {{account.name|us}}. Called from {{campaign.name}}. {{contact.fist_name}}",
}


def prepare(account: Account, number: str = NUMBER, **body: object) -> Reply:
    return account.call("prepare_call", number, body=body)


@pytest.fixture
def assistant(account: Account) -> str:
    assistant = str(account.new_assistant("inbound-support", **PROMPTS)["id"])
    account.assign(assistant, [account.new_number(NUMBER)])
    return assistant


def test_the_assistant_is_the_one_that_get_answers_with_its_prompts_rendered(account: Account, assistant: str) -> None:
    reply = prepare(account, variables={"contact": {"first_name": "Ada", "email": "a@b.c"}})
    expected = account.route(NUMBER).json
    assert {field: expected["assistant"][field] for field in PROMPTS} == PROMPTS
    expected["assistant"]["first_message"] = "Hi Ada!"
    expected["assistant"]["system_prompt"] = "You answer for us. Called from . {{contact.fist_name}}"
    assert (reply.status, reply.json) == (200, expected | {"missing": ["campaign.name"]})
    assert account.get(assistant).items() >= PROMPTS.items()


def test_without_values_it_answers_too(account: Account, assistant: str) -> None:
    answer = prepare(account).json
    assert answer["missing"] == ["contact.first_name", "campaign.name"]
    assert answer["assistant"]["first_message"] == "Hi !"


@pytest.mark.parametrize(
    ("inbound", "status", "held", "reason"),
    [
        (True, "active", False, "unassigned"),
        (False, "active", True, "inbound_disabled"),
        (True, "suspended", True, "number_not_active"),
    ],
)
def test_a_call_that_nobody_answers_is_told_as_get_tells_it(
    account: Account, assistant: str, inbound: bool, status: str, held: bool, reason: str
) -> None:
    account.update(assistant, inbound_enabled=inbound)
    if not held:
        account.assign(assistant, [])
    account.call("update_phone_number", "pn_14155550101", body={"status": status})
    reply = prepare(account, variables={"contact": {"first_name": "Ada"}})
    assert (reply.status, reply.json) == (200, account.route(NUMBER).json | {"missing": []})
    assert (reply.json["reason"], reply.json["assistant"]) == (reason, None)


@pytest.mark.parametrize(
    ("number", "body", "status", "code"),
    [
        (NUMBER, {"variables": []}, 400, "invalid_request"),
        (NUMBER, {"variables": {"contact": {"email": []}}}, 400, "invalid_request"),
        (NUMBER, {"contact": {"first_name": "Ada"}}, 400, "invalid_request"),
        (NUMBER, {"accountSlug": "other-team"}, 403, "account_mismatch"),
        ("pn_1", {}, 400, "malformed_id"),
        ("+14155550199", {}, 404, "phone_number_not_found"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    account: Account, assistant: str, number: str, body: dict[str, object], status: int, code: str
) -> None:
    reply = prepare(account, number, **body)
    assert (reply.status, reply.code) == (status, code)


def test_a_number_outside_the_account_is_not_found(account: Account, other_account: Account) -> None:
    other_account.new_number(NUMBER)
    assert prepare(account).code == "phone_number_not_found"
