"""
Every expected failure:

* ApiError
  x InvalidRequest (400)
    + MalformedId
    + ReadOnlyField
    + TooManyChanges
    + InvalidCursor
  x Unauthenticated (401)
  x AccountMismatch (403)
  x MissingScope (403)
  x GrantsTooMuch (403)
  x NotFound (404)
    + TemplateNotFound
    + RouteNotFound
    + AccountNotFound
    + ApiKeyNotFound
    + AssistantNotFound
    + PhoneNumberNotFound
  x MethodNotAllowed (405)
  x Conflict (409)
    + SlugTaken
    + PhoneNumberTaken
    + PhoneNumberAssigned
    + AssistantHasPhoneNumbers
    + LastApiKey
    + ApiKeyNotActive
    + MaximumReached
    + PhoneNumberNotActive
    + ConcurrentChange
  x PreconditionFailed (412)
  x BodyTooLarge (413)
  x UnsupportedMediaType (415)
  x RateLimited (429)
  x InternalError (500)
  x Unavailable (503)

An error is raised where its rule lives, and becomes a response in one place, `http.py`. Its message tells the caller
what to do, and never holds a secret or another account's data.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypedDict


class Detail(TypedDict):
    """One thing wrong with a request. `field` is a JSON pointer into the body, or `?name` for a query parameter."""

    field: str
    message: str


class ApiError(Exception):
    """Base class of all errors. Each describes itself for openapi.json: its docstring is the summary there, and
    `example` holds the arguments of an example."""

    status: ClassVar[int]
    code: ClassVar[str]
    example: ClassVar[tuple[Any, ...]] = ()
    headers: Mapping[str, str] = {}
    cause = ""  # what failed underneath, for the log only

    def __init__(self, message: str, details: Sequence[Detail] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class InvalidRequest(ApiError):
    """The body is not valid JSON, or a field or query parameter is not as described."""

    status = 400
    code = "invalid_request"
    example = ("temperature: must be at most 2.0.",)

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
    example = ("id: read-only; leave it out or send what GET answers.",)


class TooManyChanges(InvalidRequest):
    """The request adds and removes more phone numbers than one request can."""

    code = "too_many_changes"
    example = (
        "This request makes 120 changes and 99 fit into one. Split it: first send the numbers held now with up to 99 "
        "added or left out, then the next ones.",
    )


class InvalidCursor(InvalidRequest):
    """The cursor is malformed, or belongs to another list, other filters or another API key."""

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


class NotFound(ApiError):
    """Base class: what the request names does not exist. Another account's resource looks the same."""

    status = 404


class TemplateNotFound(NotFound):
    """No template has this id."""

    code = "template_not_found"
    example = ("sales", ["outbound-setter", "inbound-support", "follow-up", "custom"])

    def __init__(self, template_id: str, known: Sequence[str]) -> None:
        super().__init__(f"There is no template {template_id[:50]}; use one of {', '.join(known)}.")


class RouteNotFound(NotFound):
    """Nothing is served at this path."""

    code = "route_not_found"
    example = ("There is no GET /docs/nowhere; the page is GET /docs.",)


class AccountNotFound(NotFound):
    """No account has this slug. Only operators see this error, when they invoke the function `admin`."""

    code = "account_not_found"
    example = ("my-team",)

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is no account {slug}; check the slug, or create the account first.")


class ApiKeyNotFound(NotFound):
    """The account has no API key with this id."""

    code = "api_key_not_found"
    example = (f"key_{'0' * 64}",)

    def __init__(self, key_id: str) -> None:
        super().__init__(f"There is no API key {key_id} in this account; check the id.")


class AssistantNotFound(NotFound):
    """The account has no assistant with this id."""

    code = "assistant_not_found"
    example = ("asst_01jd5xexamp1e0000000000000",)

    def __init__(self, assistant_id: str) -> None:
        super().__init__(f"There is no assistant {assistant_id} in this account; check the id.")


class PhoneNumberNotFound(NotFound):
    """The account has no such phone number."""

    code = "phone_number_not_found"
    example = ("pn_14155550101",)

    def __init__(self, number: str, details: Sequence[Detail] = ()) -> None:
        super().__init__(f"There is no phone number {number} in this account; import it first.", details)


