"""What would harm the business if it were done without end, or to another: hoarding, and taking over calls."""

from collections.abc import Callable
from typing import Any

import pytest

from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.faults import injection
from tests.faults.injection import ALWAYS, injected
from tests.harness import Account, Reply, new_key
from tests.security.conftest import Tenant

# Of each maximum the calls that make one more. A tenant has one assistant, three numbers and two API keys.
MAKES: dict[str, tuple[str, int, Callable[[Tenant], Reply]]] = {
    "create an assistant": (
        "ASSISTANTS",
        1,
        lambda tenant: tenant.account.call("create_assistant", body={"accountSlug": "my-team", "name": "x"}),
    ),
    "clone an assistant": ("ASSISTANTS", 1, lambda tenant: tenant.account.call("clone_assistant", tenant.assistant)),
    "import a number": (
        "PHONE_NUMBERS",
        3,
        lambda tenant: tenant.account.call(
            "import_phone_number", body={"accountSlug": "my-team", "phoneNumber": "+14155558888"}
        ),
    ),
    "create a key": ("API_KEYS", 2, lambda tenant: tenant.account.call("create_api_key")),
    "rotate a key": ("API_KEYS", 2, lambda tenant: tenant.account.call("rotate_api_key", tenant.key.key_id, body={})),
}
NAMES = {"ASSISTANTS": "assistants", "PHONE_NUMBERS": "phone numbers", "API_KEYS": "API keys"}


def counted(table: Table, account: Account) -> dict[str, int]:
    key = {"PK": {"S": f"ACCOUNT#{account.id}"}, "SK": {"S": "ACCOUNT"}}
    item: Any = table.client.get_item(TableName=table.name, Key=key, ConsistentRead=True)["Item"]
    return {name: int(item.get(name, {"N": "0"})["N"]) for name in ("assistants", "phone_numbers", "api_keys")}


@pytest.mark.parametrize("make", MAKES)
def test_at_the_maximum_nothing_more_is_made_and_the_refusal_says_the_number(
    tenant: Tenant, stored: Stored, calls: list[str], monkeypatch: pytest.MonkeyPatch, make: str
) -> None:
    things, held, act = MAKES[make]
    monkeypatch.setenv(f"MAX_{things}", str(held))
    before = stored.items()
    calls.clear()
    reply = act(tenant)
    assert (reply.status, reply.code) == (409, "maximum_reached")
    assert f"has {held:,} {NAMES[things]}, which is the maximum" in reply.json["error"]
    assert set(calls) == {"BatchGetItem"}
    assert stored.items() == before


@pytest.mark.parametrize("make", MAKES)
def test_below_the_maximum_one_more_is_made_and_then_none(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, make: str
) -> None:
    things, held, act = MAKES[make]
    monkeypatch.setenv(f"MAX_{things}", str(held + 1))
    assert act(tenant).status == 200
    if make == "rotate a key":
        again = tenant.account.call("rotate_api_key", tenant.account.key_id, body={})
    elif make == "import a number":
        again = tenant.account.call(
            "import_phone_number", body={"accountSlug": "my-team", "phoneNumber": "+14155558889"}
        )
    else:
        again = act(tenant)
    assert again.code == "maximum_reached"


@pytest.mark.parametrize("maximum", [0, 1, 2])
def test_importing_a_number_again_answers_its_record_also_at_the_maximum(
    tenant: Tenant, stored: Stored, monkeypatch: pytest.MonkeyPatch, maximum: int
) -> None:
    monkeypatch.setenv("MAX_PHONE_NUMBERS", str(maximum))
    before = stored.items()
    body = {"accountSlug": "my-team", "phoneNumber": tenant.number}
    reply = tenant.account.call("import_phone_number", body=body)
    assert (reply.status, reply.json["phone_number"]["phone_number"]) == (200, tenant.number)
    assert stored.items() == before


