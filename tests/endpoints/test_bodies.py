"""What holds for the body of every endpoint that takes one."""

import gzip
import json
from base64 import b64encode
from typing import get_args

import pytest

from tests.catalogue import WITH_BODY, Function
from tests.conftest import Stored
from tests.harness import Account, load_app

EMPTY_BODIES = ("", " \n\t")
BAD_BODIES = {
    "an array": ("[]", "The body is an array; send a JSON object."),
    "a string": ('"x"', "The body is a string"),
    "a number": ("1", "The body is a number"),
    "null": ("null", "The body is null"),
    "true": ("true", "The body is a boolean"),
    "half": ("{", "not valid JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
    "single quotes": ("{'a': 1}", "not valid JSON"),
    "a trailing comma": ('{"accountSlug": "my-team",}', "not valid JSON"),
    "two documents": ("{}{}", "not valid JSON: Extra data at line 1, column 3"),
    "a byte order mark": ("\ufeff{}", "Unexpected UTF-8 BOM"),
    "NaN": ('{"accountSlug": "my-team", "temperature": NaN}', "NaN is not a JSON number"),
    "infinity": ('{"temperature": -Infinity}', "-Infinity is not a JSON number"),
    "deep arrays": ("[" * 100_000, "nested too deeply"),
    "deep objects": ('{"a":' * 100_000, "nested too deeply"),
    "a long number": (f'{{"accountSlug": {"1" * 5_000}}}', "too many digits"),
    "a raw NUL": ('{"accountSlug": "\x00"}', "not valid JSON"),
    "a name twice": ('{"accountSlug": "my-team", "accountSlug": "my-team"}', "accountSlug twice"),
    "a name twice within": ('{"accountSlug": {"a": 1, "a": 2}}', "field a twice"),
    "a raw line break": ('{"name": "a\nb"}', "raw line break or another control character at line 1, column 12"),
    "a name that is no text": ('{"\\udcff": 1}', ""),
    "an account that is no text": ('{"accountSlug": 1}', "must be a string"),
    "an account without a name": ('{"accountSlug": ""}', "at least 1"),
}
GZIPPED = b64encode(gzip.compress(b"{}")).decode()
TOO_LARGE_BODIES = (" " * (1024 * 1024 + 1), '{"name": "' + "é" * 600_000 + '"}')  # of two bytes a character
OTHER_MEDIA_TYPES = (
    "text/plain",
    "application/x-www-form-urlencoded",
    "",
    "application/jsonp",
    "text/json-ish",
    "multipart/form-data; boundary=application/json",
)

every_endpoint_with_a_body = pytest.mark.parametrize("endpoint", WITH_BODY)
every_endpoint_that_needs_a_body = pytest.mark.parametrize(
    "endpoint", [endpoint for endpoint in WITH_BODY if not endpoint.is_body_optional]
)
every_endpoint_with_an_optional_body = pytest.mark.parametrize(
    "endpoint", [endpoint for endpoint in WITH_BODY if endpoint.is_body_optional]
)


def check_refused(account: Account, endpoint: Function, raw: str, says: str) -> None:
    reply = account.call(endpoint.name, raw=raw)
    assert (reply.status, reply.code) == (400, "invalid_request"), raw[:100]
    assert says in reply.json["error"]
    assert len(reply.text) < 3_000


@every_endpoint_with_a_body
def test_a_bad_body_is_a_400_that_says_why_and_nothing_is_stored(
    account: Account, stored: Stored, endpoint: Function
) -> None:
    before = stored.items()
    for raw, says in BAD_BODIES.values():
        check_refused(account, endpoint, raw, says)
    assert stored.items() == before


@every_endpoint_that_needs_a_body
def test_an_empty_body_is_a_400_where_a_field_is_required(account: Account, stored: Stored, endpoint: Function) -> None:
    before = stored.items()
    for raw in EMPTY_BODIES:
        check_refused(account, endpoint, raw, "The body is empty; send a JSON object.")
    assert stored.items() == before


@every_endpoint_with_an_optional_body
def test_an_empty_body_is_an_empty_object_where_no_field_is_required(account: Account, endpoint: Function) -> None:
    for raw in EMPTY_BODIES:
        reply = account.call(endpoint.name, raw=raw)
        assert (reply.status, reply.text) == (404, account.call(endpoint.name, raw="{}").text)


DOUBLY_SPELT = [  # the documented name of a field, and the name as the fields of answers are written
    (endpoint, alias, name)
    for endpoint in WITH_BODY
    for name, field in load_app(endpoint.name).handler.body.model_fields.items()
    if (alias := field.alias) and alias in (endpoint.body or {})
]
every_field_with_two_spellings = pytest.mark.parametrize(("endpoint", "alias", "name"), DOUBLY_SPELT)


def test_six_fields_have_two_spellings() -> None:
    assert {(alias, name) for _, alias, name in DOUBLY_SPELT} == {
        ("accountSlug", "account_slug"),
        ("phoneNumber", "phone_number"),
        ("phoneNumberIds", "phone_number_ids"),
        ("templateId", "template_id"),
        ("accountSid", "account_sid"),
        ("authToken", "auth_token"),
    }


@every_field_with_two_spellings
def test_a_field_may_be_spelt_as_the_fields_of_answers_are(
    account: Account, endpoint: Function, alias: str, name: str
) -> None:
    body = dict(endpoint.body or {})
    reply = account.call(endpoint.name, body={name: body.pop(alias), **body})
    assert (reply.status, reply.json.get("code")) == (
        account.call(endpoint.name).status,
        account.call(endpoint.name).json.get("code"),
    )
    refused = account.call(endpoint.name, body={**body, name: {}})
    assert f"/{name}" in [detail["field"] for detail in refused.json["details"]]


@every_field_with_two_spellings
def test_a_field_in_both_spellings_is_refused_by_both_names(
    account: Account, stored: Stored, endpoint: Function, alias: str, name: str
) -> None:
    before, body = stored.items(), dict(endpoint.body or {})
    for pair in ({alias: body[alias], name: body[alias]}, {alias: body[alias], name: "x"}):
        reply = account.call(endpoint.name, body=body | pair)
        assert (reply.status, reply.code) == (400, "invalid_request")
        assert reply.json["details"] == [{"field": f"/{name}", "message": f"is sent as {alias} too; send one of them."}]
    assert stored.items() == before


@every_endpoint_with_a_body
def test_a_number_that_no_float_can_hold_is_refused(account: Account, endpoint: Function) -> None:
    assert account.call(endpoint.name, raw='{"accountSlug": 1e999}').status == 400


@every_endpoint_with_a_body
def test_a_body_of_invalid_utf8_is_refused(account: Account, endpoint: Function) -> None:
    raw = b64encode(b'{"accountSlug": "\xff"}').decode()
    reply = account.call(endpoint.name, raw=raw, base64=True)
    assert (reply.status, "UTF-8" in reply.json["error"]) == (400, True)


@every_endpoint_with_a_body
def test_a_base64_body_is_read(account: Account, endpoint: Function) -> None:
    raw = b64encode(json.dumps(endpoint.body).encode()).decode()
    assert account.call(endpoint.name, raw=raw, base64=True).status in (200, 404)


@every_endpoint_with_a_body
def test_a_body_of_more_than_a_mebibyte_is_a_413(account: Account, endpoint: Function) -> None:
    for raw in TOO_LARGE_BODIES:
        reply = account.call(endpoint.name, raw=raw)
        assert (reply.status, reply.code) == (413, "body_too_large")


@every_endpoint_with_a_body
def test_a_body_of_a_mebibyte_is_not_too_large(account: Account, endpoint: Function) -> None:
    assert account.call(endpoint.name, raw=" " * 1024 * 1024).status in (400, 404)


@every_endpoint_with_a_body
@pytest.mark.parametrize(
    "content_type",
    [
        None, "application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json",
        "application/json;charset=utf-8",
    ],
)  # fmt: skip
def test_a_body_of_a_json_media_type_is_read(account: Account, endpoint: Function, content_type: str | None) -> None:
    assert account.call(endpoint.name, headers={"content-type": content_type}).status in (200, 404)


@every_endpoint_with_a_body
def test_a_body_of_another_media_type_is_a_415(account: Account, endpoint: Function) -> None:
    for content_type in OTHER_MEDIA_TYPES:
        assert account.call(endpoint.name, headers={"content-type": content_type}).status == 415, content_type


@every_endpoint_with_a_body
def test_a_compressed_body_is_a_415_that_says_so(account: Account, endpoint: Function) -> None:
    for encoding in ("gzip", "br", "GZIP", "deflate, gzip", None):
        reply = account.call(endpoint.name, raw=GZIPPED, base64=True, headers={"content-encoding": encoding})
        assert (reply.status, reply.code) == (415, "unsupported_media_type"), encoding
        assert "The body is compressed" in reply.json["error"]


@every_endpoint_with_a_body
def test_a_body_that_is_not_encoded_may_say_so(account: Account, endpoint: Function) -> None:
    assert account.call(endpoint.name, headers={"content-encoding": "identity"}).status in (200, 404)


def fields(endpoint: Function, kind: type) -> list[str]:
    """The fields of the endpoint's body that take this type, besides null or being left out."""
    return [
        field.alias or name
        for name, field in load_app(endpoint.name).handler.body.model_fields.items()
        if kind in (field.annotation, *get_args(field.annotation)) or kind in map(_bare, get_args(field.annotation))
    ]


def _bare(annotation: object) -> object:
    return get_args(annotation)[0] if get_args(annotation) else annotation


INTEGERS = [(endpoint, name) for endpoint in WITH_BODY for name in fields(endpoint, int)]


@pytest.mark.parametrize(("endpoint", "field"), INTEGERS)
def test_an_integer_may_be_written_as_a_float_and_a_fraction_may_not(
    account: Account, endpoint: Function, field: str
) -> None:
    def problems(number: str) -> list[str]:
        reply = account.call(
            endpoint.name,
            raw=json.dumps({**(endpoint.body or {}), field: 0}).replace(f'"{field}": 0', f'"{field}": {number}'),
        )
        return [detail["message"] for detail in reply.json.get("details", [])]

    assert not [it for it in problems("2.0") if "integer" in it]
    assert not [it for it in problems("2e0") if "integer" in it]
    assert problems("2.5") == ["must be an integer, not the number 2.5."]
    assert problems("true") == ["must be an integer, not a boolean."]


@pytest.mark.parametrize("endpoint", [endpoint for endpoint in WITH_BODY if endpoint.name.startswith("delete_")])
@pytest.mark.parametrize("body", [{"name": "x"}, {"accountSlug": "my-team", "force": True}, {"accountSlug": None}])
def test_a_delete_takes_no_body_but_the_account(
    account: Account, stored: Stored, endpoint: Function, body: dict[str, object]
) -> None:
    before = stored.items()
    reply = account.call(endpoint.name, query=endpoint.query, body=body)
    assert (reply.status, reply.code) == (400, "invalid_request")
    assert stored.items() == before


@pytest.mark.parametrize("endpoint", [endpoint for endpoint in WITH_BODY if endpoint.name.startswith("delete_")])
def test_a_delete_checks_the_account_of_its_body(account: Account, other_account: Account, endpoint: Function) -> None:
    reply = account.call(endpoint.name, query=endpoint.query, body={"accountSlug": other_account.slug})
    assert (reply.status, reply.code) == (403, "account_mismatch")


@every_endpoint_with_a_body
def test_null_where_a_field_is_required_says_what_is_required(account: Account, endpoint: Function) -> None:
    model = load_app(endpoint.name).handler.body
    required = [field.alias or name for name, field in model.model_fields.items() if field.is_required()]
    reply = account.call(endpoint.name, body={**(endpoint.body or {}), **dict.fromkeys(required)})
    said = {detail["field"]: detail["message"] for detail in reply.json.get("details", [])}
    assert said.keys() == {f"/{name}" for name in required}
    assert all(message.startswith("is required, and must be a") for message in said.values())
