"""The request itself is wrong, whatever is stored."""

from collections.abc import Sequence
from typing import Any, ClassVar

from assistants_api.errors.base import ApiError, Detail


class InvalidRequest(ApiError):
    """The body is not valid JSON, or a field or query parameter is not as described."""

    status = 400
    code = "invalid_request"
    example: ClassVar[tuple[Any, ...]] = ("temperature: must be at most 2.0.",)

    @classmethod
    def because(cls, details: Sequence[Detail]) -> "InvalidRequest":
        """The first detail becomes the message."""
        first, more = details[0], len(details) - 1
        where = f"{first['field'].lstrip('/')}: " if first["field"] else ""
        rest = f" ({more} more in details)" if more else ""
        return cls(f"{where}{first['message']}{rest}", details)


class MalformedId(InvalidRequest):
    """An id in the path is malformed."""

    code = "malformed_id"
    example = ("The assistant id is malformed; it is asst_ and 26 lower-case letters and digits.",)


class ReadOnlyField(InvalidRequest):
    """A read-only field differs from the stored value."""

    code = "read_only_field"
    example = (["id"],)

    def __init__(self, fields: Sequence[str], details: Sequence[Detail] = ()) -> None:
        super().__init__(f"{', '.join(fields)}: read-only; leave it out or send what GET answers.", details)


class InvalidCursor(InvalidRequest):
    """The cursor is malformed, or belongs to another list, other filters or another account."""

    code = "invalid_cursor"
    example = ("The cursor is not one of this list with these filters; start again without it.",)


class Unauthenticated(ApiError):
    """The token is missing, malformed, unknown, revoked or expired."""

    status = 401
    code = "unauthenticated"
    example = ("The API key is unknown; use one of this deployment.",)
    headers = {"www-authenticate": "Bearer"}


class AccountMismatch(ApiError):
    """`accountSlug` is not the account of the API key."""

    status = 403
    code = "account_mismatch"
    example = ("accountSlug is not the account of this API key, which is my-team.",)


class AccountSuspended(ApiError):
    """The account of the API key is suspended: the operator refuses all its requests for now."""

    status = 403
    code = "account_suspended"

    def __init__(self) -> None:
        super().__init__("The account of this API key is suspended; ask the operator of this deployment to resume it.")


class MissingScope(ApiError):
    """The API key lacks the scope that the request needs, or a scope that it would give to another key."""

    status = 403
    code = "missing_scope"
    example = ("The API key lacks the scope assistants:write; it has assistants:read.",)


class GrantsTooMuch(ApiError):
    """The API key would give another key more than it has."""

    status = 403
    code = "grants_too_much"
    example = ("This API key was rotated; use the key that took its place.",)


class NotSigned(ApiError):
    """A webhook that its carrier did not sign for this connection."""

    status = 403
    code = "not_signed"

    def __init__(self) -> None:
        super().__init__(
            "No signature of the connection's carrier fits this request; check the connection's id, its credentials, "
            "and that the carrier requests the public address of this deployment."
        )


class MethodNotAllowed(ApiError):
    """The path exists, the method does not."""

    status = 405
    code = "method_not_allowed"
    example = ("PUT", "/api/assistants", ["GET", "HEAD", "POST"])

    def __init__(self, method: str, path: str, allowed: Sequence[str]) -> None:
        super().__init__(f"{path} does not take {method}; it takes {', '.join(allowed)}.")
        self.headers = {"allow": ", ".join(allowed)}


class BodyTooLarge(ApiError):
    """The body is larger than 1 MiB."""

    status = 413
    code = "body_too_large"
    example = ("The body has 1,048,577 bytes; at most 1,048,576 are allowed.",)


class UnsupportedMediaType(ApiError):
    """The `Content-Type` is not JSON."""

    status = 415
    code = "unsupported_media_type"
    example = ('Send JSON, with the header "Content-Type: application/json".',)


class IdempotencyKeyReused(ApiError):
    """The `Idempotency-Key` was sent with another request before."""

    status = 422
    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(
            "The Idempotency-Key was sent with another request in the last 24 hours; "
            "send the same request again, or another key for another thing to be done."
        )


class RateLimited(ApiError):
    """The API key has used all its requests for this hour."""

    status = 429
    code = "rate_limited"
    example = (1_000, 1_234)

    def __init__(self, limit: int, seconds: int) -> None:
        super().__init__(
            f"The API key has used its limit of {limit:,} requests per hour; try again in {seconds:,} seconds."
        )
        self.headers = {"retry-after": str(seconds)}
