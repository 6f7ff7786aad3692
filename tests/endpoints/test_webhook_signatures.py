"""The carrier's signature is the login of its webhook."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Stored
from tests.harness import Account
from tests.telnyx import TELNYX, signed_by_telnyx
from tests.webhooks import (
    HOST,
    NUMBER,
    answering,
    connected,
    event_of,
    ring,
    ringing,
    send,
    signed,
    stream,
    twilio_signature,
)


@pytest.fixture
def assistant(account: Account) -> str:
    """One that answers the number."""
    return answering(account)


@pytest.fixture
def connection(account: Account, assistant: str) -> str:
    return connected(account)


def refuse(event: Any, calls: list[str], *expected: str) -> None:
    calls.clear()
    reply = send(event)
    assert (reply.status, reply.code) == (403, "not_signed")
    assert calls == list(expected)


def test_an_unsigned_request_is_refused_without_a_call_to_the_database(
    account: Account, connection: str, calls: list[str], stored: Stored
) -> None:
    before = stored.items()
    refuse(event_of("answer_call", connection, ringing()), calls)
    refuse(signed("conn_x", ringing()), calls)
    refuse(signed(connection, ringing(), carrier="telnyx"), calls)
    refuse(signed(connection, ringing(), carrier="vonage"), calls)
    assert stored.items() == before


def test_a_wrong_signature_is_refused_after_the_read_of_the_connection(
    other_account: Account, connection: str, calls: list[str], stored: Stored, output: Callable[[], str]
) -> None:
    others = connected(other_account, authToken="9" * 32)
    before = stored.items()
    good = signed(connection, ringing())
    for changed in (
        signed(others, ringing()),
        good | {"body": signed(connection, ringing(To="+14155550102"))["body"]},
        good | {"rawPath": good["rawPath"].replace("voice", "status")},
        {**good, "headers": {**good["headers"], "x-twilio-signature": "x"}},
        {**good, "requestContext": {**good["requestContext"], "domainName": "evil.example.com"}},
        signed("conn_" + "0" * 52, ringing()),
        signed_by_telnyx(connection, ringing()),
    ):
        output()
        refuse(changed, calls, "BatchGetItem")
        assert output().count('"not_signed"') == 1
    assert stored.items() == before


def test_a_forwarded_header_is_not_trusted(connection: str, calls: list[str]) -> None:
    event = event_of("answer_call", connection, ringing())
    event["headers"] |= {
        "x-forwarded-host": "evil.example.com",
        "x-twilio-signature": twilio_signature(f"https://evil.example.com{event['rawPath']}", ringing()),
    }
    refuse(event, calls, "BatchGetItem")


@pytest.mark.parametrize(
    "base", ["https://calls.example.com", "https://calls.example.com:8443/voice/", "http://a.example"]
)
def test_the_public_address_may_be_that_of_a_proxy(connection: str, monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    event = event_of("answer_call", connection, ringing())
    event["headers"]["x-twilio-signature"] = twilio_signature(f"{base.rstrip('/')}{event['rawPath']}", ringing())
    assert send(event).status == 403
    monkeypatch.setenv("PUBLIC_BASE_URL", base)
    stream(send(event))


def test_a_proxy_may_add_to_the_query(connection: str) -> None:
    """Nothing is read from it."""
    event = event_of("answer_call", connection, ringing())
    event["headers"]["x-twilio-signature"] = twilio_signature(HOST + event["rawPath"], ringing())
    event |= {"rawQueryString": "To=%2B14155550102&added=1", "queryStringParameters": {"To": "+14155550102"}}
    _, parameters = stream(send(event))
    assert parameters["to_number"] == NUMBER


def test_a_stage_in_the_path_may_be_hidden_by_a_custom_domain(connection: str) -> None:
    event = event_of("answer_call", connection, ringing())
    path = event["rawPath"]
    event["rawPath"], event["requestContext"]["stage"] = f"/prod{path}", "prod"
    for url in (f"{HOST}{path}", f"{HOST}/prod{path}", f"{HOST}:443{path}"):
        event["headers"]["x-twilio-signature"] = twilio_signature(url, ringing())
        stream(send(event))


def test_a_rule_signature_of_twilio_needs_the_shared_key(account: Account, assistant: str, calls: list[str]) -> None:
    connection = connected(account, sharedKey="shared")
    event = event_of("answer_call", connection, ringing())
    event["headers"] |= {
        "x-twilio-webhooks-signature-settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256",
        "x-twilio-signature": twilio_signature(HOST + event["rawPath"], ringing(), "shared", "sha256"),
    }
    stream(send(event))
    account.call("update_telephony_connection", connection, body={"sharedKey": None})
    refuse(event, calls, "BatchGetItem")


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_late_or_early_signature_of_telnyx_is_refused(
    account: Account, assistant: str, calls: list[str], seconds: int
) -> None:

    event = signed_by_telnyx(connected(account, **TELNYX), ringing(), seconds)
    refuse(event, calls, "BatchGetItem")


@pytest.mark.parametrize("text", ['"><Hangup/>', "</Parameter><Dial>+1900</Dial>", "&lt;Say&gt;", "\x00\x1b", "]]>"])
def test_what_a_caller_calls_itself_becomes_no_markup(connection: str, text: str) -> None:
    _, parameters = stream(ring(connection, From=text))
    assert parameters.keys() == {"assistant_id", "assistant_version", "from_number", "to_number", "call_id"}


def test_a_body_that_is_too_long_is_refused_unread(connection: str, calls: list[str]) -> None:
    reply = send(signed(connection, ringing(Long="x" * 70_000)))
    assert (reply.status, calls) == (413, [])
