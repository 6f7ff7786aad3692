"""Our own failure."""

from collections.abc import Mapping

from assistants_api.errors.base import ApiError

MENDED = "ask the operator of this deployment to mend it"


class InternalError(ApiError):
    """Something failed on our side; the log has it under the request id."""

    status = 500
    code = "internal_error"

    def __init__(self, cause: str = "") -> None:
        super().__init__("Something went wrong on our side; report it with the request_id of this response.")
        self.cause = cause


class ItemUnreadable(ApiError):
    """What is stored of a resource is not what this release stores, so it can't be shown or changed."""

    status = 500
    code = "item_unreadable"
    example = ("assistant", "asst_01jd5xexamp1e0000000000000", "", "", True)

    def __init__(self, kind: str, name: str, owner: str, reason: str, can_be_deleted: bool = False) -> None:
        """`owner` is what has it, beside the account: the assistant of a version."""
        way_out = f"DELETE it without If-Match, or {MENDED}" if can_be_deleted else MENDED
        self.kind, self.name, self.owner, self.reason = kind, name, f" of {owner}" if owner else "", reason
        super().__init__(f"The {kind} {name}{self.owner} can't be read as it is stored; {way_out}.")

    @property
    def logged(self) -> Mapping[str, object]:
        return {"unreadable": [self.to_log()]}

    def to_log(self) -> str:
        """Without more of a phone number than its last four digits."""
        name = f"pn_...{self.name[-4:]}" if self.name.startswith("pn_") else self.name
        return f"{self.kind} {name}{self.owner}: {self.reason}"


class Unavailable(ApiError):
    """The database, or what encrypts credentials, did not respond in time."""

    status = 503
    code = "unavailable"
    headers = {"retry-after": "1"}

    def __init__(self, cause: str = "", service: str = "database") -> None:
        super().__init__(
            f"The {service} did not respond in time; if you sent a change, check whether it was made, then try again."
        )
        self.cause = cause
