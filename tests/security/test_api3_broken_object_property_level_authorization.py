"""A caller writes the fields that are documented as its own, and sees none that are not."""

from collections.abc import Iterator
from typing import Any

import pytest

from assistants_api.models.account import Account as StoredAccount
from assistants_api.models.api_key import PRIVATE_FIELDS, ApiKey
from assistants_api.models.assistant import Assistant
from assistants_api.models.phone_number import PhoneNumber
from tests.catalogue import ENDPOINTS, WITH_BODY, Function
from tests.conftest import Stored
from tests.harness import load_app
from tests.security.conftest import Tenant

# What items hold and no answer shows; account_id is shown of an assistant.
HIDDEN = (PRIVATE_FIELDS - {"account_id", "account_slug"}) | {
    "PK",
    "SK",
    "name_folded",
    "last_write",
    "ttl",
    "reserved",
}
OTHERS = {
    "sha256",
    "token",
    "full_key",
    "admin",
    "role",
    "owner",
    "__proto__",
    "constructor",
    "USAGE",
    "#name",
    ":name",
}
FIELDS = {*Assistant.model_fields, *ApiKey.model_fields, *PhoneNumber.model_fields, *StoredAccount.model_fields}


def writable(endpoint: Function) -> set[str]:
    """The fields of the body that the caller may set, or that change nothing."""
    model = load_app(endpoint.name).handler.body
    names = {spelling for name, field in model.model_fields.items() for spelling in (name, field.alias or name)}
    return names - (getattr(model, "read_only", set()) - {"last_used_at"})


@pytest.mark.parametrize("endpoint", WITH_BODY)
def test_no_body_sets_a_field_that_is_not_the_callers(tenant: Tenant, stored: Stored, endpoint: Function) -> None:
    before = stored.items()
    attributes = {name for item in before for name in item}
    assert attributes >= {"PK", "SK", "account_id", "name_folded", "key_prefix"}
    refused = (FIELDS | HIDDEN | OTHERS | attributes) - writable(endpoint)
    assert len(refused) > 20
    for name in refused:
        for value in ("x", 1, True, ["x"], {"S": "x"}):
            reply = tenant.call(endpoint, body={**tenant.body(endpoint), name: value})
            outdated = (endpoint.name, name) == ("update_assistant", "version") and type(value) is int
            assert (reply.status, reply.json["success"]) == (409 if outdated else 400, False), (name, reply.text)
            assert name in reply.json["error"] + str(reply.json["details"])
    assert stored.items() == before


@pytest.mark.parametrize("endpoint", WITH_BODY)
def test_a_field_in_another_case_or_spelling_is_not_the_field(
    tenant: Tenant, stored: Stored, endpoint: Function
) -> None:
    before = stored.items()
    for name in writable(endpoint):
        for spelling in (name.upper(), f" {name}", f"{name} ", f"{name}\x00", f"{name}.S", f"#{name}", f"{name}[0]"):
            assert tenant.call(endpoint, body={**tenant.body(endpoint), spelling: "x"}).status == 400, spelling
    assert stored.items() == before


def names_in(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        for name, value in content.items():
            yield name
            yield from names_in(value)
    if isinstance(content, list):
        for entry in content:
            yield from names_in(entry)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_no_answer_shows_a_field_that_is_kept_private(tenant: Tenant, endpoint: Function) -> None:
    assert tenant.account.call("rotate_api_key", tenant.key.key_id, body={}).status == 200
    reply = tenant.call(endpoint)
    assert reply.status == (409 if endpoint.name == "rotate_api_key" else 200), reply.text
    names = set(names_in(reply.json))
    assert "success" in names
    assert not names & HIDDEN


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_token_is_shown_only_by_what_makes_it(tenant: Tenant, endpoint: Function) -> None:
    reply = tenant.call(endpoint)
    assert ("full_key" in names_in(reply.json)) is (endpoint.name in ("create_api_key", "rotate_api_key"))
    for token in (tenant.account.token, tenant.key.token):
        assert token not in reply.text
        assert token[38:] not in reply.text
