import pytest
from pydantic import TypeAdapter, ValidationError

from assistants_api.models.urls import ServerUrl, SipUri, StreamUrl

ADAPTERS: dict[str, TypeAdapter[str]] = {
    "wss": TypeAdapter(StreamUrl),
    "https": TypeAdapter(ServerUrl),
    "sips": TypeAdapter(SipUri),
}
GOOD = [
    "wss://bots.example.com", "wss://bots.example.com/ws?a=b&c=%20", "wss://BOTS.example.com:8443/", "WSS://a.example",
    "wss://xn--bcher-kva.example/ws", "wss://8.8.8.8/ws", "wss://[2606:4700::1111]:443/ws", "wss://a.example./ws",
    "https://my-project.livekit.cloud", "sips:bot@sip.example.com", "sips:sip.example.com:5061;transport=tls",
    "sips:+14155550101@8.8.8.8",
]  # fmt: skip
PRIVATE = [
    "localhost", "LOCALHOST", "localhost.", "bots", "a.localhost", "printer.local", "db.internal", "DB.Internal.",
    "10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "172.16.0.1", "100.64.0.1", "0.0.0.0", "224.0.0.1",  # noqa: S104
    "255.255.255.255", "127.1", "0x7f.1", "2130706433", "1.0x7f000001", "[::1]", "[::]", "[fe80::1]", "[fd00::1]",
    "[::ffff:10.0.0.1]", "[::ffff:127.0.0.1]", "[ff02::1]",
]  # fmt: skip
MALFORMED = [
    "", "ws://a.example", "http://a.example", "wss://", "wss:a.example", "a.example", "wss://user:pw@a.example",
    "wss://user@a.example", "wss://a.example#f", "wss://a.example/ ", " wss://a.example", "wss://a.example\n",
    "wss://a.example:65536", "wss://a.example:", "wss://a..example", "wss://-a.example", "wss://[::1", "wss://[zz]/",
    "wss://a.example\\@evil.example", "wss://bücher.example", "wss://a.example/<", "wss://a_b.example",
    "sip:a.example", "sips:", "sips:user:pw@a.example", "sips:a@b@c.example", "wss://a.example/\u2028",
]  # fmt: skip


def refusal(url: str) -> str:
    kind = next((it for it in ADAPTERS if url.lower().startswith(it[:3])), "wss")
    with pytest.raises(ValidationError) as caught:
        ADAPTERS[kind].validate_python(url)
    return str(caught.value.errors()[0]["ctx"]["error"])


@pytest.mark.parametrize("url", GOOD)
def test_an_encrypted_address_of_a_public_host_is_kept_as_it_is(url: str) -> None:
    assert ADAPTERS[url.partition(":")[0].lower()].validate_python(url) == url


@pytest.mark.parametrize("url", MALFORMED)
def test_what_is_no_such_address_is_refused_with_one_that_is(url: str) -> None:
    assert "must be a URL that starts with" in refusal(url)


@pytest.mark.parametrize("form", ["wss://{}/ws", "https://{}", "sips:bot@{}"])
@pytest.mark.parametrize("host", PRIVATE)
def test_a_host_of_a_private_network_is_refused_unless_the_operator_allows_it(
    host: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = form.format(host)
    assert "must be at a public host" in refusal(url)
    monkeypatch.setenv("ALLOW_PRIVATE_HOSTS", "true")
    assert ADAPTERS[url.partition(":")[0]].validate_python(url) == url


@pytest.mark.parametrize(
    "host", ["127.0.0.1:7860", "127.9.9.9", "[::1]:80", "localhost", "LOCALHOST.", "[::ffff:127.0.0.1]"]
)
def test_a_stream_to_the_machine_itself_needs_no_encryption_where_private_hosts_are_allowed(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"ws://{host}/ws"
    assert "must be a URL that starts with wss://" in refusal(url)
    monkeypatch.setenv("ALLOW_PRIVATE_HOSTS", "true")
    assert ADAPTERS["wss"].validate_python(url) == url


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "bots.internal", "a.example", "8.8.8.8", "a.localhost", "localhost.example"]
)
def test_a_stream_to_any_other_machine_is_encrypted_even_where_private_hosts_are_allowed(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOW_PRIVATE_HOSTS", "true")
    assert "must be a URL that starts with wss://" in refusal(f"ws://{host}/ws")


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "ws://127.0.0.1/"])
def test_a_server_is_reached_encrypted_even_on_the_machine_itself(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOW_PRIVATE_HOSTS", "true")
    with pytest.raises(ValidationError):
        ADAPTERS["https"].validate_python(url)
