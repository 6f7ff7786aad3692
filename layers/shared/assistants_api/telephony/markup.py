"""The markup that tells a carrier what to do with a call: TwiML, and TeXML of Telnyx, which is nearly the same.

- https://www.twilio.com/docs/voice/twiml, its pages on Stream, Sip, Say, Dial and Reject
- https://developers.telnyx.com/docs/voice/programmable-voice/texml-verbs, likewise
- https://docs.pipecat.ai/pipecat-cloud/guides/telephony/twilio-websocket and telnyx-websocket

Everything is escaped, and characters that XML or a SIP header can't hold are left out, so no text becomes markup.
"""

import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from assistants_api.models.call import RoutedCall

Carrier = Literal["twilio", "telnyx"]

PIPECAT_CLOUD = "wss://api.pipecat.daily.co/ws"
MAX_FROM = 100  # characters; Twilio takes 499 for a parameter with its name, and 1,023 for all headers of a SIP URI
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NOT_IN_HEADER = re.compile("[^\x20-\x7e]")  # a line break would begin another header


def parameters(call: RoutedCall, from_number: str) -> dict[str, str]:
    """What whoever answers is told of the call; the number of the caller as the carrier sent it, at most its start."""
    return {
        "assistant_id": call.assistant_id,
        "assistant_version": str(call.assistant_version),
        "from_number": from_number[:MAX_FROM],
        "to_number": call.to_number,
        "call_id": call.call_id,
    }


def stream(carrier: Carrier, url: str, token: str, parameters: Mapping[str, str]) -> str:
    """Opens a stream in both directions to the WebSocket, with the token as the last part of the URL's path."""
    parts = urlsplit(url)
    path = f"{parts.path.rstrip('/')}/{token}"
    return _stream(carrier, parts._replace(path=path).geturl(), parameters)


def pipecat_cloud(carrier: Carrier, agent: str, token: str, parameters: Mapping[str, str]) -> str:
    """Opens a stream to the agent, such as `my-agent.my-organization`.

    The path of its URL is Pipecat Cloud's own, so the token is the parameter `call_token`.
    """
    parameters = {**parameters, "call_token": token}
    if carrier == "telnyx":
        return _stream(
            carrier, f"{PIPECAT_CLOUD}/telnyx?serviceHost={quote(agent, safe='', errors='replace')}", parameters
        )
    return _stream(carrier, f"{PIPECAT_CLOUD}/twilio", {**parameters, "_pipecatCloudServiceHost": agent})


def sip(uri: str, username: str, password: str, token: str, parameters: Mapping[str, str]) -> str:
    """Calls the SIP URI, with the parameters and the token in headers such as `X-Assistant-Id` and `X-Call-Token`."""
    headers = "&".join(
        f"X-{name.replace('_', '-').title()}={quote(NOT_IN_HEADER.sub('', value), safe='')}"
        for name, value in {**parameters, "call_token": token}.items()
    )
    login = {"username": username, "password": password} if username else {}
    response = Element("Response")
    _add(_add(response, "Dial"), "Sip", f"{uri}{'&' if '?' in uri else '?'}{headers}", **login)
    return _document(response)


def say(text: str, language: str | None = None) -> str:
    """Speaks the text, and hangs up."""
    return _verb("Say", text, **({"language": language} if language else {}))


def dial(number: str) -> str:
    """Puts the call through to a number in E.164 form."""
    response = Element("Response")
    _add(_add(response, "Dial"), "Number", number)
    return _document(response)


def reject() -> str:
    """Lets the caller hear that the line is busy; the call is not answered, and costs nothing."""
    return _verb("Reject", reason="busy")


def _stream(carrier: Carrier, url: str, parameters: Mapping[str, str]) -> str:
    mode = {"bidirectionalMode": "rtp"} if carrier == "telnyx" else {}  # else Telnyx only takes whole MP3 files back
    response = Element("Response")
    opened = _add(_add(response, "Connect"), "Stream", url=url, **mode)
    for name, value in parameters.items():
        _add(opened, "Parameter", name=name, value=value)
    return _document(response)


def _verb(name: str, text: str | None = None, **attributes: str) -> str:
    response = Element("Response")
    _add(response, name, text, **attributes)
    return _document(response)


def _add(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    clean = {name: NOT_XML.sub("", value) for name, value in attributes.items()}
    child = SubElement(parent, tag, clean)
    child.text = None if text is None else NOT_XML.sub("", text)
    return child


def _document(response: Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>' + tostring(response, encoding="unicode")
