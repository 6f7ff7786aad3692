"""What holds for every endpoint alike: authentication, bodies, round trips, logs."""

import io
import json
import logging
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from assistants_api import auth, http
from assistants_api.models.api_key import SCOPES
from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.faults import injection
from tests.faults.injection import Fault, injected
from tests.harness import ROOT, Account, Reply, admin, new_key

UNKNOWN = "asst_01jd5xexamp1e0000000000000"
UNKNOWN_NUMBER = "pn_14155550101"
UNKNOWN_KEY = f"key_{'0' * 64}"


@dataclass(frozen=True)
class Endpoint:
    """`path` are the path parameters of a call about nothing that exists, `round_trips` those of a call that works."""

    scope: str
    path: tuple[str, ...] = ()
    body: dict[str, object] | None = None


ENDPOINTS = {
    "create_assistant": Endpoint("assistants:write", (), {"name": "x"}),
    "get_assistant": Endpoint("assistants:read", (UNKNOWN,)),
    "update_assistant": Endpoint("assistants:write", (UNKNOWN,), {"name": "x"}),
    "assign_phone_numbers": Endpoint("assistants:write", (UNKNOWN,), {"phoneNumberIds": []}),
    "import_phone_number": Endpoint("phone_numbers:write", (), {"phoneNumber": "+14155550101"}),
    "list_phone_numbers": Endpoint("phone_numbers:read"),
    "route_call": Endpoint("calls:route", ("+14155550101",)),
    "list_assistants": Endpoint("assistants:read"),
    "delete_assistant": Endpoint("assistants:write", (UNKNOWN,)),
    "clone_assistant": Endpoint("assistants:write", (UNKNOWN,), {"name": "x"}),
    "list_assignable_numbers": Endpoint("phone_numbers:read", (UNKNOWN,)),
    "list_templates": Endpoint("assistants:read"),
    "get_template": Endpoint("assistants:read", ("custom",)),
    "get_phone_number": Endpoint("phone_numbers:read", (UNKNOWN_NUMBER,)),
    "update_phone_number": Endpoint("phone_numbers:write", (UNKNOWN_NUMBER,), {"label": "x"}),
    "delete_phone_number": Endpoint("phone_numbers:write", (UNKNOWN_NUMBER,)),
    "list_api_keys": Endpoint("api_keys:read"),
    "create_api_key": Endpoint("api_keys:write", (), {"name": "x", "scopes": ["api_keys:write"]}),
    "update_api_key": Endpoint("api_keys:write", (UNKNOWN_KEY,), {"name": "x"}),
    "delete_api_key": Endpoint("api_keys:write", (UNKNOWN_KEY,)),
    "rotate_api_key": Endpoint("api_keys:write", (UNKNOWN_KEY,), {"grace_seconds": 0}),
}
BODIES = [name for name, endpoint in ENDPOINTS.items() if endpoint.body is not None]
MALFORMED_BODY = "{"

every_endpoint = pytest.mark.parametrize("function", ENDPOINTS)
every_endpoint_with_a_body = pytest.mark.parametrize("function", BODIES)


def call(caller: Account, function: str, **changes: object) -> Reply:
    endpoint = ENDPOINTS[function]
    if "raw" not in changes and endpoint.body is not None:
        changes.setdefault("body", {"accountSlug": caller.slug, **endpoint.body})
    return caller.call(function, *endpoint.path, **changes)  # type: ignore[arg-type]


def test_no_endpoint_is_missing_here() -> None:
    functions = {path.parent.name for path in (ROOT / "functions").glob("*/app.py")}
    assert functions - ENDPOINTS.keys() == {"admin", "get_openapi", "reject_unknown_route", "show_docs", "test_api_key"}


# Authentication


def changed(token: str, position: int) -> str:
    return token[:position] + ("0" if token[position] != "0" else "1") + token[position + 1 :]


def resigned(body: str) -> str:
    return body + auth.checksum(body)


