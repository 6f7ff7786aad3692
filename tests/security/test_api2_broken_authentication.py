"""A forged token costs nothing, and a key that has ended stays ended, whoever tries to bring it back and when."""

import zlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from assistants_api import auth
from assistants_api.storage.table import Table
from tests.catalogue import ENDPOINTS, Function
from tests.conftest import Stored
from tests.harness import Account, Reply, admin, change_key, new_key, race, sample, signed
from tests.security.conftest import Tenant
from tests.security.hostile import MIB, WHOLE

every_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS)


# Forged tokens


def fail(*_: object) -> Any:
    raise AssertionError("The body was looked at.")


class Untouched:
    """Something that fails the test when anybody looks at it, in whatever way."""

    looked_at: Any = fail
    __getattribute__ = __bool__ = __len__ = __iter__ = __str__ = __repr__ = __bytes__ = __hash__ = looked_at
    __eq__ = __contains__ = __getitem__ = looked_at


def crc32_check(body: str) -> str:
    """The check of earlier releases, which anybody could make."""
    rest, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        digits = auth.BASE62[digit] + digits
    return digits


FORGED: dict[str, Callable[[str], str]] = {
    "no check": lambda body: body + "000000",
    "a CRC-32": lambda body: body + crc32_check(body),
    "another deployment's check": lambda body: body + auth.check(body, "another secret"),
    "an empty secret's check": lambda body: body + auth.check(body, ""),
    "another body's check": lambda body: body + auth.check(body[:-1], auth.deployment_secret()),
}


def refused(reply: Reply) -> bool:
    return (reply.status, reply.code, reply.headers["www-authenticate"]) == (401, "unauthenticated", "Bearer")


