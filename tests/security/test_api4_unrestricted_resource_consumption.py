"""Whatever a known caller sends, it is refused briefly. What it costs is measured by `make bench-hostile`."""

import json
from typing import Any

import pytest

from assistants_api.storage.table import Table
from tests.catalogue import ENDPOINTS, WITH_BODY, Function
from tests.conftest import Stored
from tests.harness import Account, Reply, load_app, new_key
from tests.security.conftest import Tenant
from tests.security.hostile import MIB, VALUES, WHOLE

HOSTILE_VALUES = {name: value() for name, value in VALUES.items()}
HOSTILE_QUERIES: dict[str, dict[str, str]] = {
    "10,000 parameters": {f"p{number}": "1" for number in range(10_000)},
    "a name of all the room": {"n" * MIB: "1"},
    "a value of all the room": {"name": "x" * MIB},
    "a long limit": {"limit": "9" * MIB},
    "a long cursor": {"cursor": "A" * MIB},
    "a long flag": {"force": "true" * 1_000, "inbound_enabled": "true" * 1_000},
    "digits of another script": {"limit": "٢٠"},
}


def check_refused(reply: Reply, case: str) -> None:
    assert reply.status in (400, 413), (case, reply.text[:200])
    assert len(reply.json.get("details", [])) <= 20, case
    assert len(reply.text.encode()) < 8_000, case


@pytest.mark.parametrize("endpoint", WITH_BODY)
def test_a_hostile_body_is_refused_briefly_and_stores_nothing(
    tenant: Tenant, stored: Stored, endpoint: Function
) -> None:
    before = stored.items()
    for name, shape in WHOLE.items():
        body = shape()
        assert len(body.encode()) <= MIB, name
        check_refused(tenant.call(endpoint, raw=body), name)
    assert stored.items() == before


@pytest.mark.parametrize("endpoint", WITH_BODY)
def test_a_hostile_value_in_any_field_is_refused_briefly_and_stores_nothing(
    tenant: Tenant, stored: Stored, endpoint: Function
) -> None:
    before = stored.items()
    model, sample = load_app(endpoint.name).handler.body, tenant.body(endpoint)
    for field in (field.alias or name for name, field in model.model_fields.items()):
        others = json.dumps({name: value for name, value in sample.items() if name != field})
        for name, value in HOSTILE_VALUES.items():
            body = f'{others[:-1]}{", " * (others != "{}")}"{field}": {value}}}'
            assert len(body.encode()) <= MIB, name
            check_refused(tenant.call(endpoint, raw=body), f"{field}: {name}")
    assert stored.items() == before


@pytest.mark.parametrize("endpoint", WITH_BODY)
@pytest.mark.parametrize("size", [MIB + 1, 6 * MIB])
def test_a_body_of_more_than_a_mebibyte_is_refused_by_its_size(
    tenant: Tenant, stored: Stored, endpoint: Function, size: int
) -> None:
    before = stored.items()
    for filling in ("x", "[", '"', "\\", " "):
        assert tenant.call(endpoint, raw=filling * size).code == "body_too_large"
    assert stored.items() == before


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_hostile_query_is_refused_briefly(tenant: Tenant, stored: Stored, endpoint: Function) -> None:
    before = stored.items()
    for name, query in HOSTILE_QUERIES.items():
        check_refused(tenant.call(endpoint, query=query), name)
    assert stored.items() == before


@pytest.mark.parametrize("mark", [",", "[", "{", '"', "\\", ":", "\n", "\x00", "é", "😀", "\ud83d\ude00"])
def test_the_longest_texts_may_be_all_of_one_character(tenant: Tenant, mark: str) -> None:
    """The bounds on a body are above what any valid one holds."""
    text = mark.encode("utf-16", "surrogatepass").decode("utf-16")
    texts: dict[str, Any] = {"system_prompt": text * 64_000, "first_message": text * 4_000}
    reply = tenant.account.update(tenant.assistant, **texts)
    assert reply.status == 200, reply.text[:200]
    assert {name: reply.json["assistant"][name] for name in texts} == texts


def test_1000_numbers_may_be_named_at_once(tenant: Tenant) -> None:
    numbers = [f"pn_1415555{number:04}" for number in range(500)] * 2
    assert tenant.account.assign(tenant.assistant, numbers).code == "phone_number_not_found"
    assert tenant.account.assign(tenant.assistant, [*numbers, numbers[0]]).code == "invalid_request"


# Requests an hour


def rotated(caller: Account, key: Account, grace: int) -> Account:
    reply = caller.call("rotate_api_key", key.key_id, body={"grace_seconds": grace})
    assert reply.status == 200, reply.text
    return Account(key.slug, key.id, reply.json["full_key"], reply.json["api_key"]["id"])


@pytest.mark.parametrize("grace", [0, 600])
def test_rotating_keeps_the_count_of_the_hour_also_of_a_key_that_rotates_itself(
    tenant: Tenant, table: Table, new_process: Any, grace: int
) -> None:
    key, statuses = new_key(tenant.account.slug, tenant.account.id, rate_limit_per_hour=20), list[int]()
    for _ in range(4):
        statuses += [key.call("test_api_key").status for _ in range(3)]
        key = rotated(key, key, grace)
        new_process()
    statuses += [key.call("test_api_key").status for _ in range(20)]
    assert statuses.count(200) + 4 == 20
    assert statuses == sorted(statuses)


def test_two_keys_of_a_rotation_share_the_limit(tenant: Tenant, new_process: Any) -> None:
    key = new_key(tenant.account.slug, tenant.account.id, rate_limit_per_hour=10)
    successor = rotated(tenant.account, key, 600)
    statuses = list[int]()
    for _ in range(10):
        for each in (key, successor):
            new_process()
            statuses.append(each.call("test_api_key").status)
    assert (statuses.count(200), statuses.count(429)) == (10, 10)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_over_the_limit_every_endpoint_refuses_and_does_nothing(
    tenant: Tenant, stored: Stored, calls: list[str], endpoint: Function
) -> None:
    limited = new_key(tenant.account.slug, tenant.account.id, rate_limit_per_hour=1)
    assert limited.call("test_api_key").status == 200
    before = stored.items()
    calls.clear()
    for sent in ({}, {"raw": WHOLE["nested arrays"]()}):
        reply = tenant.call(endpoint, limited, **sent)
        assert (reply.status, reply.code) == (429, "rate_limited")
        assert 1 <= int(reply.headers["retry-after"]) <= 3600
    assert calls == ["BatchGetItem"] * 2
    assert stored.items() == before


@pytest.mark.parametrize("endpoint", [each for each in ENDPOINTS if each.is_list])
@pytest.mark.parametrize("limit", ["0", "-1", "1e2", "1000000000", " 5", "5.0", "0x10", "NaN"])
def test_a_page_has_a_bounded_number_of_entries(tenant: Tenant, endpoint: Function, limit: str) -> None:
    assert tenant.call(endpoint, query={"limit": limit}).code == "invalid_request"
    most = load_app(endpoint.name).handler.query.model_json_schema()["properties"]["limit"]["maximum"]
    assert most == (10_000 if endpoint.name == "list_assignable_numbers" else 100)
    assert tenant.call(endpoint, query={"limit": str(most + 1)}).code == "invalid_request"
    assert tenant.call(endpoint, query={"limit": str(most)}).status == 200
