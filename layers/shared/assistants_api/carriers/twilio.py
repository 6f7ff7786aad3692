"""Twilio's API for phone numbers (https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from assistants_api.carriers.carrier import Line, Lines, Webhooks
from assistants_api.carriers.client import CarrierAnswer, Client
from assistants_api.errors import NumberNotAtCarrier

URL = "https://api.twilio.com"
PAGE_PARAMETERS = {"Page", "PageToken"}
# What leads calls, and the parameter that sets it. Twilio ignores the URLs of a number that has an application.
PARAMETERS = {
    "voice_application_sid": "VoiceApplicationSid",
    "voice_url": "VoiceUrl",
    "voice_method": "VoiceMethod",
    "voice_fallback_url": "VoiceFallbackUrl",
    "voice_fallback_method": "VoiceFallbackMethod",
    "status_callback": "StatusCallback",
    "status_callback_method": "StatusCallbackMethod",
}


class Capabilities(CarrierAnswer):
    voice: bool = True


class IncomingNumber(CarrierAnswer):
    sid: str
    phone_number: str
    friendly_name: str | None = None
    trunk_sid: str | None = None
    capabilities: Capabilities = Capabilities()
    voice_application_sid: str | None = None
    voice_url: str | None = None
    voice_method: str | None = None
    voice_fallback_url: str | None = None
    voice_fallback_method: str | None = None
    status_callback: str | None = None
    status_callback_method: str | None = None

    @property
    def obstacle(self) -> str | None:
        if self.trunk_sid:
            return (
                f"{self.phone_number} is in the trunk {self.trunk_sid}, so Twilio ignores its voice URL; remove it "
                "from the trunk first."
            )
        if not self.capabilities.voice:
            return f"{self.phone_number} can't take calls at Twilio; import one that can."
        return None


class IncomingNumbers(CarrierAnswer):
    incoming_phone_numbers: list[IncomingNumber]
    next_page_uri: str | None = None


@dataclass(frozen=True)
class Twilio:
    """The account of a connection."""

    client: Client
    account_sid: str
    webhooks: Webhooks

    @property
    def _numbers(self) -> str:
        return f"/2010-04-01/Accounts/{self.account_sid}/IncomingPhoneNumbers"

    def find(self, phone_number: str) -> Line:
        query = {"PhoneNumber": phone_number, "PageSize": "20"}  # which finds numbers that contain it, too
        found = self.client.get(f"{self._numbers}.json", IncomingNumbers, query)
        for number in found.incoming_phone_numbers:
            if number.phone_number == phone_number:
                return self._line(number)
        raise NumberNotAtCarrier(self.client.carrier, phone_number)

    def page(self, limit: int, after: str | None) -> Lines:
        query = {"PageSize": str(limit), **dict(parse_qsl(after or ""))}
        found = self.client.get(f"{self._numbers}.json", IncomingNumbers, query)
        return [self._line(number) for number in found.incoming_phone_numbers], _next(found.next_page_uri)

    def connect(self, line: Line) -> None:
        self._set(line, self._wanted())

    def release(self, line: Line) -> bool:
        own = {name: "" for name, value in line.settings.items() if self.webhooks.is_own(value)}
        if own:
            self._set(line, own)
        return bool(own)

    def _set(self, line: Line, settings: Mapping[str, str]) -> None:
        form = {PARAMETERS[name]: value for name, value in settings.items()}
        self.client.post_form(f"{self._numbers}/{line.id}.json", IncomingNumber, form)

    def _wanted(self) -> dict[str, str]:
        """The fallback is the same: what fails once may work when it is asked again."""
        return {
            "voice_application_sid": "",
            "voice_url": self.webhooks.voice,
            "voice_method": "POST",
            "voice_fallback_url": self.webhooks.voice,
            "voice_fallback_method": "POST",
            "status_callback": self.webhooks.status,
            "status_callback_method": "POST",
        }

    def _line(self, number: IncomingNumber) -> Line:
        settings = {name: getattr(number, name) or "" for name in PARAMETERS}
        name = number.friendly_name or ""
        return Line(number.sid, number.phone_number, name, settings, self._wanted(), number.obstacle)


def _next(uri: str | None) -> str | None:
    """Of the URI of the next page only what says where it begins."""
    parameters = [(name, value) for name, value in parse_qsl(urlsplit(uri or "").query) if name in PAGE_PARAMETERS]
    return urlencode(parameters) or None
