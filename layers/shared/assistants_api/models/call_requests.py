"""What requests say of calls."""

from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from assistants_api.models.call import CallReason, CallStatus
from assistants_api.models.ids import timestamp
from assistants_api.models.pagination import Pagination

DAY = len("2026-11-26")


def _moment(text: str) -> str:
    """As `timestamp` writes it. A day stands for its first moment in UTC. In a query a bare `+` is a space."""
    time, _, offset = text.rpartition(" ")
    try:
        moment = datetime.fromisoformat(f"{time}+{offset}" if len(time) > DAY else text)
        if moment.tzinfo or len(text) == DAY:
            return timestamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):  # OverflowError: an offset leads out of the years 1 to 9999
        pass
    raise ValueError("must be a time with its offset, as 2026-11-26T10:00:00Z, or a day in UTC, as 2026-11-26.")


Moment = Annotated[str, Field(max_length=40), AfterValidator(_moment)]


class CallListQuery(Pagination):
    """The query parameters of GET /api/calls."""

    assistant_id: str | None = Field(
        None, description="Only calls that this assistant answers.", examples=["asst_01jd5xexamp1e0000000000000"]
    )
    to_number: str | None = Field(
        None, description="Only calls to this number, in E.164 form.", examples=["+14155550101"]
    )
    from_number: str | None = Field(
        None, description="Only calls of this caller, as the carrier writes it.", examples=["+14155550199"]
    )
    reason: CallReason | None = Field(
        None, description="Only calls that were `routed`, or were not for this reason.", examples=["unassigned"]
    )
    status: CallStatus | None = Field(None, description="Only calls with this status.", examples=["completed"])
    started_from: Moment | None = Field(
        None,
        description="Only calls that started at this time or later. A day, such as 2026-11-26, begins in UTC.",
        examples=["2026-11-26T10:00:00Z"],
    )
    started_before: Moment | None = Field(
        None, description="Only calls that started before this time.", examples=["2026-11-27T10:00:00Z"]
    )

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.started_from and self.started_before and self.started_from > self.started_before:
            raise ValueError("started_from is later than started_before; send the earlier time as started_from.")
        return self
