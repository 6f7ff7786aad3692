"""Our own failure."""

from assistants_api.errors.base import ApiError


class InternalError(ApiError):
    """Something failed on our side; the log has it under the request id."""

    status = 500
    code = "internal_error"

    def __init__(self, cause: str = "") -> None:
        super().__init__("Something went wrong on our side; report it with the request_id of this response.")
        self.cause = cause


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
