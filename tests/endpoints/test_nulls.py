"""null leaves an optional field of a POST out, as if it had not been sent."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic.fields import FieldInfo

from tests.catalogue import DELETED_ID, WITH_BODY, Function
from tests.harness import Account, Reply, load_app, new_key, sample


def connected_number(account: Account) -> str:
    """One that is imported through the account's connection, which is made if there is none."""
    found = account.call("list_telephony_connections").json["telephony_connections"]
    return account.new_number(connectionId=found[0]["id"] if found else account.new_connection())


POSTS = [it for it in WITH_BODY if sample(it.name)["requestContext"]["http"]["method"] == "POST"]
EXISTING: dict[str, Callable[[Account], str]] = {
    "assistantId": lambda account: str(account.new_assistant()["id"]),
    "version": lambda account: "1",
    "apiKeyId": lambda account: new_key(account.slug, account.id).key_id,
    "phoneNumber": lambda account: account.new_number().replace("pn_", "+"),
    "phoneNumberId": lambda account: connected_number(account),
}
LEAST = {"create_telephony_connection": {"provider": "sip"}}  # of what one field decides
FRESH = {"id", "created_at", "updated_at", "checked_at", "full_key", "key_prefix"}  # what every call makes anew
MEANS_SOMETHING_ELSE = {"rate_limit_per_hour"}  # of an API key: null is unlimited


def fields(endpoint: Function, is_required: bool) -> list[tuple[str, FieldInfo]]:
    body = load_app(endpoint.name).handler.body
    return [(name, field) for name, field in body.model_fields.items() if field.is_required() is is_required]


OPTIONAL = [
    (endpoint, spelling)
    for endpoint in POSTS
    for name, field in fields(endpoint, is_required=False)
    for spelling in sorted({name, field.alias or name})
    if name not in MEANS_SOMETHING_ELSE
]


def post(account: Account, endpoint: Function, **extra: object) -> Reply:
    """With all that it needs and nothing more, and these fields."""
    path = [EXISTING[name](account) for name in sample(endpoint.name).get("pathParameters", {})]
    if DELETED_ID in endpoint.path:
        account.call("delete_assistant", *path)
    needed = {field.alias or name for name, field in fields(endpoint, is_required=True)}
    least = {name: value for name, value in (endpoint.body or {}).items() if name in needed}
    return account.call(endpoint.name, *path, body=least | LEAST.get(endpoint.name, {}) | extra)


def lasting(answer: Any) -> Any:
    if not isinstance(answer, dict):
        return answer
    return {name: lasting(value) for name, value in answer.items() if name not in FRESH}


def test_every_post_has_an_optional_field() -> None:
    assert len(POSTS) > 5
    assert {it.name for it, _ in OPTIONAL} == {it.name for it in POSTS}


@pytest.mark.parametrize(("endpoint", "field"), OPTIONAL)
def test_null_is_as_good_as_nothing(account: Account, endpoint: Function, field: str) -> None:
    without, with_null = post(account, endpoint), post(account, endpoint, **{field: None})
    assert (without.status, with_null.status) == (200, 200)
    assert lasting(with_null.json) == lasting(without.json)


@pytest.mark.parametrize("endpoint", POSTS)
def test_null_is_no_value_of_an_unknown_field_or_one_that_is_needed(account: Account, endpoint: Function) -> None:
    needed = [field.alias or name for name, field in fields(endpoint, is_required=True)]
    for field in [*needed, "unheard_of"]:
        reply = post(account, endpoint, **{field: None})
        assert (reply.status, reply.json["details"][0]["field"]) == (400, f"/{field}")


def test_all_optional_fields_may_be_null_at_once(account: Account) -> None:
    (create,) = (endpoint for endpoint in POSTS if endpoint.name == "create_assistant")
    nulls = {field.alias or name: None for name, field in fields(create, is_required=False)}
    assert len(nulls) == 17
    plain, reply = post(account, create), post(account, create, **nulls)
    assert (reply.status, lasting(reply.json)) == (200, lasting(plain.json))


def test_a_null_that_is_a_value_of_the_field_stays_one(account: Account) -> None:
    (create,) = (endpoint for endpoint in POSTS if endpoint.name == "create_api_key")
    assert post(account, create, rate_limit_per_hour=None).json["api_key"]["rate_limit_per_hour"] is None
