"""A caller reaches what is its account's and nothing else, whatever id, slug or cursor it sends."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest

from assistants_api import auth
from assistants_api.models.assistant_requests import AssistantQuery
from assistants_api.models.e164 import read_number
from assistants_api.models.pagination import Pagination
from tests.catalogue import (
    API_KEY_ID,
    ASSISTANT_ID,
    CONNECTED_NUMBER_ID,
    CONNECTION_ID,
    DELETED_ID,
    ENDPOINTS,
    PHONE_NUMBER,
    PHONE_NUMBER_ID,
    WITH_BODY,
    Function,
)
from tests.conftest import Stored
from tests.harness import Account, load_app, new_account
from tests.security.conftest import Tenant

# Of each kind one that nobody ever had, as long as those that somebody has.
NEVER = {
    ASSISTANT_ID: f"asst_{'0' * 26}",
    DELETED_ID: f"asst_{'0' * 25}1",
    API_KEY_ID: f"key_{'f' * 64}",
    PHONE_NUMBER: "+14155559999",
    PHONE_NUMBER_ID: "pn_14155559999",
    CONNECTED_NUMBER_ID: "pn_14155559999",
    CONNECTION_ID: f"conn_{'0' * 52}",
}
WITH_ID = [endpoint for endpoint in ENDPOINTS if set(endpoint.path) & set(NEVER)]
LISTS = [endpoint for endpoint in ENDPOINTS if endpoint.is_list]
Partition = Callable[[Account], list[Any]]

every_endpoint_with_an_id = pytest.mark.parametrize("endpoint", WITH_ID)
every_list = pytest.mark.parametrize("endpoint", LISTS)


@every_endpoint_with_an_id
def test_a_foreign_id_looks_like_one_that_never_was(
    tenant: Tenant, victim: Tenant, calls: list[str], partition: Partition, endpoint: Function
) -> None:
    before = partition(victim.account)
    calls.clear()
    foreign = victim.call(endpoint, tenant.account, body=tenant.body(endpoint) or None)
    foreign_calls = list(calls)
    calls.clear()
    never = tenant.account.call(
        endpoint.name,
        *(NEVER.get(part, part) for part in endpoint.path),
        query=endpoint.query,
        body=tenant.body(endpoint) or None,
    )
    assert (foreign.status, foreign.headers) == (never.status, never.headers) == (404, never.headers)
    for part in set(endpoint.path) & set(NEVER):
        assert foreign.text.replace(victim.ids[part], NEVER[part]) == never.text
    assert foreign_calls == calls == ["BatchGetItem"]
    assert partition(victim.account) == before


@pytest.mark.parametrize("reassign", [False, True])
@pytest.mark.parametrize("held", [False, True])
def test_a_foreign_number_in_a_body_looks_like_one_that_never_was(
    tenant: Tenant, victim: Tenant, partition: Partition, reassign: bool, held: bool
) -> None:
    before = partition(victim.account), partition(tenant.account)
    number = "pn_" + (victim.number if held else victim.free_number)[1:]
    foreign = tenant.account.assign(tenant.assistant, [number], reassign=reassign)
    never = tenant.account.assign(tenant.assistant, [NEVER[PHONE_NUMBER_ID]], reassign=reassign)
    assert foreign.status == never.status == 404
    assert foreign.text.replace(number, NEVER[PHONE_NUMBER_ID]) == never.text
    assert (partition(victim.account), partition(tenant.account)) == before


@pytest.mark.parametrize("endpoint", WITH_BODY)
def test_the_slug_of_another_account_looks_like_one_that_nobody_has(
    tenant: Tenant, victim: Tenant, partition: Partition, endpoint: Function
) -> None:
    before = partition(victim.account), partition(tenant.account)
    body = tenant.body(endpoint)
    foreign = tenant.call(endpoint, body={**body, "accountSlug": victim.account.slug})
    never = tenant.call(endpoint, body={**body, "accountSlug": "never-team"})
    assert (foreign.status, foreign.code) == (403, "account_mismatch")
    assert (foreign.headers, foreign.text) == (never.headers, never.text)
    assert (partition(victim.account), partition(tenant.account)) == before


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_no_answer_to_one_account_holds_anything_of_another(
    tenant: Tenant, victim: Tenant, partition: Partition, endpoint: Function
) -> None:
    before = partition(victim.account)
    reply = tenant.call(endpoint)
    assert reply.status == 200, reply.text
    for text in (victim.account.id, victim.account.slug, victim.assistant, victim.number[1:], victim.key.key_id):
        assert text not in reply.text
    assert partition(victim.account) == before


ODD_IDS = (
    "", " ", ".", "..", "../{id}", "{id}/..", "{id}#", "{id}%23", "{id}%00", "{id}\x00", "{id} ", " {id}", "{id}\n",
    "{id},{id}", "{id}/{id}", "{id}*", "*", "%", "ACCOUNT", "ACCOUNT#{account}", "#{id}", "ASSISTANT#{id}",
    "APIKEY#{id}", "NUMBER#{id}", "null", "undefined", "[object Object]", "{upper}", "{id}é", "٠{id}", "x" * 10_000,
    '{{"$ne": null}}', "' OR '1'='1",
)  # fmt: skip


@every_endpoint_with_an_id
def test_an_odd_id_is_malformed_and_reads_key_and_account_alone(
    tenant: Tenant, victim: Tenant, stored: Stored, all_calls: list[Any], endpoint: Function
) -> None:
    """But a called number, which may be written in many ways, is looked for in the caller's own account."""
    before = stored.items()
    foreign, *others = [victim.ids.get(part, part) for part in endpoint.path]
    for odd in ODD_IDS:
        text = odd.format(id=foreign, account=victim.account.id, upper=foreign.upper().replace("+", "+A"))
        all_calls.clear()
        reply = tenant.account.call(endpoint.name, text, *others, body=tenant.body(endpoint) or None)
        is_number = endpoint.path[0] == PHONE_NUMBER and read_number(unquote(text)) is not None
        expected = (404, "phone_number_not_found") if is_number else (400, "malformed_id")
        assert (reply.status, reply.code) == expected, odd
        assert len(reply.text) < 400
        assert [call["body"].count(b'"PK"') for call in all_calls if b"Keys" in call["body"]] == [2 + is_number]
    assert stored.items() == before


