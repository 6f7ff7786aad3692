import re

import pytest
from hypothesis import given

from assistants_api.models.variables import KNOWN, is_known
from assistants_api.models.warnings import PromptWarning, prompt_warnings
from tests.unit.test_variables import NAMES, TEXTS


def of(text: str) -> list[PromptWarning]:
    return prompt_warnings({"system_prompt": text})


def suggested(name: str) -> str:
    (warning,) = of(f"{{{{{name}}}}}")
    assert warning["code"] == "unknown_variable"
    return warning["message"].rpartition("; did you mean ")[2].removesuffix(".")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi {{contact.fist_name}}", [("unknown_variable", 1, 4)]),
        ("Hi\n\n👋 {{x}}", [("unknown_variable", 3, 3)]),
        ("a\r\n{{x}}\n {{x}}", [("unknown_variable", 2, 1), ("unknown_variable", 3, 2)]),
        ("{{}} {{ }} {{|x}}", [("empty_braces", 1, 1), ("empty_braces", 1, 6), ("empty_braces", 1, 12)]),
        ("{{contact.first_name", [("unclosed_braces", 1, 1)]),
        ("{{contact.first_name}", [("unclosed_braces", 1, 1)]),
        ("{{contact.first_name\n}}", [("unclosed_braces", 1, 1)]),
        ("{{contact.email and {{contact.phone}}", [("unclosed_braces", 1, 1)]),
        ("{{ {{contact.email}} }}", [("nested_braces", 1, 1)]),
        ("{{contact.email|{{contact.phone}}}}", [("nested_braces", 1, 1)]),
        ("{{contact.email|{x}}}", [("nested_braces", 1, 1)]),
        ("{{{contact.email}}}", [("nested_braces", 1, 1)]),
        ("{{{{contact.email}}}}", [("nested_braces", 1, 1)]),
        ("{{{x}}}", [("nested_braces", 1, 1), ("unknown_variable", 1, 2)]),
        ("{{{contact.email}}", []),
        ("{{{", [("unclosed_braces", 1, 1)]),
        ('}} {x} { { {"a": {"b": {}}}', []),
    ],
)
def test_a_warning_names_what_is_wrong_and_where(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert [(it["code"], it["line"], it["column"]) for it in of(text)] == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_known_variable_is_nothing_to_warn_of(name: str) -> None:
    assert of(f"{{{{{name}}}}} {{{{ {name} | a default }}}}") == []


@pytest.mark.parametrize("name", KNOWN)
def test_a_variable_with_a_typing_error_is_suggested(name: str) -> None:
    assert suggested(name[:-1]) == name
    assert suggested(name.upper()) == name
    assert suggested(name.replace(".", ". ")) == name


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("first_name", "contact.first_name"),
        ("firstName", "contact.first_name"),
        ("contact.firstName", "contact.first_name"),
        ("customer.email", "contact.email"),
        ("email", "contact.email"),
        ("contact.company", "company.name"),
        ("contact.notes", "contact.custom.notes"),
        ("contact.custom.Lead Source", "contact.custom.lead_source"),
    ],
)
def test_what_other_tools_call_a_variable_leads_to_ours(name: str, meant: str) -> None:
    assert suggested(name) == meant


@given(TEXTS)
def test_a_warning_points_at_braces_and_suggests_what_is_known(text: str) -> None:
    found = of(text)
    assert len(found) <= 20
    for warning in found:
        assert text.split("\n")[warning["line"] - 1][warning["column"] - 1] == "{"
        assert all(map(is_known, re.findall(r"did you mean (\S+)\.$", warning["message"])))


def test_of_too_many_warnings_the_last_counts_those_left_out() -> None:
    texts = {"first_message": "{{a}}" * 15, "system_prompt": "{{\n" * 5}
    assert [it["code"] for it in prompt_warnings(texts)] == ["unknown_variable"] * 15 + ["unclosed_braces"] * 5
    texts["system_prompt"] += "{{}}" * 999
    found = prompt_warnings(texts)
    assert len(found) == 20
    assert found[-1] == {
        "field": "/system_prompt",
        "code": "more_warnings",
        "message": "There are 1,000 more warnings from here on.",
        "line": 5,
        "column": 1,
    }


def test_a_long_name_is_repeated_in_part() -> None:
    (warning,) = of("{{" + "x" * 50_000 + "}}")
    assert len(warning["message"]) < 300
