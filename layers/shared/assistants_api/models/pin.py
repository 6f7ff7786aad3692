"""The pin of a phone number: which versions of its assistant answer it, and which of two answers a call."""

from collections.abc import Sequence
from hashlib import sha256

from pydantic import Field

from assistants_api.models.e164 import read_number
from assistants_api.models.parsing import Resource
from assistants_api.models.retirement import CallQuery

MAX_PINNED = 2  # versions of one number
WHOLE = 100  # what the weights of a number add up to


class PinnedVersion(Resource):
    """A version that answers a phone number, and its share of the callers."""

    version: int = Field(description="A version of the number's assistant.", examples=[1])
    weight: int = Field(description="How many of 100 callers it answers.", examples=[90])


class RouteQuery(CallQuery):
    """The query parameters of /api/routes/{phoneNumber}. What isn't known of a call is no reason not to answer it, so
    any text will do."""

    caller: str | None = Field(
        None,
        description=(
            "Who calls: the number as the carrier writes it, or another text. Where two versions answer the called "
            "number, the same caller always gets the same one. Without `caller` and `call_id`, the one with the "
            "greater weight answers."
        ),
        examples=["+14155550199"],
    )
    call_id: str | None = Field(
        None,
        description="The id of the call, where it is not known who calls. `caller` goes before it.",
        examples=["CA8d3f0c2b7a"],
    )

    @property
    def decides(self) -> str | None:
        """What a version is chosen by."""
        return _who(self.caller or "") or self.call_id


def choose_version(pins: Sequence[PinnedVersion], number_id: str, caller: str | None) -> int:
    """The version that answers the caller.

    A caller keeps a place among the hundred of a number, of which the first ones are those of the first version. So
    when the weight of the second grows, some callers move to it and none away from it. Without a caller it is the
    version with the greater weight, of equal ones the first.
    """
    if caller is None:
        return max(pins, key=lambda pin: pin.weight).version
    first, last = pins[0], pins[-1]
    return first.version if place(number_id, caller) < first.weight else last.version


def place(number_id: str, caller: str) -> int:
    """The caller's place among the hundred of a number, from 0. docs/api.md tells other programs how to find it."""
    digest = sha256(f"{number_id} {caller}".encode()).hexdigest()
    return int(digest[:8], 16) % WHOLE


def _who(caller: str) -> str:
    """A number in E.164 form, another text as it is. In a query, a + that isn't encoded arrives as a space."""
    text = caller.strip()
    return read_number(text) or (read_number(f"+{text}") if caller.startswith(" ") else None) or text
