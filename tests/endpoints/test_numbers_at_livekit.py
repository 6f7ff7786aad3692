"""Phone numbers that are imported through a connection to LiveKit, over TLS. What all carriers have in common is
tested at Twilio."""

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from werkzeug.wrappers import Request, Response

from local.stack.carriers.livekit import LiveKit
from local.stack.server import Server
from tests.conftest import Stored
from tests.harness import Account, Reply

A, B = "+14155550101", "+14155550102"
KEY, SECRET = "APIexample", "a-secret-of-livekit"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a key and a certificate of this machine, by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    own = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    signed = builder.add_extension(own, critical=False).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path_factory.mktemp("livekit") / "certificate.pem"
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def livekit() -> LiveKit:
    return LiveKit(KEY, SECRET)


@pytest.fixture
def url(livekit: LiveKit, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Of the server, which the functions may reach and trust."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = Server(livekit)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    monkeypatch.setenv("ALLOW_PRIVATE_HOSTS", "true")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    with server:
        yield f"wss://127.0.0.1:{server.port}"


def connect(account: Account, url: str, **fields: object) -> str:
    return account.new_connection(provider="livekit", url=url, apiKey=KEY, **{"apiSecret": SECRET, **fields})


@pytest.fixture
def connection(account: Account, url: str) -> str:
    return connect(account, url, agentName="inbound-agent")


def import_through(account: Account, connection: str, number: str = A) -> Reply:
    body = {"accountSlug": account.slug, "phoneNumber": number, "connectionId": connection}
    return account.call("import_phone_number", body=body)


def number_of(reply: Reply) -> dict[str, Any]:
    assert reply.status == 200, reply.text
    number: dict[str, Any] = reply.json["phone_number"]
    return number


def sync(account: Account, number: str = A) -> Reply:
    return account.call("sync_phone_number", number.replace("+", "pn_"))


def only(entries: dict[str, Any]) -> dict[str, Any]:
    (entry,) = entries.values()
    assert isinstance(entry, dict)
    return entry


def test_numbers_share_a_trunk_and_a_rule_that_names_the_agent(
    account: Account, connection: str, livekit: LiveKit
) -> None:
    for number in (A, B):
        imported = number_of(import_through(account, connection, number))
        assert (imported["sync"]["state"], imported["carrier_id"]) == ("synced", number)
    trunk, rule = only(livekit.trunks), only(livekit.rules)
    assert (trunk["name"], trunk["numbers"]) == (f"assistants {connection}", [A, B])
    assert rule["trunk_ids"] == [trunk["sip_trunk_id"]]
    assert rule["rule"] == {"dispatch_rule_individual": {"room_prefix": "call-"}}
    assert rule["room_config"] == {"agents": [{"agent_name": "inbound-agent"}]}
    done = len(livekit.changes())
    assert sync(account).json["drift"] == []
    assert len(livekit.changes()) == done


def test_without_an_agent_the_rule_names_none(account: Account, url: str, livekit: LiveKit) -> None:
    assert number_of(import_through(account, connect(account, url)))["sync"]["state"] == "synced"
    assert only(livekit.rules)["room_config"] == {"agents": []}
    assert sync(account).json["drift"] == []


def test_names_in_camel_case_are_read_too(account: Account, connection: str, livekit: LiveKit) -> None:
    import_through(account, connection)
    rule = only(livekit.rules)
    rule |= {"trunkIds": rule.pop("trunk_ids"), "roomConfig": {"agents": [{"agentName": "inbound-agent"}]}}
    del rule["room_config"]
    assert sync(account).json["drift"] == []


def test_sync_repairs_trunk_and_rule(account: Account, connection: str, livekit: LiveKit) -> None:
    import_through(account, connection)
    import_through(account, connection, B)
    only(livekit.rules)["room_config"] = {"agents": [{"agent_name": "other"}]}
    only(livekit.trunks)["numbers"] = [B]
    reply = sync(account)
    assert [it["field"] for it in reply.json["drift"]] == ["trunk", "dispatch_rule"]
    assert number_of(reply)["sync"]["state"] == "synced"
    assert only(livekit.trunks)["numbers"] == [A, B]
    assert only(livekit.rules)["room_config"] == {"agents": [{"agent_name": "inbound-agent"}]}
    livekit.trunks.clear()
    livekit.rules.clear()
    assert number_of(sync(account))["sync"]["state"] == "synced"
    assert sync(account).json["drift"] == []


def test_a_number_of_another_trunk_is_refused(
    account: Account, connection: str, livekit: LiveKit, stored: Stored
) -> None:
    livekit.trunks["ST_other"] = {"sip_trunk_id": "ST_other", "name": "Other", "numbers": [A]}
    before = stored.items()
    reply = import_through(account, connection)
    assert (reply.status, reply.code) == (409, "number_not_usable")
    assert "is in the inbound trunk ST_other at LiveKit; remove it from there first" in reply.json["error"]
    assert (stored.items(), livekit.changes()) == (before, [])


def test_the_last_number_takes_trunk_and_rule_along(account: Account, connection: str, livekit: LiveKit) -> None:
    for number in (A, B):
        import_through(account, connection, number)
    account.call("delete_phone_number", "pn_14155550101")
    assert only(livekit.trunks)["numbers"] == [B]
    account.call("delete_phone_number", "pn_14155550102")
    assert (livekit.trunks, livekit.rules) == ({}, {})


def test_numbers_of_all_trunks_are_listed_in_pages(account: Account, connection: str, livekit: LiveKit) -> None:
    import_through(account, connection)
    livekit.trunks["ST_other"] = {"sip_trunk_id": "ST_other", "name": "Other", "numbers": ["+14155550104", B]}
    pages = list(account.pages("list_carrier_numbers", connection, limit="1"))
    shown = [(it["phone_number"], it["leads_here"], bool(it["obstacle"])) for page in pages for it in page["numbers"]]
    assert shown == [(A, True, False), (B, False, True), ("+14155550104", False, True)]


def test_wrong_secrets_are_refused_without_showing_them(account: Account, url: str, stored: Stored) -> None:
    connection = connect(account, url, apiSecret="a-wrong-one")
    before = stored.items()
    reply = import_through(account, connection)
    assert (reply.status, reply.code) == (409, "carrier_refused")
    assert "with all of apiKey and apiSecret" in reply.json["error"]
    assert "a-wrong-one" not in reply.text
    assert stored.items() == before


def test_a_server_whose_certificate_nobody_signed_gets_no_request(
    account: Account, connection: str, livekit: LiveKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "")
    assert import_through(account, connection).code == "carrier_unavailable"
    assert not livekit.asked


def test_a_name_that_leads_into_a_private_network_gets_no_request(
    account: Account, connection: str, livekit: LiveKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOW_PRIVATE_HOSTS", "false")
    assert import_through(account, connection).code == "carrier_unavailable"
    assert not livekit.asked


def test_what_ends_between_trunk_and_rule_is_mended_by_a_sync(
    account: Account, connection: str, livekit: LiveKit
) -> None:
    def refuse(request: Request) -> Response | None:
        return Response(status=500) if "CreateSIPDispatchRule" in request.path else None

    livekit.fault = refuse
    assert number_of(import_through(account, connection))["sync"]["state"] == "failed"
    livekit.fault = lambda request: None
    assert number_of(sync(account))["sync"]["state"] == "synced"
    assert len(livekit.trunks) == len(livekit.rules) == 1


def before(livekit: LiveKit, method: str, *acts: Callable[[], object]) -> None:
    """Lets each act once, in turn, right before the next request of the method."""
    waiting = [*acts]

    def act(request: Request) -> None:
        if request.path.endswith(method) and waiting:
            waiting.pop(0)()

    livekit.fault = act


@pytest.fixture
def two_trunks(account: Account, connection: str, livekit: LiveKit) -> tuple[dict[str, Any], dict[str, Any]]:
    """With a number and a rule each, as two first imports at once make them."""
    before(livekit, "CreateSIPInboundTrunk", lambda: import_through(account, connection, B))
    assert number_of(import_through(account, connection))["sync"]["state"] == "synced"
    first, second = livekit.trunks.values()
    assert (first["numbers"], second["numbers"]) == ([B], [A])
    assert [it["trunk_ids"] for it in livekit.rules.values()] == [[it["sip_trunk_id"]] for it in (first, second)]
    return first, second


@pytest.mark.usefixtures("two_trunks")
def test_numbers_of_two_trunks_of_the_connection_both_lead_here(account: Account, connection: str) -> None:
    for number in (A, B):
        reply = sync(account, number)
        assert (number_of(reply)["sync"]["state"], reply.json["drift"]) == ("synced", [])
    (page,) = account.pages("list_carrier_numbers", connection)
    assert [(it["leads_here"], it["obstacle"]) for it in page["numbers"]] == [(True, None)] * 2


@pytest.mark.usefixtures("two_trunks")
def test_a_sync_repairs_the_rule_of_the_trunk_that_has_the_number(account: Account, livekit: LiveKit) -> None:
    good, drifted = livekit.rules.values()
    before_repair = dict(good)
    drifted["room_config"] = {"agents": [{"agent_name": "other"}]}
    assert [it["field"] for it in sync(account).json["drift"]] == ["dispatch_rule"]
    after, repaired = livekit.rules.values()
    assert after == before_repair
    assert repaired["room_config"] == {"agents": [{"agent_name": "inbound-agent"}]}


@pytest.mark.parametrize(("number", "left"), [(A, B), (B, A)])
@pytest.mark.usefixtures("two_trunks")
def test_a_deleted_number_takes_its_own_trunk_and_rule_along(
    account: Account, livekit: LiveKit, number: str, left: str
) -> None:
    assert account.call("delete_phone_number", number.replace("+", "pn_")).status == 200
    trunk = only(livekit.trunks)
    assert (trunk["numbers"], only(livekit.rules)["trunk_ids"]) == ([left], [trunk["sip_trunk_id"]])


def test_a_rule_whose_trunk_is_gone_serves_the_next_one(account: Account, connection: str, livekit: LiveKit) -> None:
    import_through(account, connection)
    livekit.trunks.clear()
    livekit.trunks["ST_other"] = {"sip_trunk_id": "ST_other", "name": "Other", "numbers": [B]}
    assert number_of(sync(account))["sync"]["state"] == "synced"
    assert only(livekit.rules)["trunk_ids"] == [[*livekit.trunks][-1]]


def test_a_number_that_joins_while_the_last_one_is_deleted_keeps_trunk_and_rule(
    account: Account, connection: str, livekit: LiveKit
) -> None:
    import_through(account, connection)
    before(livekit, "ListSIPInboundTrunk", lambda: None, lambda: import_through(account, connection, B))
    assert account.call("delete_phone_number", "pn_14155550101").status == 200
    assert only(livekit.trunks)["numbers"] == [B]
    reply = sync(account, B)
    assert (number_of(reply)["sync"]["state"], reply.json["drift"]) == ("synced", [])


def test_two_last_numbers_that_are_deleted_at_once_take_trunk_and_rule_along(
    account: Account, connection: str, livekit: LiveKit
) -> None:
    for number in (A, B):
        import_through(account, connection, number)
    before(livekit, "UpdateSIPInboundTrunk", lambda: account.call("delete_phone_number", "pn_14155550102"))
    assert account.call("delete_phone_number", "pn_14155550101").status == 200
    assert (livekit.trunks, livekit.rules) == ({}, {})
