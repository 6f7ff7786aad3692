"""Whether a carrier sends the calls of a phone number here, as it was when it was last asked."""

from typing import Literal

from pydantic import Field

from assistants_api.models.ids import Timestamp, timestamp
from assistants_api.models.parsing import Resource

SyncState = Literal["synced", "drifted", "failed"]

NOT_SET = "The carrier was not yet told to send calls here; POST /api/phone-numbers/{phoneNumberId}/sync tells it."


class Sync(Resource):
    """Whether the carrier sends the number's calls here."""

    state: SyncState = Field(
        description=(
            "`synced`: it does. `drifted`: it is set to something else. `failed`: it could not be asked, or not be set."
        ),
        examples=["synced"],
    )
    checked_at: Timestamp = Field(
        description="ISO 8601 timestamp of when the carrier was asked.", examples=["2024-01-15T10:00:00Z"]
    )
    error: str | None = Field(
        None, description="What stands against it, and what to do; null if nothing does.", examples=[None]
    )


def sync_now(state: SyncState, error: str | None = None) -> Sync:
    return Sync(state=state, checked_at=timestamp(), error=error)