MALFORMED: dict[str, Callable[[str], str | None]] = {
    "no header": lambda token: None,
    "empty header": lambda token: "",
    "no token": lambda token: "Bearer",
    "only a space": lambda token: "Bearer ",
    "token alone": lambda token: token,
    "basic": lambda token: f"Basic {token}",
    "bearers": lambda token: f"Bearers {token}",
    "quoted": lambda token: f'Bearer "{token}"',
    "two tokens": lambda token: f"Bearer {token},{token}",
    "cut": lambda token: f"Bearer {token[:-1]}",
    "longer": lambda token: f"Bearer {token}0",
    "upper case": lambda token: f"Bearer {token.upper()}",
    "huge": lambda token: f"Bearer {token * 100}",
    "not ASCII": lambda token: f"Bearer {token[:-1]}é",
    "first character of the account": lambda token: f"Bearer {changed(token, 8)}",
    "a character of the secret": lambda token: f"Bearer {changed(token, 40)}",
    "last character": lambda token: f"Bearer {changed(token, 71)}",
    "other environment": lambda token: f"Bearer {token.replace('tk_test_', 'tk_live_')}",
    "unheard-of environment": lambda token: f"Bearer {resigned(token[:-6].replace('tk_test_', 'tk_prod_'))}",
    "somebody else's": lambda token: "Bearer sk-proj-abcdefghijklmnopqrstuvwxyz0123456789",
}
UNKNOWN_TOKENS: dict[str, Callable[[str], str]] = {
    "other environment": lambda token: resigned(token[:-6].replace("tk_test_", "tk_live_")),
    "other secret": lambda token: resigned(changed(token[:-6], 40)),
    "other account": lambda token: resigned(changed(token[:-6], 30)),
}


def refused(reply: Reply) -> bool:
    return (reply.status, reply.code, reply.headers.get("www-authenticate")) == (401, "unauthenticated", "Bearer")


@every_endpoint
@pytest.mark.parametrize("authorization", MALFORMED)
def test_a_malformed_token_is_refused_without_a_round_trip(
    account: Account, calls: list[str], function: str, authorization: str
) -> None:
    headers = {"authorization": MALFORMED[authorization](account.token)}
    assert refused(call(account, function, headers=headers))
    assert calls == []


@every_endpoint
@pytest.mark.parametrize("token", UNKNOWN_TOKENS)
def test_an_unknown_token_is_refused_in_one_round_trip_and_nothing_is_written(
    account: Account, stored: Stored, calls: list[str], function: str, token: str
) -> None:
    before = stored.items()
    calls.clear()
    assert refused(call(replace(account, token=UNKNOWN_TOKENS[token](account.token)), function))
    assert calls == ["BatchGetItem"]
    assert stored.items() == before


@every_endpoint
def test_a_revoked_token_is_refused(account: Account, function: str) -> None:
    admin("revoke_api_key", slug=account.slug, id=account.key_id)
    reply = call(account, function)
    assert refused(reply)
    assert "revoked" in reply.json["error"]


@every_endpoint
def test_an_expired_token_is_refused(account: Account, table: Table, function: str) -> None:
    table.client.update_item(
        TableName=table.name,
        Key={"PK": {"S": f"ACCOUNT#{account.id}"}, "SK": {"S": account.key_id.replace("key_", "APIKEY#")}},
        UpdateExpression="SET expires_at = :now",
        ExpressionAttributeValues={":now": {"S": (datetime.now(UTC) - timedelta(seconds=1)).isoformat()}},
    )
    reply = call(account, function)
    assert refused(reply)
    assert "expired" in reply.json["error"]


@every_endpoint
def test_the_scheme_is_case_insensitive_and_spaces_around_the_token_do_not_matter(
    account: Account, function: str
) -> None:
    assert call(account, function, headers={"authorization": f"bearer  {account.token} "}).status != 401


