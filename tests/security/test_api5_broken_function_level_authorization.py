"""A key does what its scopes say, gives no more than it has, and never reaches what only the operator may do."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from assistants_api.storage.table import Table
from local.stack.template import Template
from tests.catalogue import ADMIN_ACTIONS, ENDPOINTS, WITH_SCOPE, Function
from tests.conftest import Stored
from tests.harness import Account, Reply, change_key, load_handler, new_key, new_key_without, sample
from tests.security.conftest import Tenant

LOOK_ALIKES = [
    "{noun}",
    "{noun}:",
    "{noun}:*:x",
    "{NOUN}:*",
    "{noun}_old:*",
    "*:{verb}",
    ":*",
    "**",
    "",
    "{noun}:{verb} ",
]


@pytest.mark.parametrize("endpoint", WITH_SCOPE)
def test_without_its_scope_an_endpoint_does_nothing(
    tenant: Tenant, stored: Stored, calls: list[str], endpoint: Function
) -> None:
    weak = new_key_without(endpoint.scope, tenant.account)
    before = stored.items()
    calls.clear()
    reply = tenant.call(endpoint, weak)
    assert (reply.status, reply.code) == (403, "missing_scope")
    assert calls == ["BatchGetItem"]
    assert stored.items() == before


@pytest.mark.parametrize("endpoint", WITH_SCOPE)
def test_a_scope_that_looks_like_the_one_needed_is_another(tenant: Tenant, table: Table, endpoint: Function) -> None:
    noun, verb = str(endpoint.scope).split(":")
    scopes = [each.format(noun=noun, verb=verb, NOUN=noun.upper()) for each in LOOK_ALIKES]
    change_key(table, tenant.key, scopes=scopes)
    assert tenant.call(endpoint, tenant.key).code == "missing_scope"
    change_key(table, tenant.key, scopes=[])
    assert tenant.call(endpoint, tenant.key).code == "missing_scope"


# A key gives no more than it has

GIVER: dict[str, Any] = {"scopes": ["api_keys:write", "calls:route"], "expires_in_days": 10, "rate_limit_per_hour": 50}
TOO_MUCH: dict[str, dict[str, Any]] = {
    "every scope": {"scopes": ["*"]},
    "all scopes of a kind": {"scopes": ["api_keys:*"]},
    "another scope of a kind": {"scopes": ["api_keys:read"]},
    "a scope of another kind": {"scopes": ["calls:route", "assistants:read"]},
    "no expiry": {"expires_in_days": None},
    "a later expiry": {"expires_in_days": 11},
    "the latest expiry": {"expires_in_days": 3650},
    "no limit": {"rate_limit_per_hour": None},
    "a higher limit": {"rate_limit_per_hour": 51},
    "the highest limit": {"rate_limit_per_hour": 1_000_000},
    "more of everything": {"scopes": ["*"], "expires_in_days": None, "rate_limit_per_hour": None},
}
ENOUGH: dict[str, dict[str, Any]] = {
    "as much": {},
    "fewer scopes": {"scopes": ["calls:route"]},
    "an earlier expiry": {"expires_in_days": 9},
    "a lower limit": {"rate_limit_per_hour": 49},
}
WAYS: dict[str, Callable[[Account, Account], Reply]] = {
    "rotate": lambda giver, target: giver.call("rotate_api_key", target.key_id, body={}),
    "activate": lambda giver, target: giver.call("update_api_key", target.key_id, body={"is_active": True}),
    "rename": lambda giver, target: giver.call("update_api_key", target.key_id, body={"name": "x"}),
}


def giver_of(tenant: Tenant, **fields: Any) -> Account:
    return new_key(tenant.account.slug, tenant.account.id, **{**GIVER, **fields})


def create(giver: Account, **fields: Any) -> Reply:
    return giver.call("create_api_key", body={"name": "given", "scopes": ["calls:route"], **fields})


def is_within(given: dict[str, Any], giver: dict[str, Any]) -> bool:
    return (
        set(given["scopes"]) <= set(giver["scopes"])
        and datetime.fromisoformat(given["expires_at"]) <= datetime.fromisoformat(giver["expires_at"])
        and given["rate_limit_per_hour"] <= giver["rate_limit_per_hour"]
    )


def own(caller: Account) -> dict[str, Any]:
    shown: dict[str, Any] = caller.call("test_api_key").json["api_key"]
    return shown


def caller(giver: Account, reply: Reply) -> Account:
    return Account(giver.slug, giver.id, reply.json["full_key"], reply.json["api_key"]["id"])


@pytest.mark.parametrize("case", TOO_MUCH)
def test_a_key_creates_none_that_has_more(tenant: Tenant, stored: Stored, case: str) -> None:
    giver = giver_of(tenant)
    before = stored.items()
    reply = create(giver, **TOO_MUCH[case])
    assert (reply.status, reply.code) in [(403, "missing_scope"), (403, "grants_too_much")]
    assert stored.items() == before


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", TOO_MUCH)
def test_a_key_that_has_more_is_not_given_by_one_that_has_less(
    tenant: Tenant, stored: Stored, case: str, way: str
) -> None:
    giver, target = giver_of(tenant), giver_of(tenant, **TOO_MUCH[case])
    if way == "activate":
        tenant.account.call("update_api_key", target.key_id, body={"is_active": False})
    before = stored.items()
    reply = WAYS[way](giver, target)
    assert (reply.status, reply.code) in [(403, "missing_scope"), (403, "grants_too_much")]
    assert "full_key" not in reply.text
    assert stored.items() == before


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", ENOUGH)
def test_a_key_that_has_no_more_is_given(tenant: Tenant, way: str, case: str) -> None:
    target = giver_of(tenant, **ENOUGH[case])
    giver = giver_of(tenant)  # made later, so it lasts as long
    if way == "activate":
        tenant.account.call("update_api_key", target.key_id, body={"is_active": False})
    assert WAYS[way](giver, target).status == 200


def test_what_is_left_out_is_never_more_than_the_giver_has(tenant: Tenant) -> None:
    giver = giver_of(tenant)
    shown = create(giver).json["api_key"]
    assert (shown["expires_at"], shown["rate_limit_per_hour"]) == (own(giver)["expires_at"], 50)
    generous = giver_of(tenant, rate_limit_per_hour=5_000, expires_in_days=None)
    shown = create(generous).json["api_key"]
    assert (shown["expires_at"], shown["rate_limit_per_hour"]) == (None, 1_000)


def test_no_chain_of_keys_ends_with_more_than_it_began_with(tenant: Tenant) -> None:
    first = giver = giver_of(tenant)
    for _ in range(3):
        giver = caller(giver, create(giver, scopes=["api_keys:write", "calls:route"]))
        assert is_within(own(giver), own(first))
        giver = caller(giver, WAYS["rotate"](giver, giver))
        assert is_within(own(giver), own(first))
        for case, fields in TOO_MUCH.items():
            assert create(giver, **fields).status == 403, case


# The operator


def test_no_route_leads_to_the_functions_of_the_operator_the_stream_and_cloudformation() -> None:
    template = Template()
    served = {template.functions[name].app.parent.name for name in template.routes.values()}
    functions = {function.app.parent.name for function in template.functions.values()}
    assert functions - served == {"admin", "check_release", "describe_change", "purge_versions"}


@pytest.mark.parametrize("action", ADMIN_ACTIONS)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_http_request_is_no_action_of_the_operator(
    tenant: Tenant, stored: Stored, endpoint: Function, action: Any
) -> None:
    before = stored.items()
    event = {**sample(endpoint.name), "body": action.payload}
    event["queryStringParameters"] = event["headers"] = dict(action.payload)
    answer = load_handler("admin")(event, None)
    assert (answer["ok"], answer["code"]) == (False, "invalid_request")
    assert stored.items() == before


@pytest.mark.parametrize("action", ADMIN_ACTIONS)
def test_an_action_with_a_field_of_an_http_request_is_refused(tenant: Tenant, stored: Stored, action: Any) -> None:
    before = stored.items()
    answer = load_handler("admin")({**sample("create_assistant"), **action.payload, "slug": tenant.account.slug}, None)
    assert (answer["ok"], answer["code"]) == (False, "invalid_request")
    assert stored.items() == before


@pytest.mark.parametrize("endpoint", [each for each in ENDPOINTS if each.write is None])
@pytest.mark.parametrize("header", ["x-http-method-override", "x-http-method", "x-method-override", "x-original-url"])
def test_a_header_does_not_turn_a_read_into_a_write(
    tenant: Tenant, stored: Stored, endpoint: Function, header: str
) -> None:
    before = stored.items()
    for value in ("DELETE", "PATCH", f"/api/assistants/{tenant.assistant}"):
        assert tenant.call(endpoint, headers={header: value}).status == 200
    assert stored.items() == before
