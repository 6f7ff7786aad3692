"""Calls: how they end, the list of them, their counts, and what whoever answers one is told."""

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, Reply, load_handler, new_key_without, race, sample
from tests.telnyx import TELNYX, signed_by_telnyx
from tests.webhooks import (
    CALL_ID,
    CALLER,
    NUMBER,
    SAY,
    answering,
    connected,
    event_of,
    ring,
    ringing,
    said,
    send,
    signed,
    stream,
)

PROMPT = "You answer for {{account.name}}. {{contact.phone}} calls. Hi {{contact.first_name|there}} {{company.name}}"


@pytest.fixture
def assistant(account: Account) -> str:
    return answering(account, "custom", system_prompt=PROMPT)


@pytest.fixture
def connection(account: Account, assistant: str) -> str:
    return connected(account)


def end(connection: str, status: str = "completed", seconds: str | None = "90", call_id: str = CALL_ID) -> Reply:
    form = {"CallSid": call_id, "CallStatus": status, **({} if seconds is None else {"CallDuration": seconds})}
    return send(signed(connection, form, "record_call_status"), "record_call_status")


def listed(account: Account, **query: str) -> list[dict[str, Any]]:
    return [call for page in account.pages("list_calls", **query) for call in page["calls"]]


def stats(account: Account, assistant: str) -> Any:
    return account.call("get_usage_stats", assistant).json


# The end of a call


def test_the_end_of_a_call_is_recorded_and_counted(account: Account, assistant: str, connection: str) -> None:
    ring(connection)
    (started,) = listed(account)
    assert (started["status"], started["ended_at"], started["duration_seconds"]) == ("started", None, None)
    assert stats(account, assistant)["totalCalls"] == 0
    assert end(connection).status == 204
    (ended,) = listed(account)
    assert (ended["status"], ended["duration_seconds"], ended["assistant_id"]) == ("completed", 90, assistant)
    counted = stats(account, assistant)
    assert (counted["totalCalls"], counted["totalMinutes"], counted["avgDurationMinutes"]) == (1, 1.5, 1.5)
    assert counted["completedCallsWithDuration"] == 1
    assert counted["timeline"] == {
        name: {"calls": 1, "minutes": 1.5} for name in ("today", "last7Days", "last30Days", "last365Days")
    }
    assert counted["dailySeries"][-1] == {"date": started["started_at"][:10], "calls": 1, "minutes": 1.5}
    assert len(counted["dailySeries"]) == 30


@pytest.mark.parametrize("status", ["busy", "failed", "no-answer", "canceled", "completed"])
def test_a_call_may_end_in_other_ways(account: Account, assistant: str, connection: str, status: str) -> None:
    ring(connection)
    end(connection, status, seconds=None)
    (ended,) = listed(account)
    assert (ended["status"], ended["duration_seconds"]) == (status, 0)
    counted = stats(account, assistant)
    assert (counted["totalCalls"], counted["completedCallsWithDuration"], counted["avgDurationMinutes"]) == (1, 0, 0)


def test_a_call_is_counted_once_however_often_the_carrier_tells(
    account: Account, assistant: str, connection: str, table: Table
) -> None:
    ring(connection)
    race(table, "TransactWriteItems", lambda: end(connection, seconds="60"))
    assert [end(connection).status for _ in range(3)] == [204] * 3
    assert listed(account)[0]["duration_seconds"] == 60
    assert stats(account, assistant)["totalMinutes"] == 1


@pytest.mark.parametrize("status", ["ringing", "in-progress", "queued", "", "COMPLETED", "unheard-of"])
def test_what_is_no_end_changes_nothing(account: Account, connection: str, stored: Stored, status: str) -> None:
    ring(connection)
    before = stored.items()
    assert end(connection, status).status == 204
    assert stored.items() == before


def test_the_end_of_a_call_that_nobody_heard_of_changes_nothing(connection: str, stored: Stored) -> None:
    before = stored.items()
    assert [end(connection, call_id=it).status for it in ("CA9", "", "é", "x" * 200)] == [204] * 4
    assert stored.items() == before


