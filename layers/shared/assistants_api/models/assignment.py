"""Which numbers an assistant holds: what a request says of it, and the plan of what has to change."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import AfterValidator, Field

from assistants_api.errors import (
    Detail,
    InvalidRequest,
    PhoneNumberAssigned,
    PhoneNumberNotActive,
    PhoneNumberNotFound,
)
from assistants_api.models.assistant import MAX_NUMBERS
from assistants_api.models.e164 import guess_number
from assistants_api.models.ids import PHONE_NUMBER_ID
from assistants_api.models.messages import did_you_mean
from assistants_api.models.parsing import AccountBody
from assistants_api.models.phone_number import PhoneNumber


def _number_id(text: str) -> str:
    if not PHONE_NUMBER_ID.fullmatch(text):
        rule = "must be a phone number's id: pn_ and the digits of the number, as pn_14155550101"
        raise ValueError(f"{rule}{did_you_mean(guess_number(text, prefix='pn_'))}.")
    return text


PhoneNumberId = Annotated[
    str, AfterValidator(_number_id), Field(json_schema_extra={"pattern": f"^{PHONE_NUMBER_ID.pattern}$"})
]


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
