from typing import Any

import pytest

from assistants_api.models.telephony_connection_requests import FIELD_OF_SECRET
from assistants_api.storage import credentials
from tests.conftest import Stored
from tests.harness import Account, Reply, new_key

SID, KEY = f"AC{'0' * 32}", f"{'A' * 43}="
LIVEKIT = {"url": "wss://my-project.livekit.cloud", "apiKey": "k", "apiSecret": "s"}
VALID: dict[str, dict[str, Any]] = {
    "twilio": {"accountSid": SID, "authToken": "t"},
    "telnyx": {"apiKey": "k", "publicKey": KEY},
    "livekit": LIVEKIT,
    "livekit with an agent": LIVEKIT | {"agentName": "inbound-agent"},
    "sip": {},
    "sip with a password": {"username": "trunk", "password": "p"},
}
SECRETS = {"twilio": ["authToken"], "telnyx": ["apiKey"], "livekit": ["apiKey", "apiSecret"], "sip": ["password"]}
SIP = {"kind": "sip", "uri": "sips:bot@sip.example.com"}
MEDIA: list[dict[str, str]] = [
    {"kind": "stream", "url": "wss://bots.example.com/ws?a=1"},
    SIP,
    {"kind": "pipecat-cloud", "agent": "sales.my-org"},
]
FALLBACKS = [
    {"kind": "say", "text": "Später!", "language": "de"},
    {"kind": "dial", "number": "+14155550102"},
    {"kind": "reject"},
]


def create(account: Account, provider: str = "sip", **fields: object) -> Reply:
    body = {"accountSlug": "my-team", "provider": provider, **fields}
    return account.call("create_telephony_connection", body=body)


def plaintext(item: dict[str, Any], attribute: str, account: Account) -> bytes:
    context = {"account": account.id, "connection": item["SK"]["S"].removeprefix("CONNECTION#")}
    client = credentials.from_env().client
    decrypted: bytes = client.decrypt(CiphertextBlob=item[attribute]["B"], EncryptionContext=context)["Plaintext"]
    return decrypted


def only_connection(stored: Stored) -> dict[str, Any]:
    (item,) = (it for it in stored.items() if it["SK"]["S"].startswith("CONNECTION#"))
    return item


@pytest.mark.parametrize("case", VALID)
def test_each_provider_takes_its_own_fields_and_answers_no_secret(account: Account, case: str) -> None:
    provider, sent = case.split(" ")[0], VALID[case]
    reply = create(account, provider, **sent)
    assert reply.status == 200, reply.text
    made = reply.json["telephony_connection"]
    spelt = {"accountSid": "account_sid", "publicKey": "public_key", "agentName": "agent_name"}
    shown = {spelt.get(name, name): it for name, it in sent.items() if name not in SECRETS[provider]}
    fields = ("account_sid", "public_key", "url", "agent_name", "username")
    assert {name: made[name] for name in fields if made[name] is not None} == shown
    assert made["credentials"] == [name for name in SECRETS[provider] if name in sent]
    assert (made["media"], made["fallback"]) == (None, {"kind": "reject"})
    read = account.call("get_telephony_connection", made["id"])
    assert (read.json["telephony_connection"], read.headers["etag"]) == (made, reply.headers["etag"])


def test_secrets_are_stored_as_one_json_that_opens_for_this_connection_alone(account: Account, stored: Stored) -> None:
    made = create(account, "livekit", **LIVEKIT, media=SIP | {"username": "bot", "password": "p"})
    assert made.json["telephony_connection"]["credentials"] == ["apiKey", "apiSecret", "media.password"]
    assert made.json["telephony_connection"]["media"] == SIP | {"username": "bot"}
    item = only_connection(stored)
    assert plaintext(item, "credentials", account) == b'{"apiKey": "k", "apiSecret": "s"}'
    assert plaintext(item, "media_credentials", account) == b'{"password": "p"}'
    client = credentials.from_env().client
    with pytest.raises(client.exceptions.InvalidCiphertextException):
        plaintext(
            item | {"SK": {"S": "CONNECTION#conn_01jd5xexamp1e000000000000001jd5xexamp1e0000000000000"}},
            "credentials",
            account,
        )


def test_the_longest_secrets_fit_into_what_kms_encrypts(account: Account, stored: Stored) -> None:
    longest = {"apiKey": "\\" * 500, "apiSecret": "\\" * 500}
    assert create(account, "livekit", **LIVEKIT | longest).status == 200
    assert len(plaintext(only_connection(stored), "credentials", account)) <= 4096
    assert create(account, "livekit", **LIVEKIT | {"apiKey": "a" * 501}).json["details"][0]["field"] == "/apiKey"


@pytest.mark.parametrize("field", ["media", "fallback"])
@pytest.mark.parametrize("index", range(3))
def test_media_and_fallback_are_answered_as_they_were_sent(account: Account, field: str, index: int) -> None:
    sent = {"media": MEDIA, "fallback": FALLBACKS}[field][index]
    assert create(account, "sip", **{field: sent}).json["telephony_connection"][field] == sent


