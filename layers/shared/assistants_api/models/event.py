"""Events: what happened to assistants, phone numbers and API keys, as an event bus passes it on.

None of them holds a name, a prompt or a secret; of what changed they say which fields, and not from what to what.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from assistants_api.models.assistant import CONFIGURATION
from assistants_api.models.ids import Timestamp
from assistants_api.models.parsing import Resource

Reason = Literal["deactivated", "deleted", "revoked", "rotated"]


class Event(Resource):
    """What all events have. One that is sent again has the same id."""

    id: str = Field(
        description="The same for an event that is sent again.", examples=["c4ca4238a0b923820dcc509a6f75849b.0"]
    )
    time: Timestamp = Field(description="ISO 8601 timestamp of the change.", examples=["2024-01-15T10:00:00Z"])
    account_id: str = Field(
        description="The account that it happened in.", examples=["acct_01jd5xexamp1e0000000000000"]
    )
    actor: str | None = Field(
        description=(
            "The id of the API key that did it, or `operator`; null where what is left of it does not say: a key or a "
            "number that was deleted."
        ),
        examples=[f"key_{'0' * 64}"],
    )


class AssistantEvent(Event):
    """Something happened to an assistant."""

    type: Literal["assistant.created", "assistant.updated", "assistant.deleted", "assistant.restored"]
    assistant_id: str = Field(description="The assistant.", examples=["asst_01jd5xexamp1e0000000000000"])
    version: int = Field(description="Its version, after the change.", examples=[3])
    changed_fields: list[str] = Field(
        description=(
            "The fields of the configuration that differ from the version before; of a new assistant all, of one that "
            "is deleted or restored none."
        ),
        examples=[["system_prompt", "temperature"]],
        max_length=len(CONFIGURATION),
    )


class PhoneNumberEvent(Event):
    """A phone number went to an assistant, or no longer belongs to it. One that moves makes two events."""

    type: Literal["phone_number.assigned", "phone_number.released"]
    phone_number_id: str = Field(description="The phone number.", examples=["pn_14155550101"])
    assistant_id: str = Field(
        description="The assistant that has it now, or had it.", examples=["asst_01jd5xexamp1e0000000000000"]
    )


class ApiKeyCreated(Event):
    """There is another API key."""

    type: Literal["api_key.created"]
    api_key_id: str = Field(description="The API key.", examples=[f"key_{'0' * 64}"])


class ApiKeyRevoked(Event):
    """An API key stops working. That of a key which was deactivated can be undone, which is no event."""

    type: Literal["api_key.revoked"]
    api_key_id: str = Field(description="The API key.", examples=[f"key_{'0' * 64}"])
    reason: Reason = Field(
        description="`revoked` is the operator's, and final; `rotated` has a new key in its place.",
        examples=["rotated"],
    )
    stops_at: Timestamp = Field(
        description="ISO 8601 timestamp of when it stops working: that of the event, but for the grace of a rotation.",
        examples=["2024-01-15T10:10:00Z"],
    )


AnyEvent: TypeAdapter[Event] = TypeAdapter(
    Annotated[
        AssistantEvent | PhoneNumberEvent | ApiKeyCreated | ApiKeyRevoked,
        Field(discriminator="type"),
    ]
)
