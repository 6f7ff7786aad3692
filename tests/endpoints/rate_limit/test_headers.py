from typing import Any

import pytest

from assistants_api.storage.table import Table
from tests.endpoints.rate_limit.conftest import POLICY, UNKNOWN, without_headers
from tests.harness import Account, admin, change_key, new_key, signed


def test_every_success_says_how_many_requests_are_left(limited: Account) -> None:
    left = []
    for _ in range(5):
        reply = limited.call("list_templates")
        assert (reply.status, reply.headers["ratelimit-policy"]) == (200, POLICY)
        left.append(reply.headers["ratelimit"])
    assert left == [f'"hour";r={left};t=3000' for left in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    ("function", "path", "sent", "status"),
    [
        ("get_assistant", [UNKNOWN], {}, 404),
        ("get_assistant", ["x"], {}, 400),
        ("list_assistants", [], {"query": {"limit": "0"}}, 400),
        ("create_assistant", [], {"raw": "{"}, 400),
        ("create_assistant", [], {"body": {"accountSlug": "other-team", "name": "x"}}, 403),
        ("create_assistant", [], {"headers": {"content-type": "text/plain"}}, 415),
        ("delete_api_key", [f"key_{'0' * 64}"], {}, 404),
        ("create_api_key", [], {}, 403),
    ],
)
def test_so_does_every_refusal_of_a_known_caller(
    account: Account, function: str, path: list[str], sent: dict[str, Any], status: int
) -> None:
    scopes = ["assistants:*", "api_keys:write"]
    reply = new_key(account.slug, account.id, rate_limit_per_hour=5, scopes=scopes).call(function, *path, **sent)
    assert reply.status == status
    assert (reply.headers["ratelimit-policy"], reply.headers["ratelimit"]) == (POLICY, '"hour";r=4;t=3000')


def test_an_unlimited_caller_is_told_of_no_limit(account: Account) -> None:
    assert without_headers(account.call("list_templates").headers)
    assert without_headers(account.call("get_assistant", UNKNOWN).headers)


@pytest.mark.parametrize("case", ["no token", "malformed", "unknown", "revoked", "expired"])
def test_an_unknown_caller_is_told_of_no_limit(limited: Account, table: Table, case: str) -> None:
    if case == "revoked":
        admin("revoke_api_key", slug=limited.slug, id=limited.key_id)
    if case == "expired":
        change_key(table, limited, expires_at="2024-01-15T10:00:00Z")
    unknown = limited.token[:34] + "0" * 32
    authorization = {
        "no token": None, "malformed": "Bearer x", "unknown": f"Bearer {signed(unknown)}",
    }.get(case, f"Bearer {limited.token}")  # fmt: skip
    reply = limited.call("list_templates", headers={"authorization": authorization})
    assert reply.status == 401
    assert without_headers(reply.headers)
