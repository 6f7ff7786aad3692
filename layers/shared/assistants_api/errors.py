"""Every expected failure, with its HTTP status and its stable code.

Raised where the rule lives, turned into a response once, in `api.py`. The message is one sentence that a person can act
on; it never holds a secret or anything of another account.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, TypedDict


class Detail(TypedDict):
    """One thing wrong with a request. `field` is a JSON pointer into the body, or `?name` for a query parameter."""

    field: str
    message: str


class ApiError(Exception):
    status: ClassVar[int]
    code: ClassVar[str]
    headers: Mapping[str, str] = {}
    cause = ""  # what failed underneath, for the log alone

    def __init__(self, message: str, details: Sequence[Detail] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class InvalidRequest(ApiError):
    status = 400
    code = "invalid_request"

    @classmethod
    def because(cls, details: Sequence[Detail]) -> "InvalidRequest":
        """The first fault becomes the sentence; all of them are in the details."""
        first, more = details[0], len(details) - 1
        where = f"{first['field'].lstrip('/')}: " if first["field"] else ""
        rest = f" ({more} more in details)" if more else ""
        return cls(f"{where}{first['message']}{rest}", details)


class MalformedId(InvalidRequest):
    code = "malformed_id"


class ReadOnlyField(InvalidRequest):
    code = "read_only_field"


class TooManyChanges(InvalidRequest):
    code = "too_many_changes"


class Unauthenticated(ApiError):
    status = 401
    code = "unauthenticated"
    headers = {"www-authenticate": "Bearer"}


class AccountMismatch(ApiError):
    status = 403
    code = "account_mismatch"


class MissingScope(ApiError):
    status = 403
    code = "missing_scope"


class NotFound(ApiError):
    status = 404


class TemplateNotFound(NotFound):
    code = "template_not_found"

    def __init__(self, template_id: str, known: Sequence[str]) -> None:
        super().__init__(f"There is no template {template_id[:50]}; there are {', '.join(known)}.")


class RouteNotFound(NotFound):
    code = "route_not_found"


class AccountNotFound(NotFound):
    code = "account_not_found"

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is no account {slug}.")


class ApiKeyNotFound(NotFound):
    code = "api_key_not_found"

    def __init__(self, key_id: str) -> None:
        super().__init__(f"There is no API key {key_id} in this account.")


class AssistantNotFound(NotFound):
    code = "assistant_not_found"

    def __init__(self, assistant_id: str) -> None:
        super().__init__(f"There is no assistant {assistant_id} in this account.")


class PhoneNumberNotFound(NotFound):
    code = "phone_number_not_found"

    def __init__(self, number: str, details: Sequence[Detail] = ()) -> None:
        super().__init__(f"There is no phone number {number} in this account; import it first.", details)


class Conflict(ApiError):
    status = 409


class SlugTaken(Conflict):
    code = "slug_taken"

    def __init__(self, slug: str) -> None:
        super().__init__(f"The slug {slug} is taken; choose another.")


class PhoneNumberTaken(Conflict):
    code = "phone_number_taken"

    def __init__(self, number: str) -> None:
        super().__init__(f"{number} belongs to another account, which has to release it first.")


class PhoneNumberAssigned(Conflict):
    code = "phone_number_assigned"


class AssistantHasPhoneNumbers(Conflict):
    code = "assistant_has_phone_numbers"

    def __init__(self, numbers: Sequence[str]) -> None:
        shown = ", ".join(numbers[:10]) + (f" and {len(numbers) - 10} more" if len(numbers) > 10 else "")
        super().__init__(f"The assistant holds {shown}; release them first, or send ?force=true to release and delete.")


class LastApiKey(Conflict):
    code = "last_api_key"

    def __init__(self) -> None:
        super().__init__(
            "This is the last active key with api_keys:write, and without it nobody could manage keys over HTTP; "
            "create another first, or send ?force=true."
        )


class ApiKeyNotActive(Conflict):
    code = "api_key_not_active"

    def __init__(self) -> None:
        super().__init__("The API key was revoked, has expired or was rotated already; create a new one instead.")


class PhoneNumberNotActive(Conflict):
    code = "phone_number_not_active"


class ConcurrentChange(Conflict):
    code = "concurrent_change"


class PreconditionFailed(ApiError):
    status = 412
    code = "precondition_failed"


class BodyTooLarge(ApiError):
    status = 413
    code = "body_too_large"


class UnsupportedMediaType(ApiError):
    status = 415
    code = "unsupported_media_type"


class RateLimited(ApiError):
    status = 429
    code = "rate_limited"

    def __init__(self, limit: int, seconds: int) -> None:
        super().__init__(f"The API key has used its {limit:,} requests of this hour; try again in {seconds:,} seconds.")
        self.headers = {"retry-after": str(seconds)}


class Unavailable(ApiError):
    status = 503
    code = "unavailable"
    headers = {"retry-after": "1"}

    def __init__(self, cause: str = "") -> None:
        super().__init__("The database did not answer in time; read the resource to see its state, then try again.")
        self.cause = cause


class InternalError(ApiError):
    status = 500
    code = "internal_error"

    def __init__(self) -> None:
        super().__init__("Something went wrong on our side; tell us the request_id.")
