"""Webhooks, signed as Twilio signs them."""

import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from tests.harness import Account, Reply, load_handler, sample

HOST = "https://api.example.com"
AUTH_TOKEN = "0" * 32  # of `Account.new_connection`
STREAM = {"kind": "stream", "url": "wss://bots.example.com/ws"}
SAY = {"kind": "say", "text": "Please call again later.", "language": "en-US"}
NUMBER, CALLER, CALL_ID = "+14155550101", "+14155550199", f"CA{'0' * 32}"

Form = Mapping[str, str] | Sequence[tuple[str, str]]


def ringing(**fields: str) -> dict[str, str]:
    """What a carrier sends of a new call; `fields` replace or add."""
    return {"CallSid": CALL_ID, "From": CALLER, "To": NUMBER, "CallStatus": "ringing", "Digits": "", **fields}


def event_of(function: str, connection: str, form: Form, carrier: str = "twilio") -> Any:
    """The event of a request that nobody signed."""
    event = sample(function)
    path = event["rawPath"].replace(event["pathParameters"]["connectionId"], connection).replace("twilio", carrier)
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["pathParameters"] = {"carrier": carrier, "connectionId": connection}
    event["body"] = b64encode(urlencode(form).encode()).decode()
    del event["headers"]["x-twilio-signature"]
    return event


def twilio_signature(url: str, form: Form, secret: str = AUTH_TOKEN, algorithm: str = "sha1") -> str:
    parameters = sorted(set(form.items() if isinstance(form, Mapping) else form))
    text = url + "".join(name + value for name, value in parameters)
    return b64encode(hmac.digest(secret.encode(), text.encode(), algorithm)).decode()


def send(event: Any, function: str = "answer_call") -> Reply:
    response = load_handler(function)(event, None)
    return Reply(response["statusCode"], response["headers"], response["body"])


def signed(connection: str, form: Form, function: str = "answer_call", carrier: str = "twilio") -> Any:
    """The event of a request that Twilio signed, of any carrier."""
    event = event_of(function, connection, form, carrier)
    event["headers"]["x-twilio-signature"] = twilio_signature(HOST + event["rawPath"], form)
    return event


def ring(connection: str, **fields: str) -> Reply:
    return send(signed(connection, ringing(**fields)))


def elements(reply: Reply) -> list[ElementTree.Element]:
    """What is in the markup of an answered call, in its order."""
    assert (reply.status, reply.headers["content-type"]) == (200, "text/xml; charset=utf-8"), reply.text
    return parsed(reply.text)


def parsed(text: str) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(text)  # noqa: S314  our own
    assert root.tag == "Response"
    return list(root.iter())[1:]


def stream(reply: Reply) -> tuple[str, dict[str, str]]:
    """The URL of the stream that the markup opens, and its parameters."""
    return opened_by(elements(reply))


def opened_by(markup: Sequence[ElementTree.Element]) -> tuple[str, dict[str, str]]:
    connect, opened, *parameters = markup
    assert (connect.tag, opened.tag) == ("Connect", "Stream")
    return opened.attrib["url"], {each.attrib["name"]: each.attrib["value"] for each in parameters}


def said(reply: Reply) -> str | None:
    """The text that the caller hears instead of an assistant."""
    (say,) = elements(reply)
    assert say.tag == "Say"
    return say.text


def answering(account: Account, template: str = "outbound-setter", **fields: Any) -> str:
    """The id of a new assistant that answers NUMBER."""
    assistant = str(account.new_assistant(template, inbound_enabled=True, **fields)["id"])
    account.assign(assistant, [account.new_number(NUMBER)])
    return assistant


def connected(account: Account, **fields: object) -> str:
    """The id of a new connection with media and a fallback."""
    return account.new_connection(media=STREAM, fallback=SAY, **fields)