@every_endpoint
def test_the_scope_that_is_needed_suffices_and_all_others_together_do_not(account: Account, function: str) -> None:
    needed = ENDPOINTS[function].scope
    others = [scope for scope in SCOPES if scope != needed]
    assert call(new_key(account.slug, account.id, scopes=[needed]), function).status in (200, 404)
    assert call(new_key(account.slug, account.id, scopes=[f"{needed.split(':')[0]}:*"]), function).status in (200, 404)
    reply = call(new_key(account.slug, account.id, scopes=others), function)
    assert (reply.status, reply.code) == (403, "missing_scope")
    assert needed in reply.json["error"]


# The order of the checks: 401, 415 and 413, 400, 403, 404


@every_endpoint_with_a_body
def test_an_anonymous_caller_with_a_bad_body_gets_401(account: Account, function: str) -> None:
    nobody = replace(account, token=UNKNOWN_TOKENS["other secret"](account.token))
    assert refused(call(nobody, function, raw=MALFORMED_BODY, headers={"content-type": "text/plain"}))


@every_endpoint_with_a_body
def test_the_wrong_media_type_comes_before_the_wrong_body(account: Account, function: str) -> None:
    reply = call(account, function, raw=MALFORMED_BODY, headers={"content-type": "text/plain"})
    assert (reply.status, reply.code) == (415, "unsupported_media_type")


@every_endpoint_with_a_body
def test_a_bad_body_comes_before_a_missing_scope_and_another_account(account: Account, function: str) -> None:
    weak = new_key(account.slug, account.id, scopes=["calls:route"])
    assert call(weak, function, raw=MALFORMED_BODY).status == 400
    body = {"accountSlug": "other-team", **(ENDPOINTS[function].body or {})}
    assert call(account, function, body={**body, "unknown": 1}).status == 400
    assert call(account, function, body=body).code == "account_mismatch"
    assert call(weak, function, body=body).code == "missing_scope"


@every_endpoint
def test_a_malformed_id_comes_after_authentication_and_before_scopes(account: Account, function: str) -> None:
    if not ENDPOINTS[function].path or function == "get_template":
        return
    nobody = replace(account, token=UNKNOWN_TOKENS["other secret"](account.token))
    weak = new_key(
        account.slug, account.id, scopes=["assistants:read" if function != "get_assistant" else "calls:route"]
    )
    body = {"body": {"accountSlug": account.slug, **(ENDPOINTS[function].body or {})}} if function in BODIES else {}
    assert refused(nobody.call(function, "x", **body))  # type: ignore[arg-type]
    assert weak.call(function, "x", **body).code == "malformed_id"  # type: ignore[arg-type]


# Bodies

