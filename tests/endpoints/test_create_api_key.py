from datetime import datetime, timedelta

import pytest

from assistants_api import auth
from tests.conftest import Stored
from tests.harness import Account, Reply, new_key


def create(account: Account, scopes: list[str], **body: object) -> Reply:
    return account.call("create_api_key", body={"name": "New", "scopes": scopes, **body})


def caller(account: Account, reply: Reply) -> Account:
    return Account(account.slug, account.id, reply.json["full_key"], reply.json["api_key"]["id"])


def test_the_documented_example_makes_a_key_that_works(account: Account) -> None:
    reply = account.call("create_api_key")
    assert (reply.status, reply.json.keys()) == (200, {"success", "full_key", "api_key"})
    token, shown = reply.json["full_key"], reply.json["api_key"]
    assert shown == {
        "id": f"key_{auth.digest(token)}",
        "name": "Call router",
        "key_prefix": token[:38],
        "environment": "live",
        "scopes": ["calls:route"],
        "is_active": True,
        "created_at": shown["created_at"],
        "expires_at": None,
        "last_used_at": None,
        "rate_limit_per_hour": None,
    }
    assert token.startswith(f"tk_live_{account.id.removeprefix('acct_')}")
    router = caller(account, reply)
    account.new_number("+14155550101")
    assert router.route("+14155550101").status == 200
    assert router.call("list_assistants").code == "missing_scope"


def test_a_key_is_live_never_expires_and_may_make_1000_requests_an_hour_unless_told_otherwise(account: Account) -> None:
    shown = create(account, ["*"]).json["api_key"]
    assert (shown["environment"], shown["expires_at"], shown["rate_limit_per_hour"]) == ("live", None, 1000)
    told = {"environment": "test", "expires_in_days": 1, "rate_limit_per_hour": 7}
    reply = create(account, ["*"], **told)
    shown = reply.json["api_key"]
    assert reply.json["full_key"].startswith("tk_test_")
    assert (shown["environment"], shown["rate_limit_per_hour"]) == ("test", 7)
    lasts = datetime.fromisoformat(shown["expires_at"]) - datetime.fromisoformat(shown["created_at"])
    assert lasts == timedelta(days=1)


def test_null_is_no_expiry_and_no_limit(account: Account) -> None:
    shown = create(account, ["*"], expires_in_days=None, rate_limit_per_hour=None).json["api_key"]
    assert (shown["expires_at"], shown["rate_limit_per_hour"]) == (None, None)


def test_the_full_key_is_shown_once_and_stored_nowhere(account: Account, stored: Stored) -> None:
    reply = create(account, ["*"])
    token = reply.json["full_key"]
    assert reply.text.count(token) == 1
    later = [account.call("list_api_keys").text, caller(account, reply).call("test_api_key").text, str(stored.items())]
    for text in later:
        assert all(token[34:][start : start + 5] not in text for start in range(28))


def test_the_account_may_be_named_and_must_then_be_the_callers(account: Account, stored: Stored) -> None:
    assert create(account, ["*"], accountSlug=account.slug).status == 200
    before = stored.items()
    assert create(account, ["*"], accountSlug="other-team").code == "account_mismatch"
    assert stored.items() == before


@pytest.mark.parametrize(
    ("own", "granted"),
    [
        (["*"], ["*"]),
        (["*"], ["assistants:*", "calls:route"]),
        (["api_keys:*"], ["api_keys:*"]),
        (["api_keys:*"], ["api_keys:read", "api_keys:write"]),
        (["api_keys:write"], ["api_keys:write"]),
        (["api_keys:write", "assistants:*"], ["assistants:read", "assistants:write"]),
        (["api_keys:write", "assistants:*"], ["assistants:*"]),
        (["api_keys:write", "calls:route"], ["calls:route", "calls:route"]),
    ],
)
def test_a_key_can_give_what_it_has(account: Account, own: list[str], granted: list[str]) -> None:
    reply = create(new_key(account.slug, account.id, scopes=own), granted)
    assert (reply.status, reply.json["api_key"]["scopes"]) == (200, granted)


@pytest.mark.parametrize(
    ("own", "wanted", "lacking"),
    [
        (["api_keys:*"], ["*"], "*"),
        (["api_keys:*"], ["api_keys:read", "assistants:read"], "assistants:read"),
        (["api_keys:write"], ["api_keys:read"], "api_keys:read"),
        (["api_keys:write"], ["api_keys:*"], "api_keys:*"),
        (["api_keys:write", "assistants:*"], ["phone_numbers:*"], "phone_numbers:*"),
        (["api_keys:write", "assistants:read", "assistants:write"], ["assistants:*"], "assistants:*"),
        (["api_keys:write", "assistants:read"], ["assistants:write"], "assistants:write"),
    ],
)
def test_a_key_can_give_no_scope_that_it_lacks(
    account: Account, stored: Stored, own: list[str], wanted: list[str], lacking: str
) -> None:
    weak = new_key(account.slug, account.id, scopes=own)
    before = stored.items()
    reply = create(weak, wanted)
    assert (reply.status, reply.code) == (403, "missing_scope")
    assert f"lacks the scope {lacking}," in reply.json["error"]
    assert stored.items() == before


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("name", "", "/name"), ("name", "x" * 201, "/name"), ("name", "a\tb", "/name"), ("name", None, "/name"),
        ("scopes", [], "/scopes"), ("scopes", None, "/scopes"), ("scopes", "*", "/scopes"),
        ("scopes", ["*"] * 21, "/scopes"),
        ("scopes", ["assistants:delete"], "/scopes/0"), ("scopes", ["*", "admin"], "/scopes/1"),
        ("scopes", ["assistants*"], "/scopes/0"), ("scopes", ["assist:*"], "/scopes/0"), ("scopes", [""], "/scopes/0"),
        ("scopes", ["**"], "/scopes/0"), ("scopes", [":*"], "/scopes/0"), ("scopes", [1], "/scopes/0"),
        ("environment", "prod", "/environment"), ("environment", "", "/environment"),
        ("expires_in_days", 0, "/expires_in_days"), ("expires_in_days", 3651, "/expires_in_days"),
        ("expires_in_days", "1", "/expires_in_days"), ("expires_in_days", 1.5, "/expires_in_days"),
        ("rate_limit_per_hour", 0, "/rate_limit_per_hour"), ("rate_limit_per_hour", True, "/rate_limit_per_hour"),
        ("rate_limit_per_hour", 1_000_001, "/rate_limit_per_hour"), ("full_key", "tk_live_x", "/full_key"),
        ("is_active", True, "/is_active"), ("expires_at", None, "/expires_at"),
    ],
)  # fmt: skip
def test_a_bad_field_is_refused_and_no_key_is_made(
    account: Account, stored: Stored, field: str, value: object, pointer: str
) -> None:
    before = stored.items()
    reply = account.call("create_api_key", body={"name": "New", "scopes": ["*"], field: value})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, pointer)
    assert stored.items() == before


@pytest.mark.parametrize("missing", ["name", "scopes"])
def test_a_name_and_scopes_are_required(account: Account, missing: str) -> None:
    body = {"name": "New", "scopes": ["*"]}
    del body[missing]
    reply = account.call("create_api_key", body=body)
    assert reply.json["details"] == [{"field": f"/{missing}", "message": "is required."}]


def test_the_longest_life_and_the_highest_limit_are_accepted(account: Account) -> None:
    reply = create(account, ["*"], expires_in_days=3650, rate_limit_per_hour=1_000_000)
    assert (reply.status, reply.json["api_key"]["rate_limit_per_hour"]) == (200, 1_000_000)