class MethodNotAllowed(ApiError):
    """The path exists, the method does not."""

    status = 405
    code = "method_not_allowed"
    example = ("PUT", "/api/assistants", ["GET", "HEAD", "POST"])

    def __init__(self, method: str, path: str, allowed: Sequence[str]) -> None:
        super().__init__(f"{path} does not take {method}; it takes {', '.join(allowed)}.")
        self.headers = {"allow": ", ".join(allowed)}


class Conflict(ApiError):
    """Base class: the request is valid, but what is stored stands against it."""

    status = 409


class SlugTaken(Conflict):
    """Another account has this slug. Only operators see this error, when they invoke the function `admin`."""

    code = "slug_taken"
    example = ("my-team",)

    def __init__(self, slug: str) -> None:
        super().__init__(f"The slug {slug} is taken; choose another.")


class PhoneNumberTaken(Conflict):
    """The phone number belongs to another account."""

    code = "phone_number_taken"
    example = ("+14155550101",)

    def __init__(self, number: str) -> None:
        super().__init__(f"The phone number {number} belongs to another account, which must delete it first.")


class PhoneNumberAssigned(Conflict):
    """The phone number is assigned to an assistant."""

    code = "phone_number_assigned"
    example = (
        "The phone number is assigned to asst_01jd5xexamp1e0000000000000; release it there, or send ?force=true to do "
        "both.",
    )


class AssistantHasPhoneNumbers(Conflict):
    """Phone numbers are assigned to the assistant."""

    code = "assistant_has_phone_numbers"
    example = (["pn_14155550101"],)

    def __init__(self, numbers: Sequence[str]) -> None:
        shown = ", ".join(numbers[:10]) + (f" and {len(numbers) - 10} more" if len(numbers) > 10 else "")
        super().__init__(
            f"Phone numbers are assigned to the assistant: {shown}; release them first, or send ?force=true to release "
            "them and delete the assistant."
        )


class LastApiKey(Conflict):
    """No other active API key of the account can manage API keys."""

    code = "last_api_key"

    def __init__(self) -> None:
        super().__init__(
            "This is the account's last active API key with the scope api_keys:write, and without one nobody can "
            "manage API keys over HTTP; create another first, or send ?force=true."
        )


class ApiKeyNotActive(Conflict):
    """The API key was revoked, has expired or was already rotated."""

    code = "api_key_not_active"

    def __init__(self) -> None:
        super().__init__("The API key was revoked, has expired or was already rotated; create a new one instead.")


class MaximumReached(Conflict):
    """The account has as many of these as it may have."""

    code = "maximum_reached"
    example = (10_000, "assistants")

    def __init__(self, maximum: int, things: str) -> None:
        super().__init__(
            f"The account has {maximum:,} {things}, which is the maximum; delete some, or ask the operator for more."
        )


class PhoneNumberNotActive(Conflict):
    """The phone number is suspended."""

    code = "phone_number_not_active"
    example = ("The phone number pn_14155550101 is not active; activate it first.",)


class ConcurrentChange(Conflict):
    """Other requests are changing the same resource; try again."""

    code = "concurrent_change"
    example = ("The assistant is being changed by others; GET it, then send your change again.",)


class PreconditionFailed(ApiError):
    """The assistant is not at the version that `If-Match` names."""

    status = 412
    code = "precondition_failed"
    example = ('The assistant has changed: it is at version "2". GET it, then send your change again.',)


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


class InternalError(ApiError):
    """Something failed on our side; the log has it under the request id."""

    status = 500
    code = "internal_error"

    def __init__(self, cause: str = "") -> None:
        super().__init__("Something went wrong on our side; report it with the request_id of this response.")
        self.cause = cause


class Unavailable(ApiError):
    """The database did not respond in time."""

    status = 503
    code = "unavailable"
    headers = {"retry-after": "1"}

    def __init__(self, cause: str = "") -> None:
        super().__init__(
            "The database did not respond in time; if you sent a change, check whether it was made, then try again."
        )
        self.cause = cause