NO_BODY_NEEDED = {"clone_assistant", "update_phone_number", "update_api_key", "rotate_api_key"}
BAD_BODIES: dict[str, tuple[str, str]] = {
    "empty": ("", "The body is empty; send a JSON object."),
    "spaces": (" \n\t", "The body is empty"),
    "an array": ("[]", "The body is an array; send a JSON object."),
    "a string": ('"x"', "The body is a string"),
    "a number": ("1", "The body is a number"),
    "null": ("null", "The body is null"),
    "true": ("true", "The body is a boolean"),
    "half": ("{", "not valid JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
    "single quotes": ("{'a': 1}", "not valid JSON"),
    "a trailing comma": ('{"accountSlug": "my-team",}', "not valid JSON"),
    "two documents": ("{}{}", "not valid JSON: Extra data at line 1, column 3"),
    "a byte order mark": ("\ufeff{}", "Unexpected UTF-8 BOM"),
    "NaN": ('{"accountSlug": "my-team", "temperature": NaN}', "NaN is not a JSON number"),
    "infinity": ('{"temperature": -Infinity}', "-Infinity is not a JSON number"),
    "deep arrays": ("[" * 100_000, "nested too deeply"),
    "deep objects": ('{"a":' * 100_000, "nested too deeply"),
    "a long number": (f'{{"accountSlug": {"1" * 5_000}}}', "too many digits"),
    "a raw NUL": ('{"accountSlug": "\x00"}', "not valid JSON"),
    "a name twice": ('{"accountSlug": "my-team", "accountSlug": "my-team"}', "accountSlug twice"),
    "a name twice within": ('{"accountSlug": {"a": 1, "a": 2}}', "field a twice"),
    "an account that is no text": ('{"accountSlug": 1}', "must be a string"),
    "an account of nobody": ('{"accountSlug": ""}', "at least 1"),
}


@every_endpoint_with_a_body
@pytest.mark.parametrize("case", BAD_BODIES)
def test_a_bad_body_is_a_400_that_says_why_and_nothing_is_stored(
    account: Account, stored: Stored, function: str, case: str
) -> None:
    if function in NO_BODY_NEEDED and case in ("empty", "spaces"):
        return
    raw, says = BAD_BODIES[case]
    before = stored.items()
    reply = call(account, function, raw=raw)
    assert (reply.status, reply.code) == (400, "invalid_request")
    assert says in reply.json["error"]
    assert len(reply.text) < 3_000
    assert stored.items() == before


@every_endpoint_with_a_body
def test_a_number_beyond_all_floats_is_refused(account: Account, function: str) -> None:
    assert call(account, function, raw='{"accountSlug": 1e999}').status == 400


@every_endpoint_with_a_body
def test_invalid_utf8_is_refused(account: Account, function: str) -> None:
    raw = b64encode(b'{"accountSlug": "\xff"}').decode()
    reply = call(account, function, raw=raw, base64=True)
    assert (reply.status, "UTF-8" in reply.json["error"]) == (400, True)


@every_endpoint_with_a_body
def test_a_base64_body_is_read(account: Account, function: str) -> None:
    body = {"accountSlug": account.slug, **(ENDPOINTS[function].body or {})}
    raw = b64encode(json.dumps(body).encode()).decode()
    assert call(account, function, raw=raw, base64=True).status in (200, 404)


@every_endpoint_with_a_body
def test_more_than_a_mebibyte_is_too_large(account: Account, function: str) -> None:
    for raw in (" " * (1024 * 1024 + 1), '{"name": "' + "é" * 600_000 + '"}'):
        reply = call(account, function, raw=raw)
        assert (reply.status, reply.code) == (413, "body_too_large")
    assert call(account, function, raw=" " * 1024 * 1024).status in (400, 404)


@every_endpoint_with_a_body
@pytest.mark.parametrize(
    ("content_type", "accepted"),
    [
        (None, True), ("application/json", True), ("Application/JSON; charset=utf-8", True),
        ("application/merge-patch+json", True), ("application/json;charset=utf-8", True),
        ("text/plain", False), ("application/x-www-form-urlencoded", False), ("", False), ("application/jsonp", False),
        ("text/json-ish", False), ("multipart/form-data; boundary=application/json", False),
    ],
)  # fmt: skip
def test_json_is_the_only_media_type(account: Account, function: str, content_type: str | None, accepted: bool) -> None:
    reply = call(account, function, headers={"content-type": content_type})
    assert (reply.status != 415) is accepted


@every_endpoint
def test_an_unknown_query_parameter_is_refused_by_name(account: Account, function: str) -> None:
    reply = call(account, function, query={"verbose": "1"})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, "?verbose")


# Responses


@every_endpoint
def test_every_response_carries_the_request_id(account: Account, function: str) -> None:
    good, bad = call(account, function), call(account, function, headers={"authorization": None})
    assert good.headers["x-request-id"] == bad.headers["x-request-id"] == bad.json["request_id"]
    assert bad.json.keys() == {"success", "error", "code", "request_id"}
    assert bad.json["success"] is False


# Round trips


