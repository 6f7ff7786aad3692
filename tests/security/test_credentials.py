"""The credentials of others: they go in, and nothing of them comes out."""

import json
import logging
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import EndpointConnectionError

from assistants_api.storage import client as storage, credentials, table as tables
from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.faults.injection import Raw
from tests.harness import UNSET, Account, Reply

SECRET = "Xq7vsecretvX9"  # such as nothing else holds
PROVIDERS: dict[str, dict[str, str]] = {
    "twilio": {"accountSid": f"AC{'0' * 32}", "authToken": SECRET},
    "telnyx": {"apiKey": SECRET, "publicKey": f"{'A' * 43}="},
    "livekit": {"url": "wss://my-project.livekit.cloud", "apiKey": SECRET, "apiSecret": SECRET},
    "sip": {"username": "trunk", "password": SECRET},
}
MEDIA = {"kind": "sip", "uri": "sips:bot@sip.example.com", "username": "bot", "password": SECRET}
FIELDS = ["authToken", "apiKey", "apiSecret", "password", "auth_token", "api_key", "api_secret"]
KEY = {"idempotency-key": "a"}
every_provider = pytest.mark.parametrize("provider", PROVIDERS)


def create(account: Account, provider: str, **sent: Any) -> Reply:
    body = {"accountSlug": "my-team", "provider": provider, **PROVIDERS[provider], "media": MEDIA}
    return account.call("create_telephony_connection", body=body, **sent)


def secrets_of(provider: str) -> dict[str, str]:
    return {name: value for name, value in PROVIDERS[provider].items() if value == SECRET}


def everything(reply: Reply) -> str:
    return reply.text + json.dumps(dict(reply.headers))


def holds_secret(text: str) -> bool:
    return any(form in text for form in (SECRET, b64encode(SECRET.encode()).decode(), SECRET.encode().hex()))


@every_provider
def test_no_answer_log_or_item_holds_a_secret(
    account: Account, stored: Stored, output: Callable[[], str], provider: str
) -> None:
    """Idempotency records, dry runs, replays and lists too."""
    replies = [create(account, provider, query={"dry_run": "true"})]
    replies += [create(account, provider, headers=KEY) for _ in range(2)]
    assert replies[-1].headers["idempotent-replayed"] == "true"
    connection = replies[-1].json["telephony_connection"]["id"]
    ways: list[dict[str, Any]] = [{"query": {"dry_run": "true"}}, {"headers": {"idempotency-key": "b"}}, {}]
    changed = {**secrets_of(provider), "media": MEDIA}
    for sent in ways:
        replies.append(account.call("update_telephony_connection", connection, body=changed, **sent))
    replies += [account.call("get_telephony_connection", connection), account.call("list_telephony_connections")]
    replies.append(account.call("delete_telephony_connection", connection, query={"dry_run": "true"}))
    assert {reply.status for reply in replies} == {200}
    (item,) = (it for it in stored.items() if it["SK"]["S"].startswith("CONNECTION#"))
    assert {name for name, value in item.items() if "B" in value} == {"credentials", "media_credentials"}
    assert not [reply for reply in replies if holds_secret(everything(reply))]
    assert not [it for it in stored.items() if holds_secret(repr(it))]
    assert not holds_secret(output())


@every_provider
def test_a_root_logger_at_debug_gets_no_secret_and_no_prompt(
    account: Account, caplog: pytest.LogCaptureFixture, provider: str
) -> None:
    """With LogLevel=DEBUG it gets what the libraries log, unless their loggers have levels of their own."""
    caplog.set_level(logging.DEBUG)
    connection = create(account, provider).json["telephony_connection"]["id"]
    changed = {**secrets_of(provider), "media": MEDIA}
    assert account.call("update_telephony_connection", connection, body=changed).status == 200
    account.new_assistant(system_prompt=SECRET)
    assert not [record for record in caplog.records if holds_secret(record.getMessage())]
    of_libraries = [each for each in caplog.records if each.name.startswith(("botocore", "urllib3"))]
    assert not [each for each in of_libraries if each.levelno < logging.INFO]


@pytest.mark.parametrize("function", ["create_telephony_connection", "update_telephony_connection"])
@pytest.mark.parametrize("field", [*FIELDS, "media", "media.password"])
@pytest.mark.parametrize(
    "wrong", [4711_0815, 4711.0815, [SECRET], {SECRET: 1}, f" {SECRET}", f"{SECRET}\n", SECRET * 50]
)
def test_no_refusal_quotes_what_was_sent_for_a_secret(
    account: Account, output: Callable[[], str], function: str, field: str, wrong: object
) -> None:
    path = [account.new_connection()] if function.startswith("update") else []
    body: dict[str, object] = {} if path else {"accountSlug": "my-team", "provider": "twilio"}
    body |= {"media": MEDIA | {"password": wrong}} if field == "media.password" else {field: wrong}
    reply = account.call(function, *path, body=body)
    assert reply.status == 400
    told = everything(reply) + output()
    if field == "media" and isinstance(wrong, dict):
        told = told.replace(f"/media/{SECRET}", "")  # the name of a field, which is always told
    assert not holds_secret(told)
    assert not [text for text in ("4711", "0815") if text in reply.json["error"] + str(reply.json["details"])]


