from typing import Any

import pytest

from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.endpoints.test_create_telephony_connection import KEY, LIVEKIT, SID, SIP, VALID, only_connection, plaintext
from tests.harness import Account, Reply, race

STREAM = {"kind": "stream", "url": "wss://bots.example.com/ws"}
OTHER_SID = f"AC{'1' * 32}"


def update(account: Account, connection: str, **fields: object) -> Reply:
    return account.call("update_telephony_connection", connection, body=fields)


def shown(account: Account, connection: str) -> dict[str, Any]:
    reply: dict[str, Any] = account.call("get_telephony_connection", connection).json["telephony_connection"]
    return reply


@pytest.mark.parametrize("case", VALID)
def test_a_connection_that_comes_back_whole_changes_nothing(account: Account, stored: Stored, case: str) -> None:
    media = SIP | {"username": "bot", "password": "p"}
    connection = account.new_connection(provider=case.split(" ")[0], **VALID[case], media=media)
    before, whole = stored.items(), shown(account, connection)
    reply = update(account, connection, **whole | {"created_at": whole["created_at"].replace("Z", "+00:00")})
    assert (reply.status, reply.json["telephony_connection"]) == (200, whole)
    assert stored.items() == before


def test_fields_change_and_the_secrets_stay(account: Account, stored: Stored) -> None:
    connection = account.new_connection(provider="livekit", **LIVEKIT, media=SIP | {"username": "b", "password": "p"})
    before = only_connection(stored)
    fallback = {"kind": "dial", "number": "+14155550102"}
    after = update(account, connection, agentName="night", fallback=fallback).json["telephony_connection"]
    assert (after["agent_name"], after["fallback"]) == ("night", fallback)
    assert after["credentials"] == ["apiKey", "apiSecret", "media.password"]
    item = only_connection(stored)
    assert [item[name] for name in ("credentials", "media_credentials")] == [
        before[name] for name in ("credentials", "media_credentials")
    ]
    assert update(account, connection, agent_name=None).json["telephony_connection"]["agent_name"] is None


def test_new_secrets_replace_the_old_ones_and_change_the_etag(account: Account, stored: Stored) -> None:
    connection = account.new_connection()
    etag = account.call("get_telephony_connection", connection).headers["etag"]
    reply = update(account, connection, authToken="new")
    assert (reply.status, reply.json["telephony_connection"]["credentials"]) == (200, ["authToken"])
    assert reply.headers["etag"] != etag
    assert plaintext(only_connection(stored), "credentials", account) == b'{"authToken": "new"}'
    assert update(account, connection, accountSid=OTHER_SID, auth_token="other").status == 200
    assert shown(account, connection)["account_sid"] == OTHER_SID


@pytest.mark.parametrize(
    ("made", "change", "pointer", "message"),
    [
        (VALID["twilio"] | {"provider": "twilio"}, {"accountSid": OTHER_SID}, "/authToken", "with accountSid"),
        (
            VALID["twilio"] | {"provider": "twilio"},
            {"accountSid": None},
            "/accountSid",
            "is required with the provider",
        ),
        (VALID["twilio"] | {"provider": "twilio"}, {"publicKey": KEY}, "/publicKey", "does not go with"),
        (VALID["telnyx"] | {"provider": "telnyx"}, {"authToken": "t"}, "/authToken", "which takes apiKey, publicKey."),
        (LIVEKIT | {"provider": "livekit"}, {"apiSecret": "x"}, "/apiKey", "is required with apiSecret"),
        (LIVEKIT | {"provider": "livekit"}, {"url": "wss://evil.example"}, "/apiKey", "is required with url"),
        ({"provider": "sip"}, {"username": "trunk"}, "/password", "is required with username."),
        ({"provider": "sip"}, {"password": "p"}, "/username", "is required with password, such as trunk."),
        ({"provider": "sip", "username": "a", "password": "p"}, {"username": "b"}, "/password", "with username"),
        (
            {"provider": "sip", "media": SIP | {"username": "a", "password": "p"}},
            {"media": {"kind": "sip", "uri": "sips:evil.example", "username": "a"}},
            "/media/password",
            "is required with a username",
        ),
        ({"provider": "sip"}, {"provider": "twilio"}, "/provider", "is read-only"),
        ({"provider": "sip"}, {"credentials": ["password"]}, "/credentials", "is read-only"),
        ({"provider": "sip"}, {"fallback": None}, "/fallback", "must not be null"),
    ],
)
def test_a_secret_goes_nowhere_else_and_what_does_not_fit_is_refused(
    account: Account, stored: Stored, made: dict[str, object], change: dict[str, object], pointer: str, message: str
) -> None:
    connection = account.new_connection(**made)
    before = stored.items()
    reply = update(account, connection, **change)
    assert reply.status == 400, reply.text
    found = {detail["field"]: detail["message"] for detail in reply.json["details"]}
    assert message in found[pointer], found
    assert stored.items() == before


def test_other_media_take_their_password_along(account: Account, stored: Stored) -> None:
    connection = account.new_connection(provider="sip", media=SIP | {"username": "a", "password": "p"})
    after = update(account, connection, media=STREAM).json["telephony_connection"]
    assert (after["media"], after["credentials"]) == (STREAM, [])
    assert "media_credentials" not in only_connection(stored)
    after = update(account, connection, media=SIP | {"username": "a", "password": "q"}).json["telephony_connection"]
    assert after["credentials"] == ["media.password"]
    assert plaintext(only_connection(stored), "media_credentials", account) == b'{"password": "q"}'
    after = update(account, connection, media=None).json["telephony_connection"]
    assert (after["media"], after["credentials"]) == (None, [])


def test_a_user_name_goes_with_its_password(account: Account, stored: Stored) -> None:
    connection = account.new_connection(provider="sip", username="a", password="p")
    after = update(account, connection, username=None).json["telephony_connection"]
    assert (after["username"], after["credentials"]) == (None, [])
    assert "credentials" not in only_connection(stored)


def test_two_changes_at_once_both_take_effect(account: Account, table: Table) -> None:
    connection = account.new_connection()
    race(table, "TransactWriteItems", lambda: update(account, connection, media=STREAM))
    assert update(account, connection, authToken="new").status == 200
    assert shown(account, connection)["media"] == STREAM


def test_a_connection_that_changed_since_it_was_read_is_a_409(account: Account) -> None:
    connection = account.new_connection()
    was = shown(account, connection) | {"updated_at": "2024-01-15T10:00:00Z"}
    update(account, connection, media=STREAM)
    reply = update(account, connection, **was)
    assert (reply.status, reply.code) == (409, "changed_meanwhile")


def test_one_that_is_deleted_meanwhile_is_a_404(account: Account, table: Table) -> None:
    connection = account.new_connection()
    race(table, "TransactWriteItems", lambda: account.call("delete_telephony_connection", connection))
    reply = update(account, connection, media=STREAM)
    assert (reply.status, reply.code) == (404, "telephony_connection_not_found")


def test_a_dry_run_shows_what_differs_and_no_secret(account: Account, stored: Stored) -> None:
    connection = account.new_connection()
    before, body = stored.items(), {"authToken": "new", "accountSid": OTHER_SID}
    reply = account.call("update_telephony_connection", connection, body=body, query={"dry_run": "true"})
    assert reply.json["diff"] == [{"field": "account_sid", "from": SID, "to": OTHER_SID}]
    assert stored.items() == before