def test_each_endpoint_needs_one_or_two_round_trips(account: Account, calls: list[str]) -> None:
    def trips(reply: Reply) -> list[str]:
        made = [*calls]
        calls.clear()
        assert reply.status == 200, reply.text
        return made

    created = account.call("create_assistant")
    assert trips(created) == ["BatchGetItem", "PutItem"]
    assistant = created.json["assistant"]["id"]
    assert trips(account.call("get_assistant", assistant)) == ["BatchGetItem"]
    assert trips(account.update(assistant, inbound_enabled=True)) == ["BatchGetItem", "UpdateItem"]
    assert trips(account.call("import_phone_number")) == ["BatchGetItem", "TransactWriteItems"]
    assert trips(account.call("import_phone_number")) == ["BatchGetItem"]
    assert trips(account.call("route_call")) == ["BatchGetItem"]
    assert trips(account.assign(assistant, ["pn_14155550101"])) == ["BatchGetItem", "TransactWriteItems"]
    assert trips(account.call("list_phone_numbers")) == ["BatchGetItem", "Query"]
    assert trips(account.call("route_call")) == ["BatchGetItem", "BatchGetItem"]
    other = account.new_assistant()["id"]
    calls.clear()
    assert trips(account.assign(other, ["pn_14155550101"], reassign=True)) == ["BatchGetItem", "TransactWriteItems"]
    assert trips(account.call("list_assistants")) == ["BatchGetItem", "Query"]
    assert trips(account.call("list_assistants", query={"name": "x", "type": "custom"})) == ["BatchGetItem", "Query"]
    assert trips(account.call("list_assignable_numbers", other)) == ["BatchGetItem", "Query"]
    assert trips(account.call("clone_assistant", other)) == ["BatchGetItem", "PutItem"]
    assert trips(account.call("delete_assistant", assistant)) == ["BatchGetItem", "TransactWriteItems"]
    assert trips(account.call("list_templates")) == ["BatchGetItem"]
    assert trips(account.call("get_template")) == ["BatchGetItem"]
    assert trips(account.call("get_phone_number")) == ["BatchGetItem"]
    assert trips(account.call("update_phone_number")) == ["BatchGetItem", "UpdateItem"]
    assert trips(account.force("delete_phone_number", "pn_14155550101")) == ["BatchGetItem", "TransactWriteItems"]
    assert trips(account.force("delete_assistant", other)) == ["BatchGetItem", "TransactWriteItems"]


def test_each_endpoint_about_keys_needs_two_round_trips_and_leaving_another_in_charge_three(
    account: Account, calls: list[str]
) -> None:
    def trips(reply: Reply) -> list[str]:
        made = [*calls]
        calls.clear()
        assert reply.status == 200, reply.text
        return made

    created = account.call("create_api_key", body={"name": "x", "scopes": ["*"]})
    assert trips(created) == ["BatchGetItem", "PutItem"]
    key = created.json["api_key"]["id"]
    assert trips(account.call("test_api_key")) == ["BatchGetItem"]
    assert trips(account.call("list_api_keys")) == ["BatchGetItem", "Query"]
    assert trips(account.call("update_api_key", key, body={"name": "y"})) == ["BatchGetItem", "UpdateItem"]
    rotated = account.call("rotate_api_key", key, body={})
    assert trips(rotated) == ["BatchGetItem", "TransactWriteItems"]
    assert trips(account.call("update_api_key", key, body={"is_active": False})) == [
        "BatchGetItem", "TransactWriteItems",
    ]  # fmt: skip
    assert trips(account.call("delete_api_key", key)) == ["BatchGetItem", "TransactWriteItems"]
    assert trips(account.call("delete_api_key", account.key_id)) == ["BatchGetItem", "Query", "TransactWriteItems"]
    heir = Account(account.slug, account.id, rotated.json["full_key"])
    assert trips(heir.force("delete_api_key", rotated.json["api_key"]["id"])) == ["BatchGetItem", "TransactWriteItems"]


@every_endpoint
def test_a_refused_request_needs_at_most_one_round_trip(account: Account, calls: list[str], function: str) -> None:
    weak = new_key(account.slug, account.id, scopes=["calls:route" if function != "route_call" else "assistants:read"])
    calls.clear()
    assert call(weak, function).status == 403
    assert calls == ["BatchGetItem"]
    if function in BODIES:
        assert call(account, function, raw=MALFORMED_BODY).status == 400
        assert calls == ["BatchGetItem"] * 2


