"""What requests say of calls."""

from pydantic import Field

from assistants_api.models.call import CallReason, CallStatus
from assistants_api.models.pagination import Pagination


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
