"""A phone number: bought elsewhere, imported here, assigned to the assistant that answers it."""

from typing import Literal

from pydantic import Field

from assistants_api.models.assistant import Assistant
from assistants_api.models.fallback import Fallback
from assistants_api.models.ids import Timestamp
from assistants_api.models.parsing import Resource
from assistants_api.models.pin import MAX_PINNED, PinnedVersion
from assistants_api.models.sync import Sync

Status = Literal["active", "suspended"]
RouteReason = Literal["routed", "unassigned", "inbound_disabled", "number_not_active"]


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


def route(number: PhoneNumber, assistant: Assistant | None) -> RouteReason:
    """Whether the assistant of the number answers a call to it, and if not, why."""
    if number.status != "active":
        return "number_not_active"
    if assistant is None:
        return "unassigned"
    return "routed" if assistant.inbound_enabled else "inbound_disabled"
