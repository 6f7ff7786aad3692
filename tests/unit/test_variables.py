import pytest
from hypothesis import given, strategies as st

from assistants_api.errors import InvalidRequest
from assistants_api.models.variables import KNOWN, MAX_RENDERED, is_known, parse, render, scan

DOCUMENTED = [
    *("campaign.name", "campaign.description", "campaign.from_number"),
    *("contact.first_name", "contact.last_name", "contact.full_name", "contact.email", "contact.phone"),
    *("contact.job_title", "contact.lead_status", "company.name", "company.website", "company.industry"),
    *("company.phone", "company.city", "company.state", "company.country", "account.name"),
]
NAMES = [*DOCUMENTED, "contact.custom.budget", "company.custom.Größe-2"]
BRACES = ["{{", "}}", "{", "}", "|", "\n", "\r\n", " ", "{{contact.first_name}}", "{{company.custom.x|no}}"]
TEXTS = st.lists(st.sampled_from([*BRACES, *NAMES, "contact.fist_name", "ü👋"])).map("".join) | st.text()
VALUES = st.dictionaries(st.sampled_from(NAMES), st.sampled_from([*BRACES, "{{account.name}}", "Ada", ""]))


def rendered(text: str, **values: str) -> str:
    given = {name.replace("__", "."): value for name, value in values.items()}
    return render({"system_prompt": text}, given).texts["system_prompt"]


def test_the_variables_are_those_that_are_documented() -> None:
    assert sorted(KNOWN) == sorted(DOCUMENTED)
    assert all(map(is_known, NAMES))


@pytest.mark.parametrize(
    "name",
    [
        *("", "contact", "contact.", "contact.fist_name", "Contact.first_name", "contact.custom", "contact.custom."),
        *("contact.custom.a b", "contact.custom.a.b", "account.custom.x", "campaign.custom.x", "contact.first_name."),
        *("contact.custom." + "x" * 101, "contact.custom.x\n", "x.contact.first_name"),
    ],
)
def test_any_other_name_is_unknown_and_stays_as_it_is_written(name: str) -> None:
    assert not is_known(name)
    assert rendered(f"a {{{{{name}}}}} b", contact__first_name="Ada") == f"a {{{{{name}}}}} b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi {{contact.first_name}}!", "Hi Ada!"),
        ("Hi {{  contact.first_name\t}}!", "Hi Ada!"),
        ("{{contact.first_name}}{{contact.first_name}}", "AdaAda"),
        ("{{contact.first_name|there}}", "Ada"),
        ("Hi {{contact.last_name|there}}!", "Hi there!"),
        ("Hi {{ contact.last_name | dear you }}!", "Hi dear you!"),
        ("Hi {{contact.last_name|a|b}}!", "Hi a|b!"),
        ("Hi {{contact.last_name|}}!", "Hi !"),
        ("Hi {{contact.last_name}}!", "Hi !"),
        ("Hi {{contact.email|none}}!", "Hi none!"),
        ("{contact.first_name} {{contact.first_name}", "{contact.first_name} {{contact.first_name}"),
        ("{{{contact.first_name}}} {{{contact.first_name}}", "{Ada} {Ada"),
        ("{{ {{contact.first_name}} }}", "{{ Ada }}"),
        ("{{contact.last_name|{{contact.first_name}}}}", "{{contact.last_name|Ada}}"),
        ("{{contact.first_name\n}}", "{{contact.first_name\n}}"),
        ("{{contact.first_name {{contact.first_name}}", "{{contact.first_name Ada"),
        ('{"a": {"b": {{contact.first_name}}}}', '{"a": {"b": Ada}}'),
        ("{{}} {{ }} {{|x}}", "{{}} {{ }} {{|x}}"),
    ],
)  # fmt: skip
def test_a_variable_becomes_its_value_its_default_or_nothing(text: str, expected: str) -> None:
    assert rendered(text, contact__first_name="Ada", contact__email="") == expected


@given(TEXTS)
def test_the_parts_are_the_text_and_every_other_one_is_braces_that_hold_none(text: str) -> None:
    parts = scan(text)
    assert "".join(parts) == text
    assert all(part.startswith("{{") and part.endswith("}}") for part in parts[1::2])
    assert not [part for part in parts[1::2] if set("{}\n") & set(part[2:-2])]


@given(st.text(), VALUES)
def test_a_text_without_a_variable_stays_as_it_is(text: str, values: dict[str, str]) -> None:
    text = text.replace("{{", "")
    assert render({"system_prompt": text}, values).texts == {"system_prompt": text}


@given(TEXTS, VALUES)
def test_a_value_is_never_taken_for_a_variable(text: str, values: dict[str, str]) -> None:
    """Values that are one character each, replaced afterwards, make the same text."""
    private = {name: chr(0xE000 + index) for index, name in enumerate(NAMES)}
    text = "".join(character for character in text if character not in private.values())
    given = {name: value for name, value in values.items() if value}
    expected = render({"text": text}, {name: private[name] for name in given}).texts["text"]
    for name, value in given.items():
        expected = expected.replace(private[name], value)
    assert render({"text": text}, given).texts["text"] == expected


@given(TEXTS, VALUES)
def test_missing_are_the_variables_with_neither_value_nor_default_and_unused_the_values_without_variable(
    text: str, values: dict[str, str]
) -> None:
    variables = [variable for braces in scan(text)[1::2] if is_known((variable := parse(braces)).name)]
    rendering = render({"text": text}, values)
    assert set(rendering.missing) == {it.name for it in variables if it.default is None} - values.keys()
    assert set(rendering.unused) == values.keys() - {it.name for it in variables}
    assert len(set(rendering.missing)) == len(rendering.missing)
    every = {it.name: "x" for it in variables}
    assert render({"text": text}, every)[1:] == ([], [])


def test_missing_and_unused_are_those_of_all_texts_in_their_order() -> None:
    texts = {
        "first_message": "{{company.name}} {{account.name}}",
        "system_prompt": "{{company.name}} {{contact.email}}",
    }
    rendering = render(texts, {"b": "1", "account.name": "", "a": "2"})
    assert rendering.missing == ["company.name", "contact.email"]
    assert rendering.unused == ["b", "a"]


def test_a_result_that_no_response_could_hold_is_refused() -> None:
    value = "x" * (MAX_RENDERED // 64)
    assert len(rendered("{{account.name}}" * 64, account__name=value)) == MAX_RENDERED
    with pytest.raises(InvalidRequest, match="more than 256,000 characters"):
        rendered("{{account.name}}" * 64 + "!", account__name=value)
