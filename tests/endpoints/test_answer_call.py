"""A carrier's webhook: the call reaches the assistant that holds the called number, or the fallback. It is always
answered."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from assistants_api import auth
from assistants_api.models.call import ANSWER_SECONDS
from assistants_api.storage import credentials
from assistants_api.storage.table import Table
from assistants_api.telephony import call_tokens
from tests.conftest import Stored
from tests.harness import Account, race
from tests.telnyx import TELNYX, signed_by_telnyx
from tests.webhooks import (
    CALL_ID,
    CALLER,
    NUMBER,
    SAY,
    STREAM,
    answering,
    connected,
    elements,
    ring,
    ringing,
    said,
    send,
    signed,
    stream,
)

SIP = {"kind": "sip", "uri": "sips:bot@sip.example.com", "username": "bot", "password": "p&ss"}


@pytest.fixture
def assistant(account: Account) -> str:
    """One that answers the number."""
    return answering(account)


@pytest.fixture
def connection(account: Account, assistant: str) -> str:
    return connected(account)


# Routed


@pytest.mark.parametrize("carrier", ["twilio", "telnyx"])
def test_a_call_opens_a_stream_with_what_the_worker_needs(account: Account, assistant: str, carrier: str) -> None:
    connection = connected(account) if carrier == "twilio" else connected(account, **TELNYX)
    event = signed(connection, ringing()) if carrier == "twilio" else signed_by_telnyx(connection, ringing())
    url, parameters = stream(send(event))
    base, _, token = url.rpartition("/")
    assert base == STREAM["url"]
    assert parameters == {
        "assistant_id": assistant,
        "assistant_version": str(account.get(assistant)["version"]),
        "from_number": CALLER,
        "to_number": NUMBER,
        "call_id": CALL_ID,
    }
    call = call_tokens.verify(token, datetime.now().astimezone(), auth.accepted_secrets())
    assert (call.account_id, call.connection_id, call.assistant_id) == (account.id, connection, assistant)
    later = datetime.now().astimezone() + timedelta(seconds=61)
    with pytest.raises(Exception, match="has expired"):
        call_tokens.verify(token, later, auth.accepted_secrets())


def test_a_call_goes_to_a_sip_endpoint_with_its_login(account: Account, assistant: str) -> None:
    dial, sip = elements(ring(account.new_connection(media=SIP)))
    assert (dial.tag, sip.tag, sip.attrib) == ("Dial", "Sip", {"username": "bot", "password": "p&ss"})
    assert (sip.text or "").startswith(f"sips:bot@sip.example.com?X-Assistant-Id={assistant}&")


def test_a_call_goes_to_an_agent_at_pipecat_cloud(account: Account, assistant: str) -> None:
    url, parameters = stream(ring(account.new_connection(media={"kind": "pipecat-cloud", "agent": "sales.my-org"})))
    assert url == "wss://api.pipecat.daily.co/ws/twilio"
    assert parameters["_pipecatCloudServiceHost"] == "sales.my-org"
    assert parameters["call_token"]


def test_a_caller_stays_with_a_version_of_a_pinned_number(account: Account, assistant: str, connection: str) -> None:
    account.update(assistant, temperature=0.3)
    pin = [{"version": 2, "weight": 50}, {"version": 3, "weight": 50}]
    account.call("update_phone_number", "pn_14155550101", body={"versions": pin})
    callers = [f"+1415555{caller:04}" for caller in range(8)]
    routed = [account.call("route_call", NUMBER, query={"caller": it}).json["assistant_version"] for it in callers]
    told = [stream(ring(connection, CallSid=f"CA{it[1:]}", From=it))[1]["assistant_version"] for it in callers]
    assert told == [str(version) for version in routed]
    assert set(told) == {"2", "3"}


@pytest.mark.parametrize("form", ["14155550101", "sip:+14155550101@sip.example.com", "+1 (415) 555-0101"])
def test_the_called_number_may_be_written_as_carriers_do(assistant: str, connection: str, form: str) -> None:
    _, parameters = stream(ring(connection, To=form))
    assert (parameters["assistant_id"], parameters["to_number"]) == (assistant, NUMBER)


# Not routed


def unassign(account: Account, assistant: str) -> None:
    account.assign(assistant, [])


def suspend(account: Account, assistant: str) -> None:
    account.call("update_phone_number", "pn_14155550101", body={"status": "suspended"})


def disable(account: Account, assistant: str) -> None:
    account.update(assistant, inbound_enabled=False)


def give_up(account: Account, assistant: str) -> None:
    unassign(account, assistant)
    assert account.call("delete_phone_number", "pn_14155550101").status == 200


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (unassign, "unassigned"),
        (suspend, "number_not_active"),
        (disable, "inbound_disabled"),
        (give_up, "unknown_number"),
    ],
)
def test_a_call_that_no_assistant_answers_gets_the_fallback(
    account: Account,
    assistant: str,
    connection: str,
    output: Callable[[], str],
    change: Callable[[Account, str], None],
    reason: str,
) -> None:
    change(account, assistant)
    assert said(ring(connection)) == SAY["text"]
    assert f'"outcome":"{reason}"' in output().replace(" ", "")


@pytest.mark.parametrize(
    ("fallback", "tag", "text"),
    [
        (SAY, "Say", SAY["text"]),
        ({"kind": "dial", "number": "+14155550102"}, "Number", "+14155550102"),
        ({"kind": "reject"}, "Reject", None),
    ],
)
def test_the_number_may_say_another_fallback_than_the_connection(
    account: Account, assistant: str, fallback: dict[str, str], tag: str, text: str | None
) -> None:
    unassign(account, assistant)
    connection = account.new_connection(media=STREAM, fallback={"kind": "say", "text": "the connection's"})
    changed = account.call("update_phone_number", "pn_14155550101", body={"fallback": fallback})
    assert changed.json["phone_number"]["fallback"] == fallback
    assert [(each.tag, each.text) for each in elements(ring(connection))][-1] == (tag, text)
    account.call("update_phone_number", "pn_14155550101", body={"fallback": None})
    assert said(ring(connection, CallSid="CA2")) == "the connection's"


def test_a_connection_without_media_answers_with_its_fallback(account: Account, assistant: str) -> None:
    assert said(ring(account.new_connection(fallback=SAY))) == SAY["text"]


@pytest.mark.parametrize("form", [{"To": ""}, {"To": "sip:a@example.com"}, {"To": "x" * 5000}, {"From": "Anonymous"}])
@pytest.mark.parametrize("call_id", [CALL_ID, "", "é", "x" * 200, "a#b"])
def test_a_call_is_answered_whatever_its_parameters_are(
    account: Account, connection: str, form: dict[str, str], call_id: str
) -> None:
    assert ring(connection, **form, CallSid=call_id).status == 200


def test_a_parameter_that_is_sent_twice_is_not_guessed(connection: str) -> None:
    form = [*ringing().items(), ("To", "+14155550102")]
    assert said(send(signed(connection, form))) == SAY["text"]


# The same answer


def move(account: Account, assistant: str) -> None:
    other = account.new_assistant(inbound_enabled=True)["id"]
    assert account.assign(other, ["pn_14155550101"], reassign=True).status == 200


def edit(account: Account, assistant: str) -> None:
    assert account.update(assistant, temperature=0.9).status == 200


@pytest.mark.parametrize("change", [move, edit, unassign, suspend, disable, give_up])
def test_a_repeated_webhook_of_a_call_gets_the_same_answer(
    account: Account, assistant: str, connection: str, stored: Stored, change: Callable[[Account, str], None]
) -> None:
    first = ring(connection)
    change(account, assistant)
    before = stored.items()
    assert ring(connection).text == first.text
    assert stored.items() == before


def test_a_repeated_webhook_of_a_call_that_was_not_routed_is_not_routed(
    account: Account, assistant: str, connection: str
) -> None:
    unassign(account, assistant)
    ring(connection)
    account.assign(assistant, ["pn_14155550101"])
    assert said(ring(connection)) == SAY["text"]


@pytest.mark.parametrize("media", [STREAM, SIP])
def test_a_webhook_that_is_sent_again_after_a_minute_opens_nothing(
    account: Account, assistant: str, media: dict[str, str], monkeypatch: pytest.MonkeyPatch, output: Callable[[], str]
) -> None:
    connection = account.new_connection(media=media, fallback=SAY)
    assert SAY["text"] not in ring(connection).text
    monkeypatch.setattr(time, "time", lambda now=time.time: now() + ANSWER_SECONDS)
    assert said(ring(connection)) == SAY["text"]
    assert "no longer waits" in output()


@pytest.mark.parametrize(
    "form",
    [
        {"CallSid": f"{CALL_ID}CallStatusringing", "Digits": "", "From": CALLER, "To": NUMBER},
        {"CallSid": f"{CALL_ID}Call", "Status": f"ringingDigitsFrom{CALLER}", "To": NUMBER},
    ],
)
def test_a_signed_request_whose_parameters_are_cut_elsewhere_is_no_new_call(
    account: Account, connection: str, form: dict[str, str]
) -> None:
    stream(ring(connection))
    changed = signed(connection, form)
    assert changed["headers"] == signed(connection, ringing())["headers"]
    assert said(send(changed)) == SAY["text"]
    assert len(account.call("list_calls").json["calls"]) == 1


def test_of_two_webhooks_of_a_call_at_once_both_get_the_same_answer(
    account: Account, assistant: str, connection: str, table: Table
) -> None:
    answers = list[str]()

    def rival() -> None:
        answers.append(ring(connection).text)
        edit(account, assistant)

    race(table, "TransactWriteItems", rival)
    assert [ring(connection).text] == answers


def test_a_number_that_moves_meanwhile_is_answered_by_one_that_held_it(
    account: Account, assistant: str, connection: str, table: Table
) -> None:
    other = account.new_assistant(inbound_enabled=True)["id"]
    stream(ring(connection))
    race(table, "BatchGetItem", lambda: account.assign(other, ["pn_14155550101"], reassign=True))
    _, parameters = stream(ring(connection, CallSid="CA2"))
    assert parameters["assistant_id"] == other


# Round trips


def test_a_call_takes_two_round_trips(account: Account, connection: str, calls: list[str]) -> None:
    """The first call to a number in a process takes one more, to find who holds it."""
    ring(connection)
    assert calls == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    calls.clear()
    ring(connection, CallSid="CA2")
    assert calls == ["BatchGetItem", "TransactWriteItems"]


def test_a_repeated_webhook_takes_one(connection: str, calls: list[str]) -> None:
    ring(connection)
    calls.clear()
    ring(connection)
    assert calls == ["BatchGetItem"]


def test_credentials_are_decrypted_once_in_a_process(
    account: Account, connection: str, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring(connection)
    service = credentials.from_env()
    monkeypatch.setattr(service, "client", None)
    stream(ring(connection, CallSid="CA2"))
