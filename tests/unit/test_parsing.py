import json
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel, Field, ValidationError

from assistants_api.errors import Detail, InvalidRequest
from assistants_api.models.assignment import PhoneNumberAssignment
from assistants_api.models.assistant_requests import AssistantChanges, NewAssistant
from assistants_api.models.parsing import Body, NoQuery, Query, Resource, parse_body, parse_object, parse_query

ACCOUNT = {"accountSlug": "my-team"}


class Small(Body):
    text: str = ""
    whole: int = 0
    number: float = 0.0
    flags: list[bool] = []


def refusal(model: type[BaseModel], content: object) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as refused:
        parse_object(model, content)
    return refused.value


def unknown(name: str) -> Detail:
    (detail,) = refusal(Small, {name: 1}).details
    return detail


@pytest.mark.parametrize(
    ("name", "pointer"),
    [
        ("a/b", "/a~1b"),
        ("a~b", "/a~0b"),
        ("~1", "/~01"),
        ("/", "/~1"),
        ("", "/"),
        (" ", "/ "),
        ("ключ", "/ключ"),
        ("a.b", "/a.b"),
    ],
)
def test_a_field_is_named_by_a_json_pointer(name: str, pointer: str) -> None:
    assert unknown(name)["field"] == pointer


UNKNOWN_NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=100).filter(
    lambda name: name not in Small.model_fields
)


@given(UNKNOWN_NAMES)
def test_a_json_pointer_leads_back_to_the_name(name: str) -> None:
    pointer = unknown(name)["field"]
    assert pointer[1:].replace("~1", "/").replace("~0", "~") == name
    assert "/" not in pointer[1:]


def test_an_entry_of_an_array_is_named_by_its_index() -> None:
    details = refusal(Small, {"flags": [True, 1, False, "x"]}).details
    assert [detail["field"] for detail in details] == ["/flags/1", "/flags/3"]


def test_a_query_parameter_is_named_by_a_question_mark() -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_query(NoQuery, {"a/b": "1"})
    assert refused.value.details[0]["field"] == "?a~1b"


def test_what_is_wrong_with_the_whole_body_names_no_field() -> None:
    assert refusal(Small, []).details == ()
    assert refusal(Small, []).message == "The body is an array; send a JSON object."


@pytest.mark.parametrize(
    ("model", "sent", "suggested"),
    [
        (NewAssistant, "nam", "name"),
        (NewAssistant, "templateID", "templateId"),
        (AssistantChanges, "systemprompt", "system_prompt"),
        (AssistantChanges, "transcriber_language", "transcriptor_language"),
        (PhoneNumberAssignment, "phoneNumbersIds", "phoneNumberIds"),
    ],
)
def test_the_nearest_field_is_suggested(model: type[Body], sent: str, suggested: str) -> None:
    messages = [detail["message"] for detail in refusal(model, {**ACCOUNT, sent: "x"}).details]
    assert f"is not known here; did you mean {suggested}." in messages


def test_nothing_is_suggested_for_what_resembles_nothing() -> None:
    assert unknown("xyzzy")["message"] == "is not known here."


@pytest.mark.parametrize(("sent", "suggested"), [("costum", "custom"), ("follow_up", "follow-up")])
def test_the_nearest_choice_is_suggested(sent: str, suggested: str) -> None:
    (detail,) = refusal(NewAssistant, {**ACCOUNT, "name": "x", "templateId": sent}).details
    assert detail["message"].endswith(f"did you mean {suggested}.")


@pytest.mark.parametrize(
    "content",
    [
        {"whole": "z" * 100_000},
        {"flags": "z" * 100_000},
        {"flags": ["z" * 100_000]},
        {"z" * 100_000: 1},
        {"text": {"z" * 1_000: "z" * 1_000}},
        {"text": ["z" * 1_000] * 100},
    ],
)
def test_a_long_value_or_name_is_not_echoed(content: dict[str, Any]) -> None:
    refused = refusal(Small, content)
    assert len(refused.message) < 400
    assert "z" * 101 not in refused.message + json.dumps(refused.details)


@pytest.mark.parametrize("field", ["provider", "transcriptor_language", "system_prompt", "name", "accountSlug"])
def test_a_long_value_is_not_echoed_whatever_its_field(field: str) -> None:
    refused = refusal(AssistantChanges, {**ACCOUNT, field: "z" * 100_000})
    assert "zz" not in refused.message + json.dumps(refused.details)


