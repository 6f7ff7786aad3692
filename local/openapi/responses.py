"""What paths name, what each function answers, and which errors beside those that follow from its scope and models."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from pydantic import BaseModel, Field, create_model

from assistants_api import errors
from assistants_api.errors import ApiError
from assistants_api.models.assistant import TemplateId
from assistants_api.models.call import Call
from assistants_api.models.carrier_number import CarrierNumber, Drift
from assistants_api.models.idempotency import FORM
from assistants_api.models.ids import API_KEY_ID, CONNECTION_ID, PHONE_NUMBER_ID, ULID, VERSION_NUMBER
from assistants_api.models.phone_number import PhoneNumber
from assistants_api.models.telephony_connection import TelephonyConnection
from assistants_api.models.version import VersionSummary
from local.openapi.assistant_answers import (
    AssistantAnswer,
    AssistantList,
    ExportAnswer,
    PreparedCallAnswer,
    RenderedPrompts,
    RestoredAssistantAnswer,
    RouteAnswer,
)
from local.openapi.models import (
    ApiKeyAnswer,
    ApiKeyCheck,
    ChangeAnswer,
    CreatedApiKeyAnswer,
    Done,
    Message,
    ProviderList,
    PublicApiKey,
    Template,
    TemplateList,
    UsageStatsAnswer,
    VersionAnswer,
    many,
    one,
)
from local.openapi.schemas import Json

# A request header, with its description and an example.
ETAGS = r'^(\*|(W/)?"[0-9a-f.]+"(, ?(W/)?"[0-9a-f.]+")*)$'
IF_MATCH: dict[str, tuple[str, Json]] = {
    "If-Match": (
        "Do it only if this is unchanged: the `ETag` of a response, or `*` for any.",
        {"type": "string", "pattern": ETAGS, "examples": ['"1"']},
    )
}

IDEMPOTENCY_KEY: dict[str, tuple[str, Json]] = {
    "Idempotency-Key": (
        "Do it once, however often it is sent under this key in 24 hours. Any text will do, such as a UUID.",
        {"type": "string", "pattern": f"^{FORM.pattern}$", "examples": ["8e03978e-40d5-43dd-bc93-6894a57f9324"]},
    )
}

RATE_LIMIT_HEADERS = ("RateLimit", "RateLimit-Policy")
# Every response header, with its description and its type.
HEADERS: dict[str, tuple[str, dict[str, object]]] = {
    "X-Request-Id": ("The id of the request in our log; name it when you ask for support.", {"type": "string"}),
    "ETag": ("Changes with every change of what this response shows; for `If-Match`.", {"type": "string"}),
    "Idempotent-Replayed": (
        "`true` if an earlier request under the `Idempotency-Key` did this, and this is its answer.",
        {"type": "string", "enum": ["true"]},
    ),
    "RateLimit": (
        "How many requests the API key has left, and the seconds until the limit resets.",
        {"type": "string"},
    ),
    "RateLimit-Policy": ("The API key's limit in requests, and the seconds it applies to.", {"type": "string"}),
    "Retry-After": ("The seconds to wait before the next attempt.", {"type": "integer", "minimum": 1}),
    "WWW-Authenticate": ("Always `Bearer`.", {"type": "string"}),
}

# What API Gateway may answer to any request before or instead of the function.
GATEWAY_ERRORS = {
    413: "API Gateway: the body is larger than 10 MB.",
    429: "API Gateway: too many requests at once.",
    431: "API Gateway: the headers and the URL together are larger than 10,240 bytes.",
    500: "API Gateway: the function failed.",
    503: "API Gateway: the function did not respond in time.",
}


@dataclass(frozen=True)
class PathParameter:
    """What a path names, and which errors every such path has, beside that of what the endpoint loads. `pointer` finds
    the value in the response that creates the resource: `POST /api/assistants` answers the `assistantId` of other paths
    in /assistant/id."""

    description: str
    schema: Json
    example: str
    errors: Sequence[type[ApiError]]
    pointer: str | None = None


PATH_PARAMETERS = {
    "assistantId": PathParameter(
        "The unique ID of the assistant.",
        {"type": "string", "pattern": f"^asst_{ULID}$"},
        "asst_01jd5xexamp1e0000000000000",
        [errors.MalformedId],
        "/assistant/id",
    ),
    "version": PathParameter(
        "A version of the assistant.",
        {"type": "string", "pattern": f"^{VERSION_NUMBER.pattern}$"},
        "1",
        [errors.MalformedId],
    ),
    "phoneNumberId": PathParameter(
        "The unique ID of the phone number.",
        {"type": "string", "pattern": f"^{PHONE_NUMBER_ID.pattern}$"},
        "pn_14155550101",
        [errors.MalformedId],
        "/phone_number/id",
    ),
    "connectionId": PathParameter(
        "The unique ID of the telephony connection.",
        {"type": "string", "pattern": f"^{CONNECTION_ID.pattern}$"},
        "conn_01jd5xexamp1e000000000000001jd5xexamp1e0000000000000",
        [errors.MalformedId],
        "/telephony_connection/id",
    ),
    "apiKeyId": PathParameter(
        "The unique ID of the API key.",
        {"type": "string", "pattern": f"^{API_KEY_ID.pattern}$"},
        f"key_{'0' * 64}",
        [errors.MalformedId],
        "/api_key/id",
    ),
    "templateId": PathParameter(
        "The name of the template.",
        {"type": "string", "enum": list(get_args(TemplateId))},
        "outbound-setter",
        [errors.TemplateNotFound],
    ),
    "phoneNumber": PathParameter(
        "The called number, in E.164 form or as carriers write it: with punctuation, without its `+`, or in a `tel:` "
        "or `sip:` URI. In a URL, write a `+` as `+` or `%2B`.",
        {"type": "string"},
        "+14155550101",
        [errors.MalformedId, errors.PhoneNumberNotFound],
        "/phone_number/phone_number",
    ),
}


@dataclass(frozen=True)
class ResponseSpec:
    """What a function answers: a body of `model`. `errors` are its own ones."""

    model: type[BaseModel]
    errors: Sequence[type[ApiError]] = ()
    has_etag: bool = False


MAX_SETTINGS = 20  # that lead the calls of a number at its carrier


PhoneNumberAnswer = one("phone_number", PhoneNumber, ChangeAnswer)
SyncAnswer = create_model(
    "SyncAnswer",
    __base__=PhoneNumberAnswer,
    drift=(list[Drift], Field(description="What the carrier had set to something else.", max_length=MAX_SETTINGS)),
)
TelephonyConnectionAnswer = one("telephony_connection", TelephonyConnection, ChangeAnswer)

# The functions under each tag, which comes with its description.
TAGS: dict[tuple[str, str], dict[str, ResponseSpec]] = {
    ("Assistants", "The AI agents that handle your phone calls: prompt, LLM, voice and transcription of each."): {
        "create_assistant": ResponseSpec(AssistantAnswer, [errors.MaximumReached], has_etag=True),
        "list_assistants": ResponseSpec(AssistantList),
        "get_assistant": ResponseSpec(AssistantAnswer, has_etag=True),
        "update_assistant": ResponseSpec(
            AssistantAnswer,
            [errors.ConcurrentChange],
            has_etag=True,
        ),
        "delete_assistant": ResponseSpec(Message, [errors.AssistantHasPhoneNumbers, errors.ConcurrentChange]),
        "export_assistant": ResponseSpec(ExportAnswer, has_etag=True),
        "import_assistant": ResponseSpec(
            AssistantAnswer,
            [
                errors.AnotherTemplate,
                errors.NameNotUnique,
                errors.AssistantDeleted,
                errors.MaximumReached,
                errors.ConcurrentChange,
            ],
            has_etag=True,
        ),
        "clone_assistant": ResponseSpec(AssistantAnswer, [errors.MaximumReached], has_etag=True),
        "restore_assistant": ResponseSpec(
            RestoredAssistantAnswer, [errors.MaximumReached, errors.ConcurrentChange], has_etag=True
        ),
        "render_assistant": ResponseSpec(RenderedPrompts),
        "list_versions": ResponseSpec(many("versions", VersionSummary)),
        "get_version": ResponseSpec(VersionAnswer),
        "restore_version": ResponseSpec(AssistantAnswer, [errors.ConcurrentChange], has_etag=True),
        "assign_phone_numbers": ResponseSpec(
            Done,
            [
                errors.PhoneNumberNotFound,
                errors.PhoneNumberNotActive,
                errors.PhoneNumberAssigned,
                errors.ConcurrentChange,
            ],
        ),
        "list_assignable_numbers": ResponseSpec(many("numbers", PhoneNumber)),
        "get_usage_stats": ResponseSpec(UsageStatsAnswer),
    },
    ("Templates", "Starter configurations for new assistants."): {
        "list_templates": ResponseSpec(TemplateList),
        "get_template": ResponseSpec(one("template", Template)),
    },
    ("Providers", "Who serves the language model, the voice and the transcription of an assistant."): {
        "list_providers": ResponseSpec(ProviderList),
    },
    ("Phone numbers", "Numbers bought elsewhere and imported here. At most one assistant answers each."): {
        "import_phone_number": ResponseSpec(
            PhoneNumberAnswer,
            [
                errors.TelephonyConnectionNotFound,
                errors.PhoneNumberTaken,
                errors.MaximumReached,
                errors.NumberNotAtCarrier,
                errors.NumberNotUsable,
                errors.CarrierRefused,
                errors.CarrierUnavailable,
                errors.ConcurrentChange,
            ],
            has_etag=True,
        ),
        "list_phone_numbers": ResponseSpec(many("numbers", PhoneNumber)),
        "get_phone_number": ResponseSpec(PhoneNumberAnswer, has_etag=True),
        "update_phone_number": ResponseSpec(
            PhoneNumberAnswer,
            [errors.VersionNotFound, errors.PhoneNumberNotAssigned, errors.ConcurrentChange],
            has_etag=True,
        ),
        "delete_phone_number": ResponseSpec(Message, [errors.PhoneNumberAssigned, errors.ConcurrentChange]),
        "sync_phone_number": ResponseSpec(
            SyncAnswer, [errors.PhoneNumberNotConnected, errors.ConcurrentChange], has_etag=True
        ),
    },
    ("Telephony connections", "How calls reach carriers and media servers, and what happens when nobody answers."): {
        "create_telephony_connection": ResponseSpec(TelephonyConnectionAnswer, [errors.MaximumReached], has_etag=True),
        "list_telephony_connections": ResponseSpec(many("telephony_connections", TelephonyConnection)),
        "get_telephony_connection": ResponseSpec(TelephonyConnectionAnswer, has_etag=True),
        "update_telephony_connection": ResponseSpec(
            TelephonyConnectionAnswer, [errors.ConcurrentChange], has_etag=True
        ),
        "delete_telephony_connection": ResponseSpec(Message, [errors.ConnectionHasPhoneNumbers]),
        "list_carrier_numbers": ResponseSpec(
            many("numbers", CarrierNumber), [errors.NothingToList, errors.CarrierRefused, errors.CarrierUnavailable]
        ),
    },
    ("Calls", "What the telephony worker asks when a call arrives."): {
        "route_call": ResponseSpec(RouteAnswer),
        "prepare_call": ResponseSpec(PreparedCallAnswer),
        "list_calls": ResponseSpec(many("calls", Call)),
    },
    ("API keys", "Who may call this API, and what each key may do."): {
        "test_api_key": ResponseSpec(ApiKeyCheck, has_etag=True),
        "list_api_keys": ResponseSpec(many("api_keys", PublicApiKey)),
        "create_api_key": ResponseSpec(
            CreatedApiKeyAnswer, [errors.GrantsTooMuch, errors.MaximumReached], has_etag=True
        ),
        "update_api_key": ResponseSpec(
            ApiKeyAnswer,
            [errors.GrantsTooMuch, errors.ApiKeyNotActive, errors.LastApiKey, errors.ConcurrentChange],
            has_etag=True,
        ),
        "delete_api_key": ResponseSpec(Message, [errors.LastApiKey, errors.ConcurrentChange]),
        "rotate_api_key": ResponseSpec(
            CreatedApiKeyAnswer,
            [errors.GrantsTooMuch, errors.ApiKeyNotActive, errors.MaximumReached],
            has_etag=True,
        ),
    },
}
RESPONSES = {function: spec for functions in TAGS.values() for function, spec in functions.items()}
