"""What requests say of phone numbers."""

from typing import Annotated

from pydantic import MISSING, AfterValidator, Field

from assistants_api.models.changes import Changes, Instant
from assistants_api.models.e164 import E164Number
from assistants_api.models.fallback_requests import FallbackSettings
from assistants_api.models.ids import ConnectionId, phone_number_id, timestamp
from assistants_api.models.pagination import WHOLE_NUMBER, Limit, Pagination
from assistants_api.models.parsing import AccountBody, Body, Integer, OptionalAccountBody
from assistants_api.models.phone_number import PhoneNumber, Status
from assistants_api.models.pin import MAX_PINNED, WHOLE
from assistants_api.models.sync import Sync
from assistants_api.models.text import Label

MAX_VERSION = 99_999_999
MAX_ASSIGNABLE = 10_000  # on a page


class VersionToPin(Body):
    """A version that should answer a phone number, and its share of the callers."""

    version: Annotated[Integer, Field(ge=1, le=MAX_VERSION)] = Field(
        description="A version of the number's assistant.", examples=[1]
    )
    weight: Annotated[Integer, Field(ge=1, le=WHOLE)] | None = Field(
        None,
        description="How many of 100 callers it answers. A single version answers all of them, and needs no weight.",
        examples=[90],
    )


def _canonical(pins: list[VersionToPin]) -> list[VersionToPin] | None:
    """With weights and in the order of the versions; None for no version. Raises ValueError."""
    match pins:
        case []:
            return None
        case [single]:
            if single.weight not in (None, WHOLE):
                raise ValueError("has one version, which needs no weight: it answers all callers.")
            return [single.model_copy(update={"weight": WHOLE})]
    if len({pin.version for pin in pins}) < len(pins):
        raise ValueError(f"has the version {pins[0].version} twice; send it once, without a weight.")
    if sum(pin.weight or 0 for pin in pins) != WHOLE or not all(pin.weight for pin in pins):
        raise ValueError("must have weights that add up to 100, such as 90 and 10.")
    return sorted(pins, key=lambda pin: pin.version)


VersionsToPin = Annotated[list[VersionToPin], Field(max_length=MAX_PINNED), AfterValidator(_canonical)]


class NewPhoneNumber(AccountBody):
    """The body of POST /api/phone-numbers."""

    phone_number: E164Number = Field(
        alias="phoneNumber", description="The number in E.164 form.", examples=["+14155550101"]
    )
    label: Label | None = None
    provider: Label | None = None
    connection_id: ConnectionId | None = Field(
        None,
        alias="connectionId",
        description=(
            "The telephony connection whose account has the number. The carrier is asked whether it does, and told to "
            "send its calls here."
        ),
        examples=["conn_01jd5xexamp1e000000000000001jd5xexamp1e0000000000000"],
    )

    @property
    def id(self) -> str:
        return phone_number_id(self.phone_number)

    def to_phone_number(self) -> PhoneNumber:
        return PhoneNumber(
            id=self.id,
            phone_number=self.phone_number,
            status="active",
            provider=self.provider,
            label=self.label,
            created_at=timestamp(),
        )

    def to_changes(self) -> "PhoneNumberChanges":
        """What the request says of a number that the account has already."""
        sent = {"label": self.label, "provider": self.provider}
        return PhoneNumberChanges.model_validate({name: text for name, text in sent.items() if text is not None})


class PhoneNumberChanges(OptionalAccountBody, Changes):
    """The body of PATCH /api/phone-numbers/{phoneNumberId}. Null removes what is optional."""

    read_only = frozenset({"id", "phone_number", "assistant_id", "connection_id", "carrier_id", "sync", "created_at"})
    outdated = frozenset({"assistant_id", "connection_id", "carrier_id"})

    label: Label | MISSING | None = MISSING
    provider: Label | MISSING | None = MISSING
    status: Status | MISSING = MISSING
    versions: VersionsToPin | MISSING | None = MISSING
    fallback: FallbackSettings | MISSING | None = MISSING

    id: str | MISSING = MISSING
    phone_number: str | MISSING = MISSING
    assistant_id: str | MISSING | None = MISSING
    connection_id: str | MISSING | None = MISSING
    carrier_id: str | MISSING | None = MISSING
    # Not compared: it changes as the carrier is asked.
    sync: Sync | MISSING | None = Field(MISSING, exclude=True)
    created_at: Instant | MISSING = MISSING


class PhoneNumberQuery(Pagination):
    """The query parameters of GET /api/phone-numbers."""

    limit: Limit = Field(100, description="The most entries of a page.", examples=[100])


class AssignableNumberQuery(Pagination):
    """The query parameters of GET /api/assistants/{assistantId}/telephony/phone-numbers."""

    limit: Annotated[int, Field(ge=1, le=MAX_ASSIGNABLE), WHOLE_NUMBER] = Field(
        MAX_ASSIGNABLE,
        description="The most entries of a page. Without it, a page has as many as one response can hold.",
        examples=[100],
    )
