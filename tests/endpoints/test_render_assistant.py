from typing import Any

import pytest

from tests.conftest import Stored
from tests.harness import Account, Reply

UNKNOWN = "asst_01jd5xexamp1e0000000000000"
ADA = {"contact": {"first_name": "Ada"}}
PROMPTS = {
    "first_message": "Hi {{contact.first_name|there}}!",
    "system_prompt": "You call for {{ account.name }}.\nBudget {{contact.custom.budget}}, {{contact.fist_name}} ü👋\n",
}


def render(account: Account, assistant: str, **body: object) -> Reply:
    return account.call("render_assistant", assistant, body=body)


@pytest.fixture
def assistant(account: Account) -> str:
    return str(account.new_assistant("custom", **PROMPTS)["id"])


def test_the_prompts_are_answered_as_a_call_uses_them_and_nothing_is_stored(
    account: Account, assistant: str, stored: Stored
) -> None:
    before = stored.items()
    values = {"contact": {"first_name": "Ada", "phone": "+1", "custom": {"budget": 5000}}, "account": {"name": None}}
    reply = render(account, assistant, variables=values, accountSlug=account.slug)
    assert (reply.status, "etag" in reply.headers) == (200, False)
    assert reply.json == {
        "success": True,
        "first_message": "Hi Ada!",
        "system_prompt": "You call for .\nBudget 5000, {{contact.fist_name}} ü👋\n",
        "model": "gpt-5.4-mini",
        "temperature": 0.7,
        "max_tokens": 1024,
        "voice_model": "sonic-3.5",
        "transcriptor_model": "nova-2",
        "substituted": [],
        "missing": ["account.name"],
        "unused": ["contact.phone"],
        "warnings": [
            {
                "field": "/system_prompt",
                "code": "unknown_variable",
                "message": "contact.fist_name is no known variable, and stays as it is written; "
                "did you mean contact.first_name.",
                "line": 2,
                "column": 35,
            }
        ],
    }
    assert stored.items() == before


@pytest.mark.parametrize(
    "body", [{}, {"variables": {}}, {"variables": {"contact": {}}}, {"variables": {"contact": None}}]
)
def test_without_values_defaults_and_empty_text_stand_for_them(
    account: Account, assistant: str, body: dict[str, Any]
) -> None:
    answer = render(account, assistant, **body).json
    assert (answer["first_message"], answer["missing"], answer["unused"]) == (
        "Hi there!",
        ["account.name", "contact.custom.budget"],
        [],
    )


def test_prompts_that_are_right_answer_no_warnings(account: Account) -> None:
    assistant = account.new_assistant("inbound-support")["id"]
    assert "warnings" not in render(account, assistant).json


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *(("Ada", "Ada"), ("", ""), (" \n\x00ü👋", " \n\x00ü👋"), ("{{account.name}}", "{{account.name}}"), (0, "0")),
        *((-1.5, "-1.5"), (10**30, "1" + "0" * 30), (True, "true"), (False, "false"), ("x" * 4_000, "x" * 4_000)),
    ],
)
def test_a_value_is_text_or_the_json_of_a_number_or_boolean(account: Account, value: object, text: str) -> None:
    assistant = account.new_assistant("custom", system_prompt="[{{company.name}}]")["id"]
    values = {"company.name": value, "account": {"name": "other"}}
    answer = render(account, assistant, variables=values).json
    assert (answer["system_prompt"], answer["missing"], answer["unused"]) == (f"[{text}]", [], ["account.name"])


SCALAR = "must be a string, a number, a boolean or null, not"


@pytest.mark.parametrize(
    ("raw", "pointer", "message"),
    [
        ("[]", "/variables", "must be an object, not an array."),
        ('"x"', "/variables", "must be an object, not the text 'x'."),
        ('{"contact": {"email": []}}', "/variables/contact/email", f"{SCALAR} an array."),
        ('{"contact": {"custom": {"a": {"b": 1}}}}', "/variables/contact/custom/a", f"{SCALAR} an object."),
        ('{"contact": {"email": 1e999}}', "/variables/contact/email", "must be a finite number."),
        ('{"a": "\\ud800"}', "/variables/a", "is not valid Unicode (a surrogate without its pair)."),
        ('{"\\ud800": 1}', "/variables/\ufffd\ufffd\ufffd", "is not valid Unicode (a surrogate without its pair)."),
        ('{"a/b": []}', "/variables/a~1b", f"{SCALAR} an array."),
        ('{"a": {"b": 1}, "a.b": 2}', "/variables/a.b", "is sent twice; send it once."),
        (f'{{"a": "{"x" * 4_001}"}}', "/variables/a", "has 4,001 characters; at most 4,000 are allowed."),
        (f'{{"a": {"1" * 4_001}}}', "/variables/a", "has 4,001 characters; at most 4,000 are allowed."),
        (
            f'{{"{"x" * 201}": 1}}',
            f"/variables/{'x' * 100}...",
            "has a name of 201 characters; at most 200 are allowed.",
        ),
    ],
)
def test_a_value_that_is_none_is_refused_by_name(
    account: Account, assistant: str, raw: str, pointer: str, message: str
) -> None:
    reply = account.call("render_assistant", assistant, raw=f'{{"variables": {raw}}}')
    assert (reply.status, reply.code) == (400, "invalid_request")
    assert reply.json["details"] == [{"field": pointer, "message": message}]


def test_500_values_are_taken_and_one_more_is_refused(account: Account, assistant: str) -> None:
    values = {f"a{i}": {f"b{j}": j for j in range(50)} for i in range(10)}
    assert len(render(account, assistant, variables=values).json["unused"]) == 500
    reply = render(account, assistant, variables=values | {"contact": {"first_name": "Ada"}})
    assert (reply.status, reply.json["details"]) == (
        400,
        [{"field": "/variables", "message": "has more than 500 values; send those that the prompt uses."}],
    )


def test_a_result_that_no_response_could_hold_is_refused(account: Account) -> None:
    assistant = account.new_assistant("custom", system_prompt="{{account.name}}" * 4_000)["id"]
    assert len(render(account, assistant, variables={"account.name": "\x01" * 64}).json["system_prompt"]) == 256_000
    reply = render(account, assistant, variables={"account.name": "\x01" * 65})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, "/variables")
    assert "more than 256,000 characters" in reply.json["error"]


def test_an_assistant_of_nobody_or_of_another_account_is_not_found(account: Account, other_account: Account) -> None:
    theirs = other_account.new_assistant()["id"]
    assert {render(account, it, variables=ADA).code for it in (UNKNOWN, theirs)} == {"assistant_not_found"}
    assert render(account, theirs, accountSlug=other_account.slug).code == "account_mismatch"
    assert render(account, "asst_1").code == "malformed_id"


def test_no_value_is_logged(account: Account, assistant: str, output: Any) -> None:
    render(account, assistant, variables={"contact": {"first_name": "Ada-Augusta"}})
    logged = output()
    assert '"fields":["variables"]' in logged
    assert "Ada-Augusta" not in logged