@pytest.mark.parametrize("seconds", ["-1", "1e9", "1.5", "", "x", "9" * 400])
def test_a_duration_that_is_none_counts_for_nothing(
    account: Account, assistant: str, connection: str, seconds: str
) -> None:
    ring(connection)
    assert end(connection, seconds=seconds).status == 204
    assert stats(account, assistant)["totalMinutes"] == 0


def test_telnyx_tells_the_end_of_a_call_too(account: Account, assistant: str) -> None:
    connection = connected(account, **TELNYX)
    send(signed_by_telnyx(connection, ringing()))
    form = {"CallSid": CALL_ID, "CallStatus": "completed", "CallDuration": "60"}
    ended = signed_by_telnyx(connection, form, function="record_call_status")
    assert send(ended, "record_call_status").status == 204
    assert (listed(account)[0]["status"], stats(account, assistant)["totalMinutes"]) == ("completed", 1)


@pytest.mark.parametrize("carrier", ["twilio", "telnyx"])
def test_only_the_carrier_ends_a_call(
    account: Account, assistant: str, stored: Stored, calls: list[str], carrier: str
) -> None:
    form = {"CallSid": CALL_ID, "CallStatus": "completed"}
    if carrier == "twilio":
        connection = connected(account)
        ring(connection)
        wrong = [signed(connection, {**form, "CallDuration": "1"}, "record_call_status") | {"body": b64encode(b"x")}]
    else:
        connection = connected(account, **TELNYX)
        send(signed_by_telnyx(connection, ringing()))
        status = "record_call_status"
        wrong = [signed_by_telnyx(connection, form, late, status) for late in (-301, 301)]
        wrong.append(signed_by_telnyx(connection, ringing(), function=status) | {"body": b64encode(b"x")})
    before = stored.items()
    calls.clear()
    unsigned = event_of("record_call_status", connection, form, carrier)
    assert (send(unsigned, "record_call_status").code, calls) == ("not_signed", [])
    for event in wrong:
        calls.clear()
        assert (send(event, "record_call_status").code, calls) == ("not_signed", ["BatchGetItem"])
    assert stored.items() == before


# The list


def test_calls_are_listed_newest_first_with_those_that_nobody_answered(
    account: Account, other_account: Account, assistant: str, connection: str
) -> None:
    for number in range(3):
        ring(connection, CallSid=f"CA{number}", From=f"+1415555010{number}")
    account.assign(assistant, [])
    assert said(ring(connection, CallSid="CA3")) == SAY["text"]
    calls = listed(account, limit="2")
    assert sorted(call["id"] for call in calls) == ["CA0", "CA1", "CA2", "CA3"]
    assert calls == sorted(calls, key=lambda call: (call["started_at"], call["id"]), reverse=True)
    assert listed(other_account) == []
    by_id = {call["id"]: call for call in calls}
    assert by_id["CA3"].items() >= {"reason": "unassigned", "assistant_id": None, "assistant_version": None}.items()
    assert [it["id"] for it in listed(account, reason="unassigned")] == ["CA3"]
    assert [it["id"] for it in listed(account, from_number="+14155550101")] == ["CA1"]
    assert [it["id"] for it in listed(account, assistant_id=assistant, limit="1")] == ["CA2", "CA1", "CA0"]
    assert listed(account, to_number="+14155550102") == listed(account, status="completed") == []


# What whoever answers is told


def ask(token: str, call_id: str = CALL_ID, **headers: str) -> Reply:
    event = sample("get_call")
    event["pathParameters"]["callId"] = call_id
    event["headers"] |= {"authorization": f"Bearer {token}"} | headers
    response = load_handler("get_call")(event, None)
    return Reply(response["statusCode"], response["headers"], response["body"])


def token_of(reply: Reply) -> str:
    url, _ = stream(reply)
    return url.rpartition("/")[2]


def test_a_call_token_shows_the_assistant_with_its_prompts_rendered(
    account: Account, assistant: str, connection: str, calls: list[str]
) -> None:
    token = token_of(ring(connection))
    account.update(assistant, system_prompt="changed since")
    calls.clear()
    reply = ask(token)
    assert (reply.status, calls) == (200, ["BatchGetItem"])
    assert reply.headers["cache-control"] == "no-store"
    shown = reply.json["assistant"]
    assert shown["system_prompt"] == f"You answer for My-Team. {CALLER} calls. Hi there "
    assert (shown["id"], shown["version"]) == (assistant, 2)
    assert reply.json["missing"] == ["company.name"]
    assert reply.json["call"].items() >= {"id": CALL_ID, "from_number": CALLER, "to_number": NUMBER}.items()


