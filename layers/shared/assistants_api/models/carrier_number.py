"""A phone number as its carrier has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from assistants_api.models.creation import Creation
from assistants_api.models.pagination import Pagination
from assistants_api.models.parsing import OptionalAccountBody, Resource
from assistants_api.models.phone_number import PhoneNumber


class Drift(Resource):
    """A setting at the carrier that does not lead calls here."""

    field: str = Field(description="The carrier's own name of the setting.", examples=["voice_url"])
    found: str = Field(description="What it is.", examples=["https://demo.twilio.com/welcome/voice/"])
    wanted: str = Field(
        description="What it is when calls come here.",
        examples=["https://api.example.com/telephony/twilio/conn_01jd5x.../voice"],
    )


class CarrierNumber(Resource):
    """A phone number of the connection's account at the carrier."""

    phone_number: str = Field(description="The number in E.164 form.", examples=["+14155550101"])
    carrier_id: str = Field(
        description="The carrier's own id of the number.", examples=["PN00000000000000000000000000000001"]
    )
    name: str = Field(description="What the carrier calls the number.", examples=["Main line"])
    phone_number_id: str | None = Field(
        description="The id of the phone number here; null while it is not imported.", examples=["pn_14155550101"]
    )
    connection_id: str | None = Field(
        description="The connection that it was imported through, if any.",
        examples=["conn_01jd5xexamp1e000000000000001jd5xexamp1e0000000000000"],
    )
    leads_here: bool = Field(description="Whether the carrier sends the number's calls here.", examples=[True])
    obstacle: str | None = Field(
        description="Why its calls can't come here until something is changed at the carrier; null if they can.",
        examples=[None],
    )


class NumberSync(OptionalAccountBody, Creation):
    """The body of POST /api/phone-numbers/{phoneNumberId}/sync."""


class CarrierNumberQuery(Pagination):
    """The query parameters of GET /api/telephony-connections/{connectionId}/numbers."""


@dataclass(frozen=True, slots=True)
class SyncedNumber:
    """A number whose carrier was asked, and what was set there to something else."""

    number: PhoneNumber
    drift: Sequence[Drift]

    def to_public(self) -> dict[str, Any]:
        return self.number.to_public()
