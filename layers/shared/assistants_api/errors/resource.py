"""What is stored stands against the request."""

from collections.abc import Sequence

from assistants_api.errors.base import ApiError, Detail


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


class DeletedAssistantNotFound(NotFound):
    """The account has no deleted assistant with this id, or it is past the time in which it could be restored."""

    code = "deleted_assistant_not_found"
    example = ("asst_01jd5xexamp1e0000000000000",)

    def __init__(self, assistant_id: str) -> None:
        super().__init__(
            f"There is no deleted assistant {assistant_id} in this account that can be restored; "
            "GET /api/assistants?deleted=true lists those that can."
        )


class VersionNotFound(NotFound):
    """The assistant has no such version in its history."""

    code = "version_not_found"
    example = ("asst_01jd5xexamp1e0000000000000", "3")

    def __init__(self, assistant_id: str, version: str, details: Sequence[Detail] = ()) -> None:
        super().__init__(
            f"The assistant {assistant_id} has no version {version}; list its versions to see which it has.", details
        )


class PhoneNumberNotFound(NotFound):
    """The account has no such phone number."""

    code = "phone_number_not_found"
    example = ("pn_14155550101",)

    def __init__(self, number: str, details: Sequence[Detail] = ()) -> None:
        super().__init__(f"There is no phone number {number} in this account; import it first.", details)


class Conflict(ApiError):
    """Base class: the request is valid, but what is stored stands against it."""

    status = 409


class SlugTaken(Conflict):
    """Another account has this slug. Only operators see this error, when they invoke the function `admin`."""

    code = "slug_taken"
    example = ("my-team",)

    def __init__(self, slug: str) -> None:
        super().__init__(f"The slug {slug} is taken; choose another.")


class AccountNotSuspended(Conflict):
    """Only a suspended account can be erased. Only operators see this error."""

    code = "account_not_suspended"
    example = ("my-team",)

    def __init__(self, slug: str) -> None:
        super().__init__(f"The account {slug} is in use; suspend it with suspend_account, then erase it.")


class AccountErasing(Conflict):
    """The account is being erased, and nothing else can be done with it. Only operators see this error."""

    code = "account_erasing"
    example = ("my-team",)

    def __init__(self, slug: str) -> None:
        super().__init__(f"The account {slug} is being erased, which nothing can undo; erase_account finishes it.")


class PhoneNumberHeldElsewhere(Conflict):
    """The phone number is not one of the account that the operator names. Only operators see this error."""

    code = "phone_number_held_elsewhere"
    example = ("+14155550101", "my-team", "other-team")

    def __init__(self, number: str, slug: str, holder: str | None) -> None:
        holds = f"the account {holder} has it; name that one" if holder else "no account has it"
        super().__init__(f"The account {slug} does not have the phone number {number}; {holds}.")


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


class AssistantDeleted(Conflict):
    """The assistant of this `external_id` was deleted, and its history is kept for a restore."""

    code = "assistant_deleted"
    example = ("asst_01jd5xexamp1e0000000000000",)

    def __init__(self, assistant_id: str) -> None:
        super().__init__(
            f"The assistant of this external_id was deleted; POST /api/assistants/{assistant_id}/restore brings it "
            "back, and then the import changes it. If it can't be restored any more, an import makes it anew some days "
            "later."
        )


class AnotherTemplate(Conflict):
    """The assistant that an import means was made from another template, which can't change."""

    code = "another_template"
    example = ("asst_01jd5xexamp1e0000000000000", "custom", "follow-up")

    def __init__(self, assistant_id: str, template: str, wanted: str) -> None:
        super().__init__(
            f"{assistant_id} was made from the template {template}, not {wanted}, and that can't change; send "
            "templateId: " + template + ", or another external_id or name.",
            [{"field": "/export/templateId", "message": f"is {wanted}, and the assistant was made from {template}."}],
        )


class NameNotUnique(Conflict):
    """Several assistants have the name that an import means, or the account has too many to look through."""

    code = "name_not_unique"
    example = ("Support",)

    def __init__(self, name: str) -> None:
        super().__init__(
            f"It can't be told which assistant the name {name} means; send an external_id, which is one's own."
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


class PhoneNumberNotAssigned(Conflict):
    """No assistant holds the phone number, so there are no versions to pin it to."""

    code = "phone_number_not_assigned"
    example = ("pn_14155550101",)

    def __init__(self, number: str) -> None:
        super().__init__(
            f"The phone number {number} is assigned to no assistant, so there are no versions to pin it to; assign it "
            "with PATCH /api/assistants/{assistantId}/telephony/phone-numbers first."
        )


class ChangedMeanwhile(Conflict):
    """A resource that was read and is sent back has changed since it was read; `details` say what differs."""

    code = "changed_meanwhile"
    example = (1, 2)

    def __init__(self, sent: int | None, stored: int | None, details: Sequence[Detail] = ()) -> None:
        versions = f": you sent version {sent}, and it is at version {stored}" if sent and stored else ""
        fields = ", ".join(detail["field"].removeprefix("/") for detail in details)
        what = f" What you sent differs in {fields}." if fields else ""
        super().__init__(
            f"This has changed since you read it{versions}.{what} GET it, make your change again, then send it.",
            details,
        )


class ConcurrentChange(Conflict):
    """Other requests are changing the same resource; try again."""

    code = "concurrent_change"
    example = ("The assistant is being changed by others; GET it, then send your change again.",)


class PreconditionFailed(ApiError):
    """The assistant is not at the version that `If-Match` names."""

    status = 412
    code = "precondition_failed"
    example = ('The assistant has changed: it is at version "2". GET it, then send your change again.',)
