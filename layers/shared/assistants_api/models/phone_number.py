"""A phone number: bought elsewhere, imported here, assigned to the assistant that answers it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import MISSING, AfterValidator, Field

from assistants_api.errors import (
    Detail,
    InvalidRequest,
    PhoneNumberAssigned,
    PhoneNumberNotActive,
    PhoneNumberNotFound,
)
from assistants_api.models.assistant import MAX_NUMBERS, Assistant
from assistants_api.models.changes import Changes, Instant
from assistants_api.models.e164 import check_e164, guess_number
from assistants_api.models.fallback import Fallback, FallbackSettings
from assistants_api.models.ids import E164, PHONE_NUMBER_ID, ConnectionId, Timestamp, phone_number_id, timestamp
from assistants_api.models.messages import did_you_mean
from assistants_api.models.pagination import WHOLE_NUMBER, Limit, Pagination
from assistants_api.models.parsing import AccountBody, OptionalAccountBody, Resource
from assistants_api.models.pin import MAX_PINNED, PinnedVersion, VersionsToPin
from assistants_api.models.sync import Sync
from assistants_api.models.text import Label

Status = Literal["active", "suspended"]
RouteReason = Literal["routed", "unassigned", "inbound_disabled", "number_not_active"]

MAX_ASSIGNABLE = 10_000  # on a page


def _number_id(text: str) -> str:
    if not PHONE_NUMBER_ID.fullmatch(text):
        rule = "must be a phone number's id: pn_ and the digits of the number, as pn_14155550101"
        raise ValueError(f"{rule}{did_you_mean(guess_number(text, prefix='pn_'))}.")
    return text


PhoneNumberId = Annotated[
    str, AfterValidator(_number_id), Field(json_schema_extra={"pattern": f"^{PHONE_NUMBER_ID.pattern}$"})
]
E164Number = Annotated[str, AfterValidator(check_e164), Field(json_schema_extra={"pattern": f"^{E164.pattern}$"})]


class PhoneNumber(Resource):
    """A phone number as it is stored and answered."""

    untagged = frozenset({"sync"})

    id: str = Field(
        description="Unique identifier for the phone number: `pn_` and its digits.", examples=["pn_14155550101"]
    )
    phone_number: str = Field(description="The number in E.164 form.", examples=["+14155550101"])
    status: Status = Field(
        description="Whether the number is in service; an assistant doesn't answer a suspended one.",
        examples=["active"],
    )
    assistant_id: str | None = Field(
        None,
        description="The assistant that answers the number; null while none does.",
        examples=["asst_01jd5xexamp1e0000000000000"],
    )
    provider: str | None = Field(None, description="Who provides the number.", examples=["twilio"])
    label: str | None = Field(None, description="What the number is for: 1 to 200 characters.", examples=["Sales"])
    versions: list[PinnedVersion] | None = Field(
        None,
        description=(
            "The versions of the assistant that answer the number, one or two, with weights that add up to 100; null "
            "where the newest one answers. They end with the assignment to this assistant."
        ),
        examples=[[{"version": 1, "weight": 90}, {"version": 2, "weight": 10}]],
        max_length=MAX_PINNED,
    )
    fallback: Fallback | None = Field(
        None,
        description="What happens to a call that no assistant answers; null where the telephony connection says it.",
    )
    created_at: Timestamp = Field(
        description="ISO 8601 timestamp of when the number was imported.", examples=["2024-01-15T10:00:00Z"]
    )

    connection_id: str | None = Field(
        None,
        description="The telephony connection that it was imported through; null for none.",
        examples=["conn_01jd5xexamp1e000000000000001jd5xexamp1e0000000000000"],
    )
    carrier_id: str | None = Field(
        None, description="The carrier's own id of the number.", examples=["PN00000000000000000000000000000001"]
    )
    sync: Sync | None = Field(
        None, description="Whether its carrier sends its calls here; null without a connection to ask."
    )


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


class PhoneNumberAssignment(AccountBody):
    """The body of PATCH /api/assistants/{assistantId}/telephony/phone-numbers."""

    phone_number_ids: list[PhoneNumberId] = Field(
        alias="phoneNumberIds",
        max_length=2 * MAX_NUMBERS,  # a number may be in it twice
        description=(
            "The ids of the phone numbers to assign to this assistant, at most 500. "
            "This replaces any existing assignments; an empty array removes all."
        ),
        examples=[["pn_14155550101", "pn_14155550102"]],
    )
    reassign: bool = Field(
        False, description="Whether to take numbers from the assistants that hold them, in the same step."
    )


@dataclass(frozen=True)
class AssignmentPlan:
    """What has to change so that an assistant holds just the numbers wanted.

    `holders` says which assistant a claimed number is taken from; one that is not in it is free.
    """

    claims: Sequence[str]
    releases: Sequence[str]
    holders: Mapping[str, str] = field(default_factory=dict)

    @property
    def changes(self) -> int:
        return len(self.claims) + len(self.releases)

    @property
    def taken_from(self) -> dict[str, list[str]]:
        """The ids of the numbers that each other assistant loses, by its id."""
        taken: dict[str, list[str]] = {}
        for number in self.claims:
            if number in self.holders:
                taken.setdefault(self.holders[number], []).append(number)
        return taken

    def batches(self, max_changes: int) -> Iterator["AssignmentPlan"]:
        """The same changes in plans of so many changes at most, where a holder that loses numbers is a change too.

        Releases come first, so that the assistant never holds more than it may, and numbers of one holder together.
        """
        changes = [*self.releases, *sorted(self.claims, key=lambda claim: self.holders.get(claim, ""))]
        start, holders = 0, set[str]()
        for end, number in enumerate(changes):
            holder = {self.holders[number]} if number in self.holders else set[str]()
            if end - start + 1 + len(holders | holder) > max_changes:
                yield self._part(changes[start:end])
                start, holders = end, set[str]()
            holders |= holder
        if changes:
            yield self._part(changes[start:])

    def _part(self, changes: Sequence[str]) -> "AssignmentPlan":
        claims = set(self.claims)
        return AssignmentPlan(
            [number for number in changes if number in claims],
            [number for number in changes if number not in claims],
            {number: self.holders[number] for number in changes if number in self.holders},
        )


def plan_assignment(
    assistant_id: str,
    held: Collection[str],
    wanted: PhoneNumberAssignment,
    known: Mapping[str, PhoneNumber | None],
) -> AssignmentPlan:
    """The changes from the numbers held to those wanted.

    `known` says of a number what was read of it, `None` that it does not exist; a number that is not in it is taken to
    be free, and the transaction finds out. Raises InvalidRequest, PhoneNumberNotFound, PhoneNumberNotActive and
    PhoneNumberAssigned.
    """
    position = {number: index for index, number in reversed(list(enumerate(wanted.phone_number_ids)))}
    claims = sorted(position.keys() - set(held), key=position.__getitem__)
    releases = sorted(set(held) - position.keys())
    if len(position) > MAX_NUMBERS:
        raise InvalidRequest(f"An assistant holds at most {MAX_NUMBERS} phone numbers, not {len(position)}.")

    def details(numbers: Sequence[str], message: str) -> list[Detail]:
        return [{"field": f"/phoneNumberIds/{position[number]}", "message": message} for number in numbers]

    if missing := [number for number in claims if number in known and known[number] is None]:
        raise PhoneNumberNotFound(missing[0], details(missing, "does not exist in this account."))
    numbers = [number for claim in claims if (number := known.get(claim))]
    if inactive := [number.id for number in numbers if number.status != "active"]:
        raise PhoneNumberNotActive(
            f"The phone number {inactive[0]} is not active; activate it first.", details(inactive, "is not active.")
        )
    holders = {number.id: number.assistant_id for number in numbers if number.assistant_id not in (None, assistant_id)}
    plan = AssignmentPlan(claims, releases, holders)
    if holders and not wanted.reassign:
        first, holder = next(iter(holders.items()))
        raise PhoneNumberAssigned(
            f"The phone number {first} is assigned to {holder}; release it there, or send reassign: true to move it.",
            [d for holder, taken in plan.taken_from.items() for d in details(taken, f"is assigned to {holder}.")],
        )
    return plan


def route(number: PhoneNumber, assistant: Assistant | None) -> RouteReason:
    """Whether the assistant of the number answers a call to it, and if not, why."""
    if number.status != "active":
        return "number_not_active"
    if assistant is None:
        return "unassigned"
    return "routed" if assistant.inbound_enabled else "inbound_disabled"
