"""Names, quotas and phone numbers of an account, as the operator changes them."""

import pytest

from assistants_api.models.account import COUNTABLES
from assistants_api.storage import keys
from assistants_api.storage.table import Table
from local.proofs.audit import scan, violations
from tests.conftest import Stored
from tests.harness import Account, new_account, race
from tests.operator import done, pages, refusal, shown
from tests.webhooks import NUMBER

ID = "pn_14155550101"


# Rename


def test_a_renamed_account_keeps_its_keys_and_frees_its_slug(account: Account, table: Table) -> None:
    made = account.new_assistant()["id"]
    renamed = done("rename_account", slug=account.slug, new_slug="our-team", name="Our Team")["account"]
    assert renamed.items() >= {"id": account.id, "slug": "our-team", "name": "Our Team"}.items()
    assert account.call("test_api_key").json["account_slug"] == "our-team"
    old, new = (account.call("get_assistant", made, query={"accountSlug": it}) for it in (account.slug, "our-team"))
    assert (old.status, new.status) == (403, 200)
    assert old.json["error"] == "accountSlug is not the account of this API key, which is our-team."
    assert new_account(account.slug).id != account.id
    assert list(violations(scan(table.client, table.name))) == []


def test_a_name_alone_and_a_slug_alone_can_change(account: Account) -> None:
    assert done("rename_account", slug=account.slug, name="X")["account"]["slug"] == account.slug
    assert done("rename_account", slug=account.slug, new_slug="x")["account"]["name"] == "X"


def test_a_slug_that_is_taken_renames_nothing(account: Account, other_account: Account, stored: Stored) -> None:
    before = stored.items()
    assert refusal("rename_account", slug=account.slug, new_slug=other_account.slug, name="X") == (
        "slug_taken",
        "The slug other-team is taken; choose another.",
    )
    assert stored.items() == before


def test_of_two_new_slugs_at_once_the_account_has_one(account: Account, table: Table) -> None:
    race(table, "TransactWriteItems", lambda: done("rename_account", slug=account.slug, new_slug="theirs"))
    assert done("rename_account", slug=account.slug, new_slug="ours")["account"]["slug"] == "ours"
    assert refusal("show_account", slug="theirs")[0] == "account_not_found"
    assert list(violations(scan(table.client, table.name))) == []


@pytest.mark.parametrize("first", ["new_slug", "name"])
def test_a_name_and_a_slug_that_change_at_once_both_change(account: Account, table: Table, first: str) -> None:
    names = {"new_slug": "our-team", "name": "Ours"}
    rival = {first: names.pop(first)}
    race(table, "TransactWriteItems", lambda: done("rename_account", slug=account.slug, **rival))
    renamed = done("rename_account", slug=account.slug, **names)["account"]
    assert (renamed["slug"], renamed["name"]) == ("our-team", "Ours")
    assert done("show_account", slug="our-team")["account"] == renamed
    assert refusal("show_account", slug=account.slug)[0] == "account_not_found"
    assert list(violations(scan(table.client, table.name))) == []


def test_renaming_puts_an_account_of_an_earlier_release_into_the_list(account: Account, table: Table) -> None:
    table.delete_many([keys.listed_account(account.id)])
    done("rename_account", slug=account.slug, new_slug=account.slug)
    assert [each["id"] for each in done("list_accounts")["accounts"]] == [account.id]


# Quotas

CREATE = {
    "api_keys": ("create_api_key", {"name": "x", "scopes": ["*"]}),
    "assistants": ("create_assistant", {"accountSlug": "my-team", "name": "x"}),
    "phone_numbers": ("import_phone_number", {"accountSlug": "my-team", "phoneNumber": "+14155550177"}),
    "telephony_connections": ("create_telephony_connection", {"accountSlug": "my-team", "provider": "sip"}),
}


