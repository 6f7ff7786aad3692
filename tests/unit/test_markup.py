"""What carriers are told, read back as XML: no text of a customer or a caller becomes markup."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import get_args
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import given, strategies as st

from assistants_api.models.call import RoutedCall
from assistants_api.telephony import markup
from assistants_api.telephony.markup import Carrier

CALL = RoutedCall(
    account_id="acct_01jd5xexamp1e0000000000000",
    connection_id="conn_01jd5xexamp1e000000000000001jd5xexamp1e0000000000000",
    to_number="+14155550102",
    assistant_id="asst_01jd5xexamp1e0000000000000",
    assistant_version=7,
    call_id="CA1",
    started_at=1_800_000_000,
)
PARAMETERS = markup.parameters(CALL, "+14155550101")
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
TOLD = (
    '<Parameter name="assistant_id" value="asst_01jd5xexamp1e0000000000000" />'
    '<Parameter name="assistant_version" value="7" />'
    '<Parameter name="from_number" value="+14155550101" />'
    '<Parameter name="to_number" value="+14155550102" />'
    '<Parameter name="call_id" value="CA1" />'
)
NASTY = st.text(st.sampled_from("<>&\"'/=]!?-; \t\n\r\0\x0b\ud800\ufffe﷐é😀aé") | st.characters(), max_size=60)
CARRIERS: tuple[Carrier, ...] = get_args(Carrier)
EVERY: dict[str, Callable[[str], str]] = {
    "stream": lambda text: markup.stream("twilio", "wss://bots.example.com/ws", "t", {"from_number": text}),
    "name": lambda text: markup.stream("telnyx", "wss://bots.example.com/ws", "t", {text: "value"}),
    "agent": lambda text: markup.pipecat_cloud("twilio", text, "t", PARAMETERS),
    "telnyx-agent": lambda text: markup.pipecat_cloud("telnyx", text, "t", PARAMETERS),
    "sip": lambda text: markup.sip("sip:a@example.com", text, text, "t", {"from_number": text}),
    "say": lambda text: markup.say(text, text),
    "dial": lambda text: markup.dial(text),
}


def without_illegal(text: str) -> str:
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def elements(document: str, tag: str | None = None) -> list[ElementTree.Element]:
    return [*ElementTree.fromstring(document).iter(tag)]  # noqa: S314


def shape(document: str) -> list[str]:
    return [element.tag for element in elements(document)]


def test_a_stream_opens_with_the_token_in_its_path_and_the_parameters_inside() -> None:
    url = "wss://bots.example.com/ws"
    assert markup.stream("twilio", url, "T-1_", PARAMETERS) == (
        f'{HEAD}<Response><Connect><Stream url="{url}/T-1_">{TOLD}</Stream></Connect></Response>'
    )
    assert markup.stream("telnyx", url, "T-1_", PARAMETERS) == (
        f'{HEAD}<Response><Connect><Stream url="{url}/T-1_" bidirectionalMode="rtp">{TOLD}</Stream></Connect>'
        "</Response>"
    )


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("wss://a.example", "wss://a.example/T"),
        ("wss://a.example/", "wss://a.example/T"),
        ("wss://a.example:8443/ws/", "wss://a.example:8443/ws/T"),
        ("wss://a.example/ws?a=1&b=2", "wss://a.example/ws/T?a=1&b=2"),
    ],
)
def test_the_token_ends_the_path_whatever_the_url_looks_like(url: str, opened: str) -> None:
    document = markup.stream("twilio", url, "T", PARAMETERS)
    assert [each.get("url") for each in elements(document, "Stream")] == [opened]


def test_pipecat_cloud_learns_the_agent_as_each_carrier_can_tell_it() -> None:
    token = '<Parameter name="call_token" value="T" />'
    host = '<Parameter name="_pipecatCloudServiceHost" value="my-agent.my-org" />'
    assert markup.pipecat_cloud("twilio", "my-agent.my-org", "T", PARAMETERS) == (
        f'{HEAD}<Response><Connect><Stream url="wss://api.pipecat.daily.co/ws/twilio">{TOLD}{token}{host}</Stream>'
        "</Connect></Response>"
    )
    assert markup.pipecat_cloud("telnyx", "my-agent.my-org", "T", PARAMETERS) == (
        f'{HEAD}<Response><Connect><Stream url="wss://api.pipecat.daily.co/ws/telnyx?serviceHost=my-agent.my-org" '
        f'bidirectionalMode="rtp">{TOLD}{token}</Stream></Connect></Response>'
    )


def test_a_sip_leg_gets_the_parameters_and_the_token_as_headers() -> None:
    headers = (
        "X-Assistant-Id=asst_01jd5xexamp1e0000000000000&amp;X-Assistant-Version=7&amp;X-From-Number=%2B14155550101"
        "&amp;X-To-Number=%2B14155550102&amp;X-Call-Id=CA1&amp;X-Call-Token=T"
    )
    assert markup.sip("sip:bot@example.com", "", "", "T", PARAMETERS) == (
        f"{HEAD}<Response><Dial><Sip>sip:bot@example.com?{headers}</Sip></Dial></Response>"
    )
    assert markup.sip("sips:bot@example.com?X-A=1", "me", 'p"<', "T", PARAMETERS) == (
        f'{HEAD}<Response><Dial><Sip username="me" password="p&quot;&lt;">sips:bot@example.com?X-A=1&amp;{headers}'
        "</Sip></Dial></Response>"
    )


def test_all_headers_of_a_sip_leg_fit_where_twilio_has_room_for_them() -> None:
    call = replace(CALL, to_number="+" + "9" * 15, assistant_version=99_999_999, call_id="v" * 128)
    document = markup.sip("sip:bot@example.com", "", "", "T" * 400, markup.parameters(call, "<" * 300))
    (uri,) = (each.text for each in elements(document, "Sip"))
    assert uri
    assert len(uri.partition("?")[2]) < 1_024


@given(NASTY)
def test_no_text_begins_another_header_of_a_sip_leg(text: str) -> None:
    document = markup.sip("sip:bot@example.com", "", "", "T", {"from_number": text})
    (uri,) = (each.text for each in elements(document, "Sip"))
    assert uri
    printable = "".join(char for char in text if " " <= char <= "~")
    assert parse_qsl(urlsplit(uri).query, keep_blank_values=True) == [
        ("X-From-Number", printable),
        ("X-Call-Token", "T"),
    ]


def test_each_fallback_is_what_it_says() -> None:
    say = f"{HEAD}<Response><Say>Please call again later.</Say></Response>"
    assert markup.say("Please call again later.") == say
    assert markup.say("Bis später", "de-DE") == f'{HEAD}<Response><Say language="de-DE">Bis später</Say></Response>'
    assert markup.dial("+14155550103") == f"{HEAD}<Response><Dial><Number>+14155550103</Number></Dial></Response>"
    assert markup.reject() == f'{HEAD}<Response><Reject reason="busy" /></Response>'


@pytest.mark.parametrize("kind", EVERY)
@given(text=NASTY)
def test_no_text_becomes_markup(kind: str, text: str) -> None:
    document = EVERY[kind](text)
    document.encode()
    assert shape(document) == shape(EVERY[kind]("text"))


@pytest.mark.parametrize("carrier", CARRIERS)
@given(text=NASTY)
def test_a_parameter_arrives_as_it_was_but_for_what_xml_cannot_hold(carrier: Carrier, text: str) -> None:
    document = markup.stream(carrier, "wss://a.example", "T", {"from_number": text})
    assert [each.get("value") for each in elements(document, "Parameter")] == [without_illegal(text)]


def test_of_a_callers_number_no_more_is_told_than_fits() -> None:
    assert markup.parameters(CALL, "sip:" + "a" * 5_000)["from_number"] == "sip:" + "a" * 96
