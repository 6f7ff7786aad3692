"""A call that a carrier told us of: who answers it, and how it ended."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from pydantic import Field

from assistants_api.models.ids import Timestamp
from assistants_api.models.parsing import Resource

RETENTION_SECONDS = 90 * 24 * 3600
ANSWER_SECONDS = 60  # from a carrier's first request; after them, whoever sends it again is not the carrier
CallReason = Literal[
    "routed",
    "unassigned",
    "inbound_disabled",
    "number_not_active",
    "unknown_number",
    "no_media",
    "malformed_call",
    "account_suspended",
]
Ended = Literal["completed", "busy", "failed", "no-answer", "canceled"]
CallStatus = Literal["started", "completed", "busy", "failed", "no-answer", "canceled"]
ENDED: dict[str, Ended] = {name: name for name in get_args(Ended)}  # what the carriers' words mean: the same


@dataclass(frozen=True, slots=True)
class RoutedCall:
    """A call and the assistant that answers it."""

    account_id: str
    connection_id: str
    to_number: str  # in E.164 form
    assistant_id: str
    assistant_version: int
    call_id: str  # the carrier's
    started_at: int  # when its webhook came, in seconds since 1970


class Call(Resource):
    """A call as it is stored and answered."""

    id: str = Field(description="The carrier's id of the call.", examples=[f"CA{'0' * 32}"])
    connection_id: str = Field(
        description="The telephony connection that it came through.",
        examples=["conn_01jd5xexamp1e000000000000001jd5xexamp1e0000000000000"],
    )
    from_number: str = Field(
        description="Who calls: the number, or what else the carrier tells.", examples=["+14155550199"]
    )
    to_number: str = Field(description="The called number.", examples=["+14155550101"])
    reason: CallReason = Field(
        description="`routed`, or why no assistant answers, so that the caller gets the fallback.", examples=["routed"]
    )
    assistant_id: str | None = Field(
        None, description="The assistant that answers.", examples=["asst_01jd5xexamp1e0000000000000"]
    )
    assistant_version: int | None = Field(None, description="Its version that answers.", examples=[3])
    status: CallStatus = Field(
        "started", description="`started`, or how it ended, as the carrier says.", examples=["completed"]
    )
    started_at: Timestamp = Field(
        description="ISO 8601 timestamp of the carrier's request.", examples=["2024-01-15T10:00:00Z"]
    )
    ended_at: Timestamp | None = Field(
        None, description="ISO 8601 timestamp of its end; null while it lasts.", examples=["2024-01-15T10:02:03Z"]
    )
    duration_seconds: int | None = Field(
        None, description="How long it was connected; null while it lasts.", examples=[123]
    )

    @property
    def started(self) -> int:
        """Seconds since 1970."""
        return int(datetime.fromisoformat(self.started_at).astimezone(UTC).timestamp())

    def routed(self, account_id: str) -> RoutedCall | None:
        """What whoever answers is told; None where no assistant does."""
        if self.assistant_id is None or self.assistant_version is None:
            return None
        return RoutedCall(
            account_id,
            self.connection_id,
            self.to_number,
            self.assistant_id,
            self.assistant_version,
            self.id,
            self.started,
        )
