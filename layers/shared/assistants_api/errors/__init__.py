"""
Every expected failure:

* ApiError
  x InvalidRequest (400)
    + MalformedId
    + ReadOnlyField
    + InvalidCursor
  x Unauthenticated (401)
  x AccountMismatch (403)
  x AccountSuspended (403)
  x MissingScope (403)
  x GrantsTooMuch (403)
  x NotSigned (403)
  x MethodNotAllowed (405)
  x BodyTooLarge (413)
  x UnsupportedMediaType (415)
  x IdempotencyKeyReused (422)
  x RateLimited (429)
  x NotFound (404)
    + TemplateNotFound
    + RouteNotFound
    + AccountNotFound
    + ApiKeyNotFound
    + AssistantNotFound
    + DeletedAssistantNotFound
    + VersionNotFound
    + PhoneNumberNotFound
    + CallNotFound
    + TelephonyConnectionNotFound
  x Conflict (409)
    + SlugTaken
    + AccountNotSuspended
    + AccountErasing
    + PhoneNumberHeldElsewhere
    + PhoneNumberTaken
    + PhoneNumberAssigned
    + AssistantDeleted
    + AnotherTemplate
    + NameNotUnique
    + AssistantHasPhoneNumbers
    + LastApiKey
    + ApiKeyNotActive
    + MaximumReached
    + PhoneNumberNotActive
    + PhoneNumberNotAssigned
    + ChangedMeanwhile
    + ConcurrentChange
    + ConnectionHasPhoneNumbers
    + PhoneNumberNotConnected
    + NothingToList
  x PreconditionFailed (412)
  x InternalError (500)
  x ItemUnreadable (500)
  x Unavailable (503)
  x CarrierError
    + CarrierUnavailable (503)
    + CarrierRefused (409)
    + NumberNotAtCarrier (409)
    + NumberNotUsable (409)

An error is raised where its rule lives, and becomes a response in one place, `http.py`. Its message tells the caller
what to do, and never holds a secret or another account's data.
"""

from assistants_api.errors.base import ApiError as ApiError, Detail as Detail
from assistants_api.errors.request import (
    AccountMismatch as AccountMismatch,
    AccountSuspended as AccountSuspended,
    BodyTooLarge as BodyTooLarge,
    GrantsTooMuch as GrantsTooMuch,
    IdempotencyKeyReused as IdempotencyKeyReused,
    InvalidCursor as InvalidCursor,
    InvalidRequest as InvalidRequest,
    MalformedId as MalformedId,
    MethodNotAllowed as MethodNotAllowed,
    MissingScope as MissingScope,
    NotSigned as NotSigned,
    RateLimited as RateLimited,
    ReadOnlyField as ReadOnlyField,
    Unauthenticated as Unauthenticated,
    UnsupportedMediaType as UnsupportedMediaType,
)
from assistants_api.errors.resource import (
    AccountErasing as AccountErasing,
    AccountNotFound as AccountNotFound,
    AccountNotSuspended as AccountNotSuspended,
    AnotherTemplate as AnotherTemplate,
    ApiKeyNotActive as ApiKeyNotActive,
    ApiKeyNotFound as ApiKeyNotFound,
    AssistantDeleted as AssistantDeleted,
    AssistantHasPhoneNumbers as AssistantHasPhoneNumbers,
    AssistantNotFound as AssistantNotFound,
    ChangedMeanwhile as ChangedMeanwhile,
    ConcurrentChange as ConcurrentChange,
    Conflict as Conflict,
    DeletedAssistantNotFound as DeletedAssistantNotFound,
    LastApiKey as LastApiKey,
    MaximumReached as MaximumReached,
    NameNotUnique as NameNotUnique,
    NotFound as NotFound,
    PhoneNumberAssigned as PhoneNumberAssigned,
    PhoneNumberHeldElsewhere as PhoneNumberHeldElsewhere,
    PhoneNumberNotActive as PhoneNumberNotActive,
    PhoneNumberNotAssigned as PhoneNumberNotAssigned,
    PhoneNumberNotFound as PhoneNumberNotFound,
    PhoneNumberTaken as PhoneNumberTaken,
    PreconditionFailed as PreconditionFailed,
    RouteNotFound as RouteNotFound,
    SlugTaken as SlugTaken,
    TemplateNotFound as TemplateNotFound,
    VersionNotFound as VersionNotFound,
)
from assistants_api.errors.service import (
    InternalError as InternalError,
    ItemUnreadable as ItemUnreadable,
    Unavailable as Unavailable,
)
from assistants_api.errors.telephony import (
    CallNotFound as CallNotFound,
    CarrierError as CarrierError,
    CarrierRefused as CarrierRefused,
    CarrierUnavailable as CarrierUnavailable,
    ConnectionHasPhoneNumbers as ConnectionHasPhoneNumbers,
    NothingToList as NothingToList,
    NumberNotAtCarrier as NumberNotAtCarrier,
    NumberNotUsable as NumberNotUsable,
    PhoneNumberNotConnected as PhoneNumberNotConnected,
    TelephonyConnectionNotFound as TelephonyConnectionNotFound,
)