def test_what_is_deleted_makes_room(tenant: Tenant, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    account = tenant.account
    for things, held, _ in MAKES.values():
        monkeypatch.setenv(f"MAX_{things}", str(held))
    assert account.force("delete_phone_number", "pn_" + tenant.free_number[1:]).status == 200
    assert account.force("delete_assistant", tenant.assistant).status == 200
    assert account.call("delete_api_key", tenant.key.key_id).status == 200
    assert counted(table, account) == {"assistants": 0, "phone_numbers": 2, "api_keys": 1}
    for make in ("create an assistant", "import a number", "create a key"):
        assert MAKES[make][2](tenant).status == 200, make
    assert counted(table, account) == {"assistants": 1, "phone_numbers": 3, "api_keys": 2}


def test_what_is_refused_or_done_twice_is_not_counted(tenant: Tenant, victim: Tenant, table: Table) -> None:
    before = counted(table, tenant.account)
    body = {"accountSlug": "my-team", "phoneNumber": victim.number}
    assert tenant.account.call("import_phone_number", body=body).code == "phone_number_taken"
    assert tenant.account.call("import_phone_number", body=body | {"phoneNumber": tenant.number}).status == 200
    assert tenant.account.call("create_assistant", body={"accountSlug": "other-team", "name": "x"}).status == 403
    assert tenant.account.call("delete_api_key", victim.key.key_id).status == 404
    assert tenant.account.call("delete_api_key", tenant.account.key_id, body={}).status == 200  # the other key stays
    assert counted(table, tenant.account) == {**before, "api_keys": before["api_keys"] - 1}


@pytest.mark.usefixtures("without_waiting")
@pytest.mark.parametrize("make", [make for make in MAKES if make != "rotate a key"])
def test_a_write_that_fails_is_not_counted(tenant: Tenant, table: Table, make: str) -> None:
    before = counted(table, tenant.account)
    with injected(table.client, injection.refused("ThrottlingException"), ALWAYS, "TransactWriteItems"):
        assert MAKES[make][2](tenant).status == 503
    assert counted(table, tenant.account) == before


@pytest.mark.parametrize("make", MAKES)
def test_the_accounts_count_is_right_after_each_make(tenant: Tenant, table: Table, make: str) -> None:
    things, held, act = MAKES[make]
    assert act(tenant).status == 200
    assert counted(table, tenant.account)[things.lower()] == held + 1


# Calls


def test_a_number_of_another_account_cannot_be_taken_moved_or_released(
    tenant: Tenant, victim: Tenant, partition: Callable[[Account], list[Any]]
) -> None:
    before, number = partition(victim.account), "pn_" + victim.number[1:]
    attempts = [
        tenant.account.call("import_phone_number", body={"accountSlug": "my-team", "phoneNumber": victim.number}),
        tenant.account.assign(tenant.assistant, [number], reassign=True),
        tenant.account.force("delete_phone_number", number),
        tenant.account.call("update_phone_number", number, body={"status": "suspended"}),
        tenant.account.force("delete_assistant", victim.assistant),
        tenant.account.assign(victim.assistant, []),
        tenant.account.update(victim.assistant, inbound_enabled=False),
    ]
    assert [reply.status for reply in attempts] == [409, 404, 404, 404, 404, 404, 404]
    assert partition(victim.account) == before
    assert victim.account.route(victim.number).json["assistant"]["id"] == victim.assistant
    assert tenant.account.route(victim.number).status == 404


@pytest.mark.parametrize("spelling", ["+{digits} ", " +{digits}", "+1 {rest}", "00{digits}", "{digits}", "+{digits}\n"])
def test_a_number_has_one_spelling_so_it_has_one_owner(
    tenant: Tenant, victim: Tenant, stored: Stored, spelling: str
) -> None:
    before = stored.items()
    text = spelling.format(digits=victim.number[1:], rest=victim.number[2:])
    reply = tenant.account.call("import_phone_number", body={"accountSlug": "my-team", "phoneNumber": text})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, "/phoneNumber")
    assert stored.items() == before


def test_a_number_that_was_given_up_brings_nothing_of_its_owner_along(tenant: Tenant, victim: Tenant) -> None:
    number = "pn_" + victim.number[1:]
    victim.account.call("update_phone_number", number, body={"label": "secret label"})
    assert victim.account.force("delete_phone_number", number).status == 200
    body = {"accountSlug": "my-team", "phoneNumber": victim.number}
    reply = tenant.account.call("import_phone_number", body=body)
    assert (reply.status, reply.json["phone_number"]["label"], reply.json["phone_number"]["assistant_id"]) == (
        200,
        None,
        None,
    )
    assert tenant.account.route(victim.number).json["reason"] == "unassigned"
    assert victim.account.route(victim.number).status == 404


def test_a_key_that_only_routes_calls_learns_nothing_else(tenant: Tenant) -> None:
    router = new_key(tenant.account.slug, tenant.account.id, scopes=["calls:route"])
    assert router.route(tenant.number).json["routed"] is True
    for function in ("list_phone_numbers", "list_assistants", "list_api_keys", "list_templates"):
        assert router.call(function).code == "missing_scope"