def test_a_name_that_is_sent_twice_is_not_echoed_at_length() -> None:
    name = "z" * 10_000
    with pytest.raises(InvalidRequest, match="twice") as refused:
        parse_body(Small, f'{{"{name}": 1, "{name}": 2}}')
    assert len(refused.value.message) < 200


def test_at_most_20_details_are_given_and_the_sentence_counts_them() -> None:
    refused = refusal(Small, {f"unknown_{number}": 1 for number in range(100)})
    assert len(refused.details) == 20
    assert refused.message == "unknown_0: is not known here. (19 more in details)"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"whole": 1.0}, "must be an integer, not the number 1.0."),
        ({"whole": True}, "must be an integer, not a boolean."),
        ({"whole": 1e999}, "must be an integer, not a number that is too large."),
        ({"number": 10**400}, "is too large: it has 401 digits."),
        ({"number": True}, "must be a number, not a boolean."),
        ({"whole": "1"}, "must be an integer, not the text '1'."),
        ({"flags": [0]}, "must be a boolean, not a number."),
        ({"text": 1}, "must be a string, not a number."),
        ({"text": None}, "must not be null; leave the field out instead."),
    ],
)
def test_a_wrong_type_is_named_with_the_one_wanted(content: dict[str, Any], message: str) -> None:
    assert [detail["message"] for detail in refusal(Small, content).details] == [message]


class Outer(Body):
    entries: list[Small] | None = None
    label: str = ""


@pytest.mark.parametrize(
    ("entry", "field", "message"),
    [
        ({"txt": ""}, "/txt", "is not known here; did you mean text."),
        ({"label": ""}, "/label", "is not known here; the fields are text, whole, number, flags."),
        ({"whole": None}, "/whole", "must not be null; leave the field out instead."),
        ({"flags": [0]}, "/flags/0", "must be a boolean, not a number."),
        (1, "", "must be an object, not a number."),
    ],
)
def test_an_object_within_an_array_is_told_what_it_takes_itself(entry: object, field: str, message: str) -> None:
    (detail,) = refusal(Outer, {"entries": [{}, entry]}).details
    assert detail == {"field": f"/entries/1{field}", "message": message}


def test_an_array_that_must_not_be_empty_says_so() -> None:
    class Scoped(Body):
        scopes: list[str] = Field(min_length=1)

    (detail,) = refusal(Scoped, {"scopes": []}).details
    assert detail["field"] == "/scopes"
    assert "at least 1" in detail["message"]


@pytest.mark.parametrize("text", ["", " ", "\t\r\n", "\u00a0"])
def test_a_body_of_white_space_is_empty(text: str) -> None:
    with pytest.raises(InvalidRequest, match="The body is empty"):
        parse_body(AssistantChanges, text)


@pytest.mark.parametrize(
    "text", ['{"text": "a", "te\\u0078t": "b"}', '{"other": [{"a": {}, "a": {}}]}', '{"": 1, "": 1}']
)
def test_no_name_counts_twice_however_it_is_written_and_wherever_it_stands(text: str) -> None:
    with pytest.raises(InvalidRequest, match="twice"):
        parse_body(Small, text)


def test_a_query_reads_numbers_and_a_body_does_not() -> None:
    class Numbers(Query):
        whole: int

    assert parse_query(Numbers, {"whole": "7"}).whole == 7
    assert "integer" in refusal(Small, {"whole": "7"}).message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
FIELDS = st.sampled_from([*AssistantChanges.model_fields, "accountSlug", "unknown"])


@given(st.dictionaries(FIELDS, JSON, max_size=8))
def test_whatever_json_comes_is_read_or_refused_in_valid_unicode(content: dict[str, Any]) -> None:
    said: list[str] = []
    try:
        parse_body(AssistantChanges, json.dumps(content))
    except InvalidRequest as refused:
        said = [refused.message, *(str(text) for detail in refused.details for text in detail.values())]
    assert all(text.encode().decode() == text for text in said)


def test_a_corrupt_item_does_not_show_in_its_error() -> None:
    class Stored(Resource):
        version: int

    with pytest.raises(ValidationError) as corrupt:
        Stored.model_validate({"version": "the caller's prompt"})
    assert "prompt" not in str(corrupt.value)