@pytest.mark.parametrize("things", COUNTABLES)
def test_a_quota_takes_the_place_of_the_deployments_until_it_is_null(account: Account, things: str) -> None:
    function, body = CREATE[things]
    counted = shown(account)[things]
    assert done("set_quotas", slug=account.slug, **{f"max_{things}": counted})["maxima"][things] == counted
    reply = account.call(function, body=body)
    assert (reply.status, reply.code) == (409, "maximum_reached")
    assert f"has {counted} " in reply.json["error"]
    done("set_quotas", slug=account.slug, **{f"max_{things}": None})
    assert account.call(function, body=body).status == 200


def test_a_quota_may_be_above_the_deployments(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_ASSISTANTS", "0")
    done("set_quotas", slug=account.slug, max_assistants=1)
    assert account.call("create_assistant").status == 200


def test_who_has_more_than_its_maximum_is_listed_with_what(account: Account, other_account: Account) -> None:
    for each in (account, other_account):
        each.new_assistant()
    done("set_quotas", slug=account.slug, max_assistants=0, max_api_keys=1)
    done("set_quotas", slug=other_account.slug, max_assistants=1)
    over = [each for page in pages("list_over_quota", limit=1) for each in page["accounts"]]
    assert [(each["slug"], each["over"]) for each in over] == [(account.slug, ["assistants"])]


# Phone numbers


def test_a_transferred_number_is_free_in_the_other_account(
    account: Account, other_account: Account, table: Table
) -> None:
    assistant = account.new_assistant(inbound_enabled=True)["id"]
    account.assign(assistant, [account.new_number(NUMBER, label="Sales")])
    fallback = {"kind": "reject"}
    account.call("update_phone_number", ID, body={"versions": [{"version": 1}], "fallback": fallback})
    payload = {"slug": account.slug, "phone_number": NUMBER, "to_slug": other_account.slug}
    moved = done("transfer_phone_number", **payload)["phone_number"]
    wanted = {"id": ID, "label": "Sales", "assistant_id": None, "versions": None, "fallback": None}
    assert (moved["connection_id"], moved["carrier_id"], moved["sync"]) == (None, None, None)
    assert moved.items() >= wanted.items()
    assert other_account.call("get_phone_number", ID).json["phone_number"] == moved
    assert account.call("get_phone_number", ID).status == 404
    assert account.get(assistant)["phone_number_ids"] == []
    assert [shown(each)["phone_numbers"] for each in (account, other_account)] == [0, 1]
    assert list(violations(scan(table.client, table.name))) == []


def test_a_number_that_is_assigned_meanwhile_is_transferred_with_that_undone(
    account: Account, other_account: Account, table: Table
) -> None:
    assistant = account.new_assistant()["id"]
    account.new_number(NUMBER)
    race(table, "TransactWriteItems", lambda: account.assign(assistant, [ID]))
    done("transfer_phone_number", slug=account.slug, phone_number=NUMBER, to_slug=other_account.slug)
    assert account.get(assistant)["phone_number_ids"] == []
    assert list(violations(scan(table.client, table.name))) == []


def test_a_freed_number_can_be_imported_by_any_account(account: Account, other_account: Account, table: Table) -> None:
    account.assign(account.new_assistant()["id"], [account.new_number(NUMBER)])
    done("free_phone_number", slug=account.slug, phone_number=NUMBER)
    assert other_account.new_number(NUMBER) == ID
    assert list(violations(scan(table.client, table.name))) == []


@pytest.mark.parametrize("action", ["free_phone_number", "transfer_phone_number"])
def test_the_account_that_has_the_number_is_named(account: Account, other_account: Account, action: str) -> None:
    to = {"to_slug": other_account.slug} if action == "transfer_phone_number" else {}
    wrong = {"slug": account.slug, "phone_number": NUMBER, **to}
    lacks = f"The account my-team does not have the phone number {NUMBER}; "
    assert refusal(action, **wrong) == ("phone_number_held_elsewhere", f"{lacks}no account has it.")
    other_account.new_number(NUMBER)
    assert refusal(action, **wrong)[1] == f"{lacks}the account other-team has it; name that one."
