"""Telnyx's APIs for phone numbers and TeXML applications (https://developers.telnyx.com/api-reference).

A number has no URLs of its own: it is assigned to an application, which has them. Each connection has one, by its name;
imports at the same time may make more, and all of them are its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from assistants_api.carriers.carrier import Line, Lines, Webhooks
from assistants_api.carriers.client import CarrierAnswer, Client
from assistants_api.errors import NumberNotAtCarrier

URL = "https://api.telnyx.com/v2"
APPLICATIONS, NUMBERS = "/texml_applications", "/phone_numbers"


class Application(CarrierAnswer):
    id: str
    friendly_name: str
    active: bool = True
    voice_url: str | None = None
    voice_method: str | None = None
    voice_fallback_url: str | None = None
    status_callback: str | None = None
    status_callback_method: str | None = None


class Applications(CarrierAnswer):
    data: list[Application]


class OneApplication(CarrierAnswer):
    data: Application


class Number(CarrierAnswer):
    id: str
    phone_number: str
    status: str = "active"
    connection_id: str | None = None
    connection_name: str | None = None
    customer_reference: str | None = None

    @property
    def obstacle(self) -> str | None:
        if self.status == "active":
            return None
        return f"{self.phone_number} is {self.status} at Telnyx; it takes calls when it is active."


class OneNumber(CarrierAnswer):
    data: Number


class Meta(CarrierAnswer):
    total_pages: int = 1


class Numbers(CarrierAnswer):
    data: list[Number]
    meta: Meta = Meta()


@dataclass
class Telnyx:
    """The account of a connection, for one request."""

    client: Client
    connection_id: str
    webhooks: Webhooks

    @property
    def _name(self) -> str:
        return f"assistants {self.connection_id}"

    def find(self, phone_number: str) -> Line:
        query = {"filter[phone_number]": phone_number.lstrip("+"), "page[size]": "20"}  # which they have to contain
        for number in self.client.get(NUMBERS, Numbers, query).data:
            if number.phone_number == phone_number:
                return self._line(number)
        raise NumberNotAtCarrier(self.client.carrier, phone_number)

    def page(self, limit: int, after: str | None) -> Lines:
        page = int(after or "1")
        found = self.client.get(NUMBERS, Numbers, {"page[size]": str(limit), "page[number]": str(page)})
        next_page = str(page + 1) if page < found.meta.total_pages else None
        return [self._line(number) for number in found.data], next_page

    def connect(self, line: Line) -> None:
        application = self._application_for(line.settings["connection_id"])
        settings = self._wanted()
        if application is None:
            settings |= {"friendly_name": self._name}
            application = self.client.send_json("POST", APPLICATIONS, OneApplication, settings).data
        elif application.model_dump(include=set(settings)) != settings:
            self.client.send_json("PATCH", f"{APPLICATIONS}/{application.id}", OneApplication, settings)
        if line.settings["connection_id"] != application.id:
            self._assign(line, application.id)

    def release(self, line: Line) -> bool:
        is_own = line.settings["connection_id"] in {application.id for application in self._applications}
        if is_own:
            self._assign(line, "")
        return is_own

    def _assign(self, line: Line, application_id: str) -> None:
        self.client.send_json("PATCH", f"{NUMBERS}/{line.id}", OneNumber, {"connection_id": application_id})

    @cached_property
    def _applications(self) -> list[Application]:
        found = self.client.get(APPLICATIONS, Applications, {"filter[friendly_name]": self._name}).data
        return sorted((it for it in found if it.friendly_name == self._name), key=lambda it: it.id)

    def _application_for(self, assigned_id: str | None) -> Application | None:
        """The one that the number is assigned to, or else the one that it would join."""
        assigned = (application for application in self._applications if application.id == assigned_id)
        return next(assigned, None) or next(iter(self._applications), None)

    def _wanted(self) -> dict[str, str | bool | None]:
        """The fallback is the same: what fails once may work when it is asked again."""
        return {
            "active": True,
            "voice_url": self.webhooks.voice,
            "voice_method": "post",
            "voice_fallback_url": self.webhooks.voice,
            "status_callback": self.webhooks.status,
            "status_callback_method": "post",
        }

    def _line(self, number: Number) -> Line:
        wanted, application = self._wanted(), self._application_for(number.connection_id)
        found = application.model_dump(include=set(wanted)) if application else {}
        own = application.id if application else f"a new TeXML application, {self._name}"
        return Line(
            number.id,
            number.phone_number,
            number.customer_reference or "",
            {"connection_id": number.connection_id or "", **_texts(found)},
            {"connection_id": own, **_texts(wanted)},
            number.obstacle,
        )


def _texts(settings: Mapping[str, str | bool | None]) -> dict[str, str]:
    words = {None: "", True: "true", False: "false"}
    return {name: it if isinstance(it, str) else words[it] for name, it in settings.items()}
