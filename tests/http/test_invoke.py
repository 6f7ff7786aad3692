"""Accounts and API keys, which an operator provisions through Lambda's Invoke API, and what they open over HTTP."""

import json
from collections.abc import Callable

import httpx
import pytest

from tests.catalogue import ADMIN_ACTIONS, AdminAction
from tests.harness import sample
from tests.http.conftest import Api, Invoke, new_key


def test_a_new_account_starts_empty_and_its_key_opens_it(other: Api) -> None:
    assert other.get("/api/phone-numbers").json()["numbers"] == []
    assert other.assistant(other.new_assistant())["name"] == "Black box"


def test_a_revoked_key_opens_nothing_from_the_next_request_on(other: Api, invoke: Invoke) -> None:
    key = new_key(invoke, other.slug)
    headers = {"Authorization": f"Bearer {key['full_key']}"}
    assert other.client.get("/api/phone-numbers", headers=headers).status_code == 200
    revoke = {"action": "revoke_api_key", "slug": other.slug, "id": key["api_key"]["id"]}
    assert invoke("AdminFunction", revoke)["api_key"]["is_active"] is False
    refused = other.client.get("/api/phone-numbers", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert other.get("/api/phone-numbers").status_code == 200


def test_a_key_opens_what_its_scopes_say(other: Api, invoke: Invoke) -> None:
    headers = {"Authorization": f"Bearer {new_key(invoke, other.slug, 'phone_numbers:read')['full_key']}"}
    assert other.client.get("/api/phone-numbers", headers=headers).status_code == 200
    refused = other.client.get(other.new_assistant(), headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")


def test_keys_are_listed_without_their_tokens(other: Api, invoke: Invoke) -> None:
    new_key(invoke, other.slug, "calls:route")
    listed = invoke("AdminFunction", {"action": "list_api_keys", "slug": other.slug})
    assert sorted(key["scopes"] for key in listed["api_keys"]) == [["*"], ["calls:route"]]
    assert other.token not in json.dumps(listed)


def test_one_account_sees_and_takes_nothing_of_another(
    api: Api, other: Api, assistant: str, new_number: Callable[[], str]
) -> None:
    number = new_number()
    theirs = other.new_assistant()
    refusals: list[tuple[httpx.Response, int, str]] = [
        (other.get(assistant), 404, "assistant_not_found"),
        (other.patch(assistant, name="Taken"), 404, "assistant_not_found"),
        (other.assign(assistant, []), 404, "assistant_not_found"),
        (other.assign(theirs, [number]), 404, "phone_number_not_found"),
        (other.get(f"/api/routes/{number.replace('pn_', '+')}"), 404, "phone_number_not_found"),
        (other.post("/api/phone-numbers", phoneNumber=number.replace("pn_", "+")), 409, "phone_number_taken"),
        (other.client.patch(assistant, json={"accountSlug": api.slug}), 403, "account_mismatch"),
    ]
    for reply, status, code in refusals:
        assert (reply.status_code, reply.json()["code"]) == (status, code)
        assert api.token not in reply.text
    assert api.assistant(assistant)["name"] == "Black box"
    assert other.get("/api/phone-numbers").json()["numbers"] == []


def test_a_cursor_of_one_account_is_refused_by_another(api: Api, other: Api, new_number: Callable[[], str]) -> None:
    new_number()
    new_number()
    cursor = api.get("/api/phone-numbers", limit="1").json()["next_cursor"]
    assert api.get("/api/phone-numbers", cursor=cursor).status_code == 200
    assert other.get("/api/phone-numbers", cursor=cursor).json()["code"] == "invalid_cursor"


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (None, "invalid_request"),
        ([], "invalid_request"),
        ("create_account", "invalid_request"),
        ({"action": "delete_account", "slug": "my-team"}, "invalid_request"),
        ({"action": "create_account", "slug": "my-team", "name": "Mine now"}, "slug_taken"),
        ({"action": "list_api_keys", "slug": "nobody-has-this"}, "account_not_found"),
        ({"action": "revoke_api_key", "slug": "my-team", "id": "key_" + "0" * 64}, "api_key_not_found"),
        ({"action": "revoke_api_key", "slug": "my-team", "id": "x"}, "malformed_id"),
    ],
)
def test_a_refusal_is_an_answer_and_no_error_of_the_function(invoke: Invoke, payload: object, code: str) -> None:
    answer = invoke("AdminFunction", payload)
    assert answer.keys() == {"ok", "code", "error"}
    assert (answer["ok"], answer["code"]) == (False, code)


CHANGES_ACCOUNT = {
    "admin_suspend_account",
    "admin_resume_account",
    "admin_rename_account",
    "admin_set_quotas",
    "admin_erase_account",
    "admin_transfer_phone_number",
    "admin_free_phone_number",
}


@pytest.mark.parametrize("action", ADMIN_ACTIONS)
def test_the_sample_events_are_payloads_of_the_operator(invoke: Invoke, action: AdminAction) -> None:
    """The demo account has the slug already, and nobody has the API key. What would change the account for other tests
    is asked of one that is not there: only a payload that is right gets as far."""
    refused = {"admin_create_account": "slug_taken", "admin_revoke_api_key": "api_key_not_found"}
    code = refused.get(action.name) or ("account_not_found" if action.name in CHANGES_ACCOUNT else None)
    instead = {"slug": "nobody"} if action.name in CHANGES_ACCOUNT else {}
    answer = invoke("AdminFunction", sample(action.name) | instead)
    assert (answer["ok"], answer.get("code")) == (code is None, code)


@pytest.mark.parametrize("path", ["/admin", "/api/admin", "/api/accounts", "/AdminFunction"])
def test_no_http_route_leads_to_the_operator(api: Api, path: str) -> None:
    reply = api.client.post(path, json={"action": "list_api_keys", "slug": api.slug})
    assert (reply.status_code, reply.json()["code"]) == (404, "route_not_found")
