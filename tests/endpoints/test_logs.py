"""What the logs and metrics of the endpoints tell, and what they must not."""

import json
import re
from collections.abc import Callable

import pytest

from assistants_api.storage import rate_limits
from assistants_api.storage.table import Table
from tests.catalogue import ASSISTANT_ID, ENDPOINTS, WITH_BODY, Function
from tests.faults import injection
from tests.faults.injection import Fault, injected
from tests.harness import Account, admin

SECRET = "the prompt of the caller"
NUMBER = "+14155550101"

Output = Callable[[], str]


def store_corrupt_assistant(account: Account, table: Table, **attributes: str) -> None:
    item = {"PK": f"ACCOUNT#{account.id}", "SK": f"ASSISTANT#{ASSISTANT_ID}", **attributes}
    table.client.put_item(TableName=table.name, Item={name: {"S": value} for name, value in item.items()})


def check_nothing_secret(logged: str, account: Account) -> None:
    assert '"outcome":' in logged
    for secret in (account.token, account.token[10:-6], SECRET, NUMBER.removeprefix("+1")):
        assert secret not in logged


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_logs_hold_no_token_no_phone_number_and_nothing_of_a_corrupt_item(
    account: Account, table: Table, output: Output, endpoint: Function
) -> None:
    account.call(endpoint.name)
    assert account.call(endpoint.name, headers={"authorization": f"Bearer {account.token}x"}).status == 401
    store_corrupt_assistant(account, table, system_prompt=SECRET, name=SECRET)
    account.call(endpoint.name)
    logged = output()
    assert '"outcome":"unauthenticated"' in logged
    check_nothing_secret(logged, account)


@pytest.mark.parametrize("endpoint", WITH_BODY)
@pytest.mark.parametrize(
    "body",
    [{}, {"system_prompt": SECRET}, {"phoneNumber": NUMBER, "label": SECRET}, {"name": SECRET}],
    ids=["empty", "prompt", "number", "name"],
)
def test_logs_hold_nothing_of_a_body(
    account: Account, output: Output, endpoint: Function, body: dict[str, object]
) -> None:
    account.call(endpoint.name, body={"accountSlug": account.slug, **body})
    check_nothing_secret(output(), account)


def test_a_bug_is_a_500_without_detail_and_the_log_tells_why(
    account: Account, table: Table, output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(rate_limits, "count")
    reply = account.call("get_assistant")
    assert (reply.status, reply.code) == (500, "internal_error")
    assert reply.json.keys() == {"success", "error", "code", "request_id"}
    assert "AttributeError" not in reply.text
    logged = output()
    assert "AttributeError" in logged
    assert reply.json["request_id"] in logged


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (injection.lost_request(), "EndpointConnectionError"),
        (injection.refused("ThrottlingException"), "ThrottlingException"),
        (injection.cancelled("None", "TransactionConflict"), "TransactionCanceledException TransactionConflict"),
    ],
    ids=["lost request", "throttling", "conflict"],
)
def test_the_log_tells_why_the_database_did_not_answer(
    account: Account, table: Table, output: Output, monkeypatch: pytest.MonkeyPatch, fault: Fault, cause: str
) -> None:
    monkeypatch.setattr("assistants_api.storage.client.BACKOFF_BASE", 0)
    monkeypatch.setattr("assistants_api.storage.table.REQUEST_SECONDS", 1)  # until a conflict is given up
    with injected(table.client, fault):
        assert account.call("get_assistant").status == 503
    assert f'"cause":"{cause}"' in output()


def test_lambda_can_tell_the_level_of_a_line(account: Account, output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a line whose time is not as RFC 3339 has it, Lambda takes the level for INFO and drops it at LogLevel=WARN."""
    monkeypatch.delattr(rate_limits, "count")
    account.call("get_assistant")
    (line,) = (json.loads(line) for line in output().splitlines() if '"message":"failed"' in line)
    assert line["level"] == "ERROR"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:Z|[+-]\d\d:\d\d)", line["timestamp"])


def test_one_request_is_one_count_by_group_and_class_with_endpoint_and_outcome_beside_it(
    account: Account, output: Output
) -> None:
    output()
    account.call("list_phone_numbers")
    account.call("get_assistant")
    metrics = [json.loads(line) for line in output().splitlines() if '"_aws"' in line]
    assert [(it["group"], it["class"], it["route"], it["outcome"], it["Requests"]) for it in metrics] == [
        ("phone_numbers", "ok", "GET /api/phone-numbers", "ok", 1),
        ("assistants", "client_error", "GET /api/assistants/{assistantId}", "assistant_not_found", 1),
    ]


@pytest.mark.parametrize("action", ["transfer_phone_number", "free_phone_number"])
@pytest.mark.parametrize(
    "written", [NUMBER, NUMBER[1:], f"pn_{NUMBER[1:]}", f" {NUMBER}", [NUMBER], {"number": NUMBER}]
)
@pytest.mark.parametrize("stands", [True, False])
def test_the_operators_log_has_four_digits_of_a_number_whatever_becomes_of_it(
    account: Account, other_account: Account, output: Output, action: str, written: object, stands: bool
) -> None:
    if stands:
        account.new_number(NUMBER)
    output()
    admin(action, slug=account.slug, to_slug=other_account.slug, phone_number=written)
    logged = output()
    assert '"phone_number":"pn_...' in logged
    assert NUMBER[2:] not in logged