# Logs and imports


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """All that was logged since the test began and printed since the last call: metrics are printed."""
    logged = io.StringIO()
    for handler in http.logger.handlers:
        if type(handler) is logging.StreamHandler:
            monkeypatch.setattr(handler, "stream", logged)
    return lambda: logged.getvalue() + capsys.readouterr().out


@every_endpoint
def test_logs_hold_no_token_no_prompt_and_no_phone_number(
    account: Account, function: str, output: Callable[[], str], table: Table
) -> None:
    secret = "the prompt of the caller"
    for body in ({}, {"system_prompt": secret}, {"phoneNumber": "+14155550101", "label": secret}, {"name": secret}):
        call(account, function, **({"body": {"accountSlug": account.slug, **body}} if function in BODIES else {}))
    call(account, function)
    call(account, function, headers={"authorization": f"Bearer {account.token}x"})
    corrupt = {"system_prompt": {"S": secret}, "name": {"S": secret}}
    key = {"PK": {"S": f"ACCOUNT#{account.id}"}, "SK": {"S": f"ASSISTANT#{UNKNOWN}"}}
    table.client.put_item(TableName=table.name, Item=key | corrupt)
    call(account, function)
    logged = output()
    assert '"outcome":' in logged
    assert "refused" in logged
    for hidden in (account.token, account.token[10:-6], secret, "4155550101"):
        assert hidden not in logged


def test_a_corrupt_item_is_our_fault_and_told_without_detail(
    account: Account, table: Table, output: Callable[[], str]
) -> None:
    key = {"PK": {"S": f"ACCOUNT#{account.id}"}, "SK": {"S": f"ASSISTANT#{UNKNOWN}"}}
    table.client.put_item(TableName=table.name, Item=key)
    reply = call(account, "get_assistant")
    assert (reply.status, reply.code) == (500, "internal_error")
    assert reply.json.keys() == {"success", "error", "code", "request_id"}
    assert "ValidationError" not in reply.text
    logged = output()
    assert "ValidationError" in logged
    assert reply.json["request_id"] in logged


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (injection.lost_request(), "EndpointConnectionError"),
        (injection.refused("ThrottlingException"), "ThrottlingException"),
        (injection.cancelled("None", "TransactionConflict"), "TransactionCanceledException TransactionConflict"),
    ],
)
def test_the_log_tells_what_kept_the_database_from_answering(
    account: Account,
    table: Table,
    output: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
    cause: str,
) -> None:
    monkeypatch.setattr("assistants_api.storage.table.BACKOFF_BASE", 0)
    with injected(table.client, fault):
        assert call(account, "get_assistant").status == 503
    assert f'"cause":"{cause}"' in output()


def test_one_request_is_one_count_by_endpoint_and_outcome(account: Account, output: Callable[[], str]) -> None:
    output()
    call(account, "list_phone_numbers")
    call(account, "get_assistant")
    metrics = [json.loads(line) for line in output().splitlines() if '"_aws"' in line]
    assert [(metric["endpoint"], metric["outcome"], metric["Requests"]) for metric in metrics] == [
        ("GET /api/phone-numbers", "ok", [1.0]),
        ("GET /api/assistants/{assistantId}", "assistant_not_found", [1.0]),
    ]


def imported_by(function: str) -> set[str]:
    command = [sys.executable, "tests/endpoints/programs/print_imported.py", function]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    return set(done.stdout.split())


def test_reading_an_assistant_imports_neither_provisioning_nor_phone_numbers_nor_templates() -> None:
    imported = imported_by("get_assistant")
    assert "assistants_api.storage.assistants" in imported
    assert not {name for name in imported if "phone_number" in name or "account" in name or "templates" in name}
    assert not imported & {"aws_xray_sdk", "tomllib", "difflib", "requests", "moto"}


def test_answering_an_unknown_route_imports_no_database() -> None:
    assert not imported_by("reject_unknown_route") & {"boto3", "assistants_api.storage"}