def test_a_call_token_opens_its_call_alone(account: Account, connection: str, calls: list[str]) -> None:
    token = token_of(ring(connection))
    ring(connection, CallSid="CA2")
    calls.clear()
    for reply in (ask(token, "CA2"), ask(token[:-1]), ask(""), ask(account.token), ask(token, authorization="Basic x")):
        assert (reply.status, reply.code) == (401, "unauthenticated")
    assert calls == []
    assert account.call("get_assistant", "asst_x", headers={"authorization": f"Bearer {token}"}).status == 401


def test_a_call_that_is_gone_is_a_404(account: Account, connection: str, table: Table) -> None:
    token = token_of(ring(connection))
    (call,) = listed(account)
    key = {"PK": {"S": f"ACCOUNT#{account.id}"}, "SK": {"S": f"CALL#{call['started_at']}#{CALL_ID}"}}
    table.client.delete_item(TableName=table.name, Key=key)
    assert ask(token).code == "call_not_found"


def test_calls_are_found_by_the_time_at_which_they_started(
    account: Account, connection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, started_at in enumerate(("2026-11-25T23:59:59Z", "2026-11-26T00:00:00Z", "2026-11-26T10:00:00Z")):
        monkeypatch.setattr("assistants_api.storage.calls.timestamp", lambda at=started_at: at)
        ring(connection, CallSid=f"CA{number}")

    def found(**query: str) -> list[str]:
        return [call["id"] for call in listed(account, limit="1", **query)]

    assert found() == ["CA2", "CA1", "CA0"]
    assert found(started_from="2026-11-26") == ["CA2", "CA1"]
    assert found(started_before="2026-11-26") == ["CA0"]
    assert found(started_from="2026-11-26", started_before="2026-11-26T10:00:00Z") == ["CA1"]
    for plus in ("+", " "):  # as which it arrives if it was not escaped
        assert found(started_from=f"2026-11-26T11:00:00{plus}01:00", to_number=NUMBER) == ["CA2"]
    assert found(started_from="2026-11-26", started_before="2026-11-26") == []
    assert found(started_from="2026-11-26", reason="unassigned") == []


def test_a_page_of_a_time_reads_the_calls_of_that_time_alone(account: Account, connection: str, table: Table) -> None:
    ring(connection)
    asked: list[Any] = []
    table.client.meta.events.register("before-call.dynamodb.Query", lambda params, **_: asked.append(params))
    listed(account, started_from="2026-11-26", started_before="2026-11-27")
    (request,) = [json.loads(params["body"]) for params in asked]
    assert "BETWEEN" in request["KeyConditionExpression"]
    assert "FilterExpression" not in request


@pytest.mark.parametrize(
    "query",
    [
        {"started_from": "yesterday"},
        {"started_from": "2026-11-26T10:00:00"},
        {"started_from": "2026-11-26 10:00"},
        {"started_from": "2026-11-26T10:00:00 Z"},
        {"started_before": "0001-01-01T00:00:00+23:00"},
        {"started_before": "1764151200"},
        {"started_from": "2026-11-27", "started_before": "2026-11-26"},
    ],
)
def test_a_time_that_is_none_is_refused(account: Account, query: dict[str, str]) -> None:
    reply = account.call("list_calls", query=query)
    assert (reply.status, reply.code) == (400, "invalid_request")
    assert "started_" in reply.text


def test_the_list_needs_its_scope(account: Account) -> None:
    assert new_key_without("calls:read", account).call("list_calls").code == "missing_scope"


def test_a_log_line_holds_no_number_and_no_token(connection: str, output: Callable[[], str]) -> None:
    token = token_of(ring(connection))
    ask(token)
    end(connection)
    log = output()
    assert not [text for text in (NUMBER, CALLER, token, ringing()["From"]) if text in log]