# Cursors


def cursor(sort_key: str, query: Pagination, secret: str) -> str:
    return query.cursor_after(sort_key, secret)


def query_of(endpoint: Function) -> Pagination:
    made: Pagination = load_app(endpoint.name).handler.query()
    return made


def next_cursor(tenant: Tenant, endpoint: Function) -> str:
    tenant.account.new_assistant()
    tenant.account.new_connection()
    made: str = tenant.call(endpoint, query={"limit": "1"}).json["next_cursor"]
    assert made
    return made


def refused(tenant: Tenant, endpoint: Function, cursor: str, **query: str) -> None:
    reply = tenant.call(endpoint, query={"limit": "1", "cursor": cursor, **query})
    assert (reply.status, reply.code) == (400, "invalid_cursor"), reply.text


@every_list
def test_the_next_cursor_of_a_list_is_good_for_it(tenant: Tenant, endpoint: Function) -> None:
    good = next_cursor(tenant, endpoint)
    assert tenant.call(endpoint, query={"limit": "1", "cursor": good}).status == 200


KINDS = ("ASSISTANT#", "NUMBER#+", "APIKEY#", "VERSION#", "CONNECTION#", "CALL#", "ACCOUNT", "", "\x00", "x" * 700)


@every_list
def test_a_cursor_that_the_client_signed_is_refused(tenant: Tenant, endpoint: Function) -> None:
    account = tenant.account
    known = ["", account.token, auth.digest(account.token), account.id, account.key_id, account.slug]
    secrets = [" ".join([*prefix, account.id, *tenant.path(endpoint)]) for prefix in ([], [""], [account.token])]
    for secret in known + secrets:
        for kind in KINDS:
            refused(tenant, endpoint, cursor(kind, query_of(endpoint), secret))


@every_list
@pytest.mark.parametrize("other", LISTS)
def test_a_cursor_of_another_list_is_refused(tenant: Tenant, endpoint: Function, other: Function) -> None:
    if other == endpoint:  # the same list, of other filters
        good = cursor("ASSISTANT#", AssistantQuery(name="x"), auth.deployment_secret())
    else:
        good = next_cursor(tenant, other)
    refused(tenant, endpoint, good)


@every_list
def test_a_cursor_of_another_account_is_refused(tenant: Tenant, victim: Tenant, endpoint: Function) -> None:
    refused(tenant, endpoint, next_cursor(victim, endpoint))


def test_a_cursor_of_the_numbers_for_one_assistant_is_refused_for_another(tenant: Tenant) -> None:
    endpoint = next(each for each in LISTS if each.name == "list_assignable_numbers")
    good = next_cursor(tenant, endpoint)
    other = tenant.account.new_assistant()["id"]
    reply = tenant.account.call(endpoint.name, other, query={"limit": "1", "cursor": good})
    assert (reply.status, reply.code) == (400, "invalid_cursor")


@every_list
def test_a_cursor_cannot_be_extended_changed_or_cut(tenant: Tenant, endpoint: Function) -> None:
    good = next_cursor(tenant, endpoint)
    forged = [good + "A", good + "=", good + "\n", " " + good, good[1:], good[:-1], good.swapcase(), good[::-1]]
    forged += [urlsafe_b64encode(b"\xff" * 40).decode(), "é", "\x00", "A" * 1_000]
    for each in forged:
        refused(tenant, endpoint, each)


@every_list
def test_a_cursor_of_any_length_is_a_400(tenant: Tenant, endpoint: Function) -> None:
    for length in (1_001, 8_000, 100_000):
        assert tenant.call(endpoint, query={"cursor": "A" * length}).status == 400


def test_two_accounts_never_share_a_partition(tenant: Tenant, victim: Tenant, stored: Stored) -> None:
    """Every item that belongs to an account lies in its partition, or names it."""
    owners = {tenant.account.id, victim.account.id}
    for item in stored.items():
        pk = item["PK"]["S"]
        kind, _, name = pk.partition("#")
        assert kind in ("ACCOUNT", "LIST", "NUMBER", "SLUG")  # the list of accounts is the operator's
        named = {"ACCOUNT": name, "LIST": item["SK"]["S"]}
        assert (named[kind] if kind in named else item["account_id"]["S"]) in owners


def test_a_slug_is_nobody_elses(tenant: Tenant, victim: Tenant) -> None:
    with pytest.raises(KeyError, match="account"):
        new_account(victim.account.slug)
