"""Twilio's webhooks, and its markup (https://www.twilio.com/docs/voice/twiml#request-parameters)."""

import secrets
from dataclasses import dataclass, field
from xml.etree import ElementTree

import httpx
from twilio.request_validator import RequestValidator

from local.call.errors import CallError
from local.call.stream import Stream

PATIENCE = 15  # seconds, as long as Twilio waits


@dataclass(frozen=True)
class Carrier:
    account_sid: str = field(default_factory=lambda: f"AC{secrets.token_hex(16)}")
    auth_token: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)

    def post(self, url: str, **parameters: str) -> str:
        """A webhook's answer. Raises CallError and httpx.HTTPError."""
        form = {"AccountSid": self.account_sid, "ApiVersion": "2010-04-01", "Direction": "inbound", **parameters}
        signature = RequestValidator(self.auth_token).compute_signature(url, form)
        headers = {"X-Twilio-Signature": signature}
        with httpx.Client(timeout=PATIENCE, trust_env=False) as client:
            response = client.post(url, data=form, headers=headers)
        if not response.is_success:
            raise CallError(f"POST {url} answered {response.status_code}: {response.text}")
        return response.text


def stream_of(markup: str) -> Stream | None:
    """The stream that the markup opens, if it does."""
    opened = ElementTree.fromstring(markup).find("./Connect/Stream")  # noqa: S314  of the stack here
    if opened is None:
        return None
    parameters = {each.attrib["name"]: each.attrib["value"] for each in opened.iter("Parameter")}
    return Stream(opened.attrib["url"], parameters)