@pytest.mark.parametrize("field", ["url", "media", "accountSid", "username"])
def test_a_secret_in_the_wrong_place_is_not_quoted_either(account: Account, field: str) -> None:
    url = f"wss://user:{SECRET}@bots.example.com/ws"
    value: object = {"kind": "stream", "url": url} if field == "media" else f"{url} "
    body = {"accountSlug": "my-team", "provider": "livekit", **PROVIDERS["livekit"], field: value}
    reply = account.call("create_telephony_connection", body=body)
    assert reply.status == 400
    assert not holds_secret(everything(reply))


@pytest.mark.parametrize(
    "raw", [f'{{"authToken": "{SECRET}"', f'{{"authToken": "{SECRET}", "authToken": "{SECRET}"}}', f'"{SECRET}"']
)
def test_a_body_that_does_not_parse_is_not_quoted(account: Account, raw: str) -> None:
    reply = account.call("create_telephony_connection", raw=raw)
    assert reply.status == 400
    assert not holds_secret(everything(reply))


def test_an_idempotency_key_is_not_good_for_another_secret(account: Account) -> None:
    """And what is stored to tell requests apart is keyed, so that nobody can guess a short password by it."""
    connection = account.new_connection()
    first, other, again = (
        account.call("update_telephony_connection", connection, body={"authToken": token}, headers=KEY)
        for token in ("a", "b", "a")
    )
    assert (first.status, other.code, again.headers["idempotent-replayed"]) == (200, "idempotency_key_reused", "true")


def test_a_request_is_known_again_after_the_deployments_secret_changed(
    account: Account, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = account.new_connection()
    sent: Any = {"body": {"authToken": "a"}, "headers": KEY}
    assert account.call("update_telephony_connection", connection, **sent).status == 200
    monkeypatch.setenv("PREVIOUS_TOKEN_SECRET", "the-secret-of-every-local-stack")
    monkeypatch.setenv("TOKEN_SECRET", "another")
    before = stored.items()
    replayed = account.call("update_telephony_connection", connection, **sent)
    assert replayed.headers["idempotent-replayed"] == "true"
    assert stored.items() == before


# KMS that fails


@contextmanager
def failing(answer: Callable[[], AWSResponse | None], times: int = 1_000) -> Iterator[list[int]]:
    sent: list[int] = []

    def before_send(**_: object) -> AWSResponse | None:
        sent.append(len(sent))
        return answer() if len(sent) <= times else None

    events = credentials.from_env().client.meta.events
    events.register_first("before-send.kms", before_send)
    try:
        yield sent
    finally:
        events.unregister("before-send.kms", before_send)


def refusing(status: int, code: str) -> Callable[[], AWSResponse]:
    content = json.dumps({"__type": code, "message": code}).encode()
    return lambda: AWSResponse("", status, HTTPHeaders(), Raw(content))


def lost() -> None:
    raise EndpointConnectionError(endpoint_url="kms")


FAILURES: dict[str, Callable[[], Any]] = {
    "throttled": refusing(400, "ThrottlingException"),
    "an internal error": refusing(500, "KMSInternalException"),
    "unreachable": lost,
    "a page of somebody else": lambda: AWSResponse("", 200, HTTPHeaders(), Raw(b"<html>")),
}
LASTING: dict[str, Callable[[], Any]] = {
    "a disabled key": refusing(400, "DisabledException"),
    "no permission": refusing(400, "AccessDeniedException"),
    "a key to be deleted": refusing(400, "KMSInvalidStateException"),
}


@pytest.fixture
def little_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "BACKOFF_BASE", 0.001)
    monkeypatch.setattr(tables, "REQUEST_SECONDS", 1)


@pytest.mark.usefixtures("little_time")
@pytest.mark.parametrize("case", FAILURES | LASTING)
@pytest.mark.parametrize("function", ["create_telephony_connection", "update_telephony_connection"])
def test_a_kms_that_fails_is_a_503_and_nothing_is_stored(
    account: Account, stored: Stored, case: str, function: str
) -> None:
    path = [account.new_connection()] if function.startswith("update") else []
    body = {"authToken": SECRET} if path else UNSET
    before = stored.items()
    with failing((FAILURES | LASTING)[case]) as sent:
        reply = account.call(function, *path, body=body)
    assert (reply.status, reply.code, reply.headers["retry-after"]) == (503, "unavailable", "1")
    assert "encrypts credentials" in reply.json["error"]
    assert sent
    assert stored.items() == before


@pytest.mark.parametrize("case", FAILURES)
def test_a_failure_of_kms_that_passes_is_not_noticed(account: Account, case: str) -> None:
    with failing(FAILURES[case], times=1) as sent:
        assert account.call("create_telephony_connection").status == 200
    assert len(sent) == 2


def test_who_stores_no_secret_needs_no_kms(account: Account, table: Table) -> None:
    with failing(lost) as sent:
        connection = account.new_connection(provider="sip")
        assert account.call("update_telephony_connection", connection).status == 200
        assert account.call("get_telephony_connection", connection).status == 200
    assert not sent