@pytest.mark.parametrize(
    ("provider", "fields", "pointer", "message"),
    [
        ("twilio", {"accountSid": SID}, "/authToken", "is required with the provider twilio."),
        ("twilio", {"authToken": "t"}, "/accountSid", "is required with the provider twilio, such as AC"),
        ("twilio", VALID["twilio"] | {"apiKey": "k"}, "/apiKey", "which takes accountSid, authToken, sharedKey."),
        ("twilio", VALID["twilio"] | {"accountSid": "SK" + "0" * 32}, "/accountSid", "AC and 32 hexadecimal digits"),
        ("telnyx", {"apiKey": "k", "publicKey": "x"}, "/publicKey", "44 characters of base64"),
        ("livekit", {"url": "wss://a.example"}, "/apiKey", "is required with the provider livekit."),
        ("livekit", LIVEKIT | {"agentName": ""}, "/agentName", "1 to 100 letters"),
        ("sip", {"username": "trunk"}, "/password", "is required with username."),
        ("sip", {"password": "p"}, "/username", "is required with password, such as trunk."),
        ("sip", {"username": "trunk", "password": " p"}, "/password", "visible ASCII without spaces"),
        ("plivo", {}, "/provider", "must be one of twilio, telnyx, livekit, sip"),
        ("sip", {"media": {}}, "/media/kind", 'is required, such as "stream"'),
        ("sip", {"media": {"kind": "stream"}}, "/media/url", "is required with the kind stream, such as wss://"),
        ("sip", {"media": MEDIA[0] | {"agent": "a.b"}}, "/media/agent", "which takes url."),
        ("sip", {"media": {"kind": "pipecat-cloud", "agent": "a"}}, "/media/agent", "such as sales.my-org"),
        ("sip", {"media": SIP | {"username": "bot"}}, "/media/password", "is required with a username"),
        ("sip", {"media": SIP | {"password": "p"}}, "/media/username", "is required with a password"),
        ("sip", {"fallback": {"kind": "say"}}, "/fallback/text", "is required with the kind say, such as Please"),
        ("sip", {"fallback": {"kind": "say", "text": " "}}, "/fallback/text", "a visible character"),
        ("sip", {"fallback": {"kind": "dial", "number": "415"}}, "/fallback/number", "E.164"),
        ("sip", {"fallback": {"kind": "reject", "text": "x"}}, "/fallback/text", "which takes no other field."),
        ("sip", {"fallback": {"kind": "say", "text": "x", "language": "english?"}}, "/fallback/language", "BCP-47"),
        ("sip", {"fallback": {"kind": "say", "words": "x"}}, "/fallback/words", "the fields are kind, text"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(
    account: Account, stored: Stored, provider: str, fields: dict[str, object], pointer: str, message: str
) -> None:
    before = stored.items()
    reply = create(account, provider, **fields)
    assert (reply.status, reply.code) == (400, "invalid_request")
    found = {detail["field"]: detail["message"] for detail in reply.json["details"]}
    assert message in found[pointer], found
    assert stored.items() == before


def with_secret(provider: str, pointer: str, value: str) -> dict[str, Any]:
    """A whole body of the provider that has the value at the pointer."""
    if pointer == "/media/password":
        return {"media": SIP | {"username": "bot", "password": value}}
    return VALID["sip with a password" if provider == "sip" else provider] | {pointer[1:]: value}


ALL_SECRETS = [
    *((provider, f"/{name}") for provider, names in SECRETS.items() for name in names),
    ("twilio", "/sharedKey"),
    ("sip", "/media/password"),
]


def test_all_secrets_are_among_those_that_follow() -> None:
    assert {f"/{name}" for name in FIELD_OF_SECRET} | {"/media/password"} == {pointer for _, pointer in ALL_SECRETS}


@pytest.mark.parametrize(
    "value", ["KEY\u2026", "\u00fc", "\U0001d173", "a b", " a", "a\n", "a\r\nb: c", "\t", "\x7f", "\xa0"]
)
@pytest.mark.parametrize(("provider", "pointer"), ALL_SECRETS)
def test_a_secret_that_no_header_can_hold_is_refused_without_quoting_it(
    account: Account, stored: Stored, provider: str, pointer: str, value: str
) -> None:
    connection = account.new_connection(provider=provider, **with_secret(provider, pointer, "!~"))
    before, body = stored.items(), with_secret(provider, pointer, value)
    change = account.call("update_telephony_connection", connection, body=body)
    for reply in (create(account, provider, **body), change):
        assert (reply.status, reply.code) == (400, "invalid_request")
        found = {detail["field"]: detail["message"] for detail in reply.json["details"]}
        assert found == {pointer: "must be visible ASCII without spaces; send it as the provider shows it."}
    assert stored.items() == before


def test_one_more_than_the_maximum_is_refused(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_TELEPHONY_CONNECTIONS", "1")
    assert create(account).status == 200
    reply = create(account)
    assert (reply.status, reply.code) == (409, "maximum_reached")
    assert "1 telephony connections" in reply.json["error"]
    (listed,) = account.call("list_telephony_connections").json["telephony_connections"]
    account.call("delete_telephony_connection", listed["id"])
    assert create(account).status == 200


def test_a_key_without_the_right_scope_is_refused(account: Account) -> None:
    reader = new_key("my-team", account.id, scopes=["telephony:read"])
    assert create(reader).code == "missing_scope"
    assert reader.call("list_telephony_connections").status == 200