@every_endpoint
def test_a_forged_token_makes_no_call_and_its_body_is_not_looked_at(
    tenant: Tenant, all_calls: list[Any], endpoint: Function
) -> None:
    for forged in FORGED.values():
        attacker = replace(tenant.account, token=forged(tenant.account.token[:-6]))
        for body in (Untouched(), "[" * MIB, b64encode(b"\xff" * (MIB // 2)).decode()):
            for base64 in (False, True):
                reply = tenant.call(endpoint, attacker, raw=body, base64=base64, headers={"content-type": "text/plain"})
                assert refused(reply)
    assert all_calls == []


@every_endpoint
def test_a_body_is_looked_at_only_where_one_is_taken(tenant: Tenant, endpoint: Function) -> None:
    """So that what makes the test above fail is known to do so."""
    reply = tenant.call(endpoint, raw=Untouched())
    assert (reply.status == 500) is (endpoint.body is not None)


@every_endpoint
def test_a_token_of_no_key_reads_what_the_path_names_and_writes_nothing(
    tenant: Tenant, stored: Stored, all_calls: list[Any], endpoint: Function
) -> None:
    """Its check is right: somebody has the deployment's secret, or the key was deleted."""
    before = stored.items()
    attacker = replace(tenant.account, token=signed(tenant.account.token[:34] + "0" * 32))
    numbers = {"accountSlug": "my-team", "reassign": True, "phoneNumberIds": [f"pn_1415555{n:04}" for n in range(98)]}
    for sent in ({"raw": WHOLE["10,000 names"]()}, {"raw": WHOLE["nested arrays"]()}, {"body": numbers}, {}):
        all_calls.clear()
        assert refused(tenant.call(endpoint, attacker, **sent))
        (read,) = all_calls
        assert read["headers"]["X-Amz-Target"].endswith("BatchGetItem")
        assert 2 <= read["body"].count(b'"PK"') <= 4  # the API key, the account, what the path names
    assert stored.items() == before


@every_endpoint
def test_a_token_elsewhere_than_in_its_header_opens_nothing(
    tenant: Tenant, all_calls: list[Any], endpoint: Function
) -> None:
    bearer, nothing = f"Bearer {tenant.account.token}", {"authorization": None}
    for header in ("cookie", "x-api-key", "proxy-authorization", "x-authorization", "authorization2"):
        assert refused(tenant.call(endpoint, headers={**nothing, header: bearer}))
    for where in ("query", "body"):
        sent: dict[str, Any] = {where: {"access_token": tenant.account.token, "authorization": bearer}}
        assert refused(tenant.call(endpoint, headers=nothing, **sent))
    assert all_calls == []


# Keys that have ended


def update(caller: Account, target: Account, **body: object) -> Reply:
    return caller.call("update_api_key", target.key_id, body=body)


def rotate(caller: Account, target: Account, **body: object) -> Reply:
    return caller.call("rotate_api_key", target.key_id, body=body)


def create(caller: Account, **body: object) -> Reply:
    return caller.call("create_api_key", body={"name": "made", "scopes": ["*"], "rate_limit_per_hour": None, **body})


def works(key: Account) -> bool:
    return key.call("test_api_key").status == 200


def shown(account: Account, key: Account) -> Any:
    (found,) = (each for each in account.call("list_api_keys").json["api_keys"] if each["id"] == key.key_id)
    return found


WAYS_BACK: dict[str, Callable[[Tenant, Account], Reply]] = {
    "activate": lambda tenant, key: update(tenant.account, key, is_active=True),
    "activate and rename": lambda tenant, key: update(tenant.account, key, is_active=True, name="new"),
    "activate with force": lambda tenant, key: tenant.account.force("update_api_key", key.key_id, is_active=True),
    "send back the whole object": lambda tenant, key: update(
        tenant.account, key, **{**shown(tenant.account, key), "is_active": True}
    ),
    "rotate": lambda tenant, key: rotate(tenant.account, key),
    "rotate with the longest grace": lambda tenant, key: rotate(tenant.account, key, grace_seconds=604_800),
    "by itself": lambda tenant, key: update(key, key, is_active=True),
    "rotate itself": lambda tenant, key: rotate(key, key),
    "by a weak manager": lambda tenant, key: update(
        new_key(key.slug, key.id, scopes=["api_keys:write"]), key, is_active=True
    ),
}


@pytest.mark.parametrize("way", WAYS_BACK)
@pytest.mark.parametrize("earlier", ["active", "deactivated", "rotated"])
def test_revoked_by_the_operator_is_final(tenant: Tenant, way: str, earlier: str) -> None:
    key = tenant.key
    if earlier == "deactivated":
        assert update(tenant.account, key, is_active=False).status == 200
    if earlier == "rotated":
        assert rotate(tenant.account, key).status == 200
    assert admin("revoke_api_key", slug=key.slug, id=key.key_id)["ok"]
    reply = WAYS_BACK[way](tenant, key)
    assert (reply.status, reply.code) in [(409, "api_key_not_active"), (401, "unauthenticated"), (403, "missing_scope")]
    assert "full_key" not in reply.text
    assert not works(key)
    assert shown(tenant.account, key)["is_active"] is False


def test_a_revoked_key_can_be_renamed_and_stays_revoked(tenant: Tenant) -> None:
    admin("revoke_api_key", slug=tenant.key.slug, id=tenant.key.key_id)
    assert update(tenant.account, tenant.key, name="leaked").json["api_key"]["name"] == "leaked"
    assert update(tenant.account, tenant.key, is_active=False).status == 200
    assert update(tenant.account, tenant.key, is_active=True).code == "api_key_not_active"
    assert not works(tenant.key)


@pytest.mark.parametrize("way", ["activate", "activate and rename", "rotate"])
@pytest.mark.parametrize("was_active", [True, False])
def test_a_key_that_is_revoked_between_read_and_write_stays_revoked(
    tenant: Tenant, table: Table, way: str, was_active: bool
) -> None:
    key = tenant.key
    if not was_active:
        update(tenant.account, key, is_active=False)
    if way == "activate" and was_active:
        way = "activate and rename"  # else nothing is written
    if way != "rotate" or was_active:
        race(table, "TransactWriteItems", lambda: admin("revoke_api_key", slug=key.slug, id=key.key_id))
    else:
        admin("revoke_api_key", slug=key.slug, id=key.key_id)
    reply = WAYS_BACK[way](tenant, key)
    assert (reply.status, reply.code) == (409, "api_key_not_active")
    assert not works(key)
    assert tenant.account.call("list_api_keys").json["count"] == 2


def test_deactivated_by_its_owner_a_key_is_activated_by_one_that_could_create_it(tenant: Tenant) -> None:
    update(tenant.account, tenant.key, is_active=False)
    weak = new_key(tenant.key.slug, tenant.key.id, scopes=["api_keys:*"])
    assert update(weak, tenant.key, is_active=True).code == "missing_scope"
    assert not works(tenant.key)
    assert update(tenant.account, tenant.key, is_active=True).status == 200
    assert works(tenant.key)


# What a key makes after it has ended, or while it does

ENDS: dict[str, Callable[[Tenant, Account, Table], object]] = {
    "revoked": lambda tenant, key, table: admin("revoke_api_key", slug=key.slug, id=key.key_id),
    "deactivated": lambda tenant, key, table: update(tenant.account, key, is_active=False),
    "deleted": lambda tenant, key, table: tenant.account.call("delete_api_key", key.key_id),
    "rotated": lambda tenant, key, table: rotate(tenant.account, key),
    "expired": lambda tenant, key, table: change_key(table, key, expires_at="2024-01-15T10:00:00Z"),
}
MAKES: dict[str, Callable[[Account, Account], Reply]] = {
    "create": lambda giver, target: create(giver),
    "rotate": lambda giver, target: rotate(giver, target, grace_seconds=0),
    "activate": lambda giver, target: update(giver, target, is_active=True),
    "rename": lambda giver, target: update(giver, target, name="taken"),
    "rotate itself": lambda giver, target: rotate(giver, giver, grace_seconds=0),
}


def target_of(tenant: Tenant, make: str) -> Account:
    if make == "activate":
        assert update(tenant.account, tenant.key, is_active=False).status == 200
    return tenant.key


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("make", MAKES)
def test_a_key_that_ends_between_read_and_write_makes_nothing(
    tenant: Tenant, table: Table, stored: Stored, end: str, make: str
) -> None:
    giver, target = new_key(tenant.key.slug, tenant.key.id, name="giver"), target_of(tenant, make)
    after_the_end = list[Any]()

    def rival() -> None:
        ENDS[end](tenant, giver, table)
        after_the_end.append(stored.items())

    race(table, "TransactWriteItems", rival)
    reply = MAKES[make](giver, target)
    assert reply.status == (409 if make == "rotate itself" else 401), reply.text
    assert "full_key" not in reply.text
    assert stored.items() == after_the_end[0]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("make", MAKES)
def test_a_key_that_has_ended_makes_nothing(tenant: Tenant, table: Table, stored: Stored, end: str, make: str) -> None:
    """A rotated one still works for its grace, and still makes nothing."""
    giver, target = new_key(tenant.key.slug, tenant.key.id, name="giver"), target_of(tenant, make)
    ENDS[end](tenant, giver, table)
    assert works(giver) is (end == "rotated")
    before = stored.items()
    reply = MAKES[make](giver, target)
    assert (reply.status, reply.code) == ((403, "grants_too_much") if end == "rotated" else (401, "unauthenticated"))
    assert stored.items() == before


def test_a_rotated_key_in_its_grace_cannot_prolong_it(tenant: Tenant, stored: Stored) -> None:
    rotate(tenant.account, tenant.key, grace_seconds=60)
    before = stored.items()
    for body in ({"expires_at": None}, {"expires_at": "2099-01-15T10:00:00Z"}, {"rotated_at": None}):
        for caller in (tenant.key, tenant.account):
            assert update(caller, tenant.key, **body).status == 400
    assert rotate(tenant.account, tenant.key, grace_seconds=604_800).code == "api_key_not_active"
    assert stored.items() == before


@pytest.mark.parametrize("way", ["deactivated", "deleted"])
def test_what_ends_a_key_in_its_grace_still_works(tenant: Tenant, table: Table, way: str) -> None:
    rotate(tenant.account, tenant.key)
    ENDS[way](tenant, tenant.key, table)
    assert not works(tenant.key)


def test_the_sample_events_hold_no_token_that_opens_anything(tenant: Tenant) -> None:
    for endpoint in ENDPOINTS:
        token = sample(endpoint.name)["headers"]["authorization"].removeprefix("Bearer ")
        assert refused(replace(tenant.account, token=token).call("test_api_key"))
