"""What the API promises and the functions do not say themselves: what each answers, and how else it may refuse.

Only local/openapi.py imports this. What a function takes (scope, body, query) stands in its own `@endpoint`, its words
in its docstring, its route in template.yaml, and a field's words and rules in its model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from pydantic import BaseModel, Field, create_model

from assistants_api import errors
from assistants_api.errors import ApiError, InvalidCursor
from assistants_api.models.api_key import PRIVATE_FIELDS, ApiKey
from assistants_api.models.api_key_requests import ApiKeyChanges, KeySettings, NewApiKey
from assistants_api.models.assistant import Assistant, AssistantChanges, AssistantClone, NewAssistant, TemplateId
from assistants_api.models.ids import API_KEY_ID, ASSISTANT_ID, E164, PHONE_NUMBER_ID
from assistants_api.models.phone_number import NewPhoneNumber, PhoneNumber, PhoneNumberChanges, RouteReason

DESCRIPTION = """\
A self-hosted control plane for voice-AI assistants: create and edit assistants, import phone numbers, assign numbers
to assistants, and ask which assistant answers a call.

Send your API key with every request: `Authorization: Bearer <token>`. Bodies and answers are JSON in UTF-8, times ISO
8601 in UTC. Fields and query parameters that are not known here are refused by name.

A success answers 200 with `"success": true`. A refusal answers `"success": false` with a sentence that a person can act
on, a `code` that a program can, and the `request_id` to ask us about, which every response carries as `X-Request-Id`
too. A key with a limit is told in `RateLimit` what is left of it. Whatever is not described here answers 404 with the
code `route_not_found`. What API Gateway refuses by itself (too much at once, too large) it answers with a `message`.
"""


class Answer(BaseModel):
    success: Literal[True] = Field(description="`true` when the request succeeded.", examples=[True])


class Done(Answer):
    """The request succeeded, and there is no more to say."""


class Message(Answer):
    message: str = Field(description="What was done, for a person.", examples=["Assistant deleted successfully"])


class AssistantAnswer(Answer):
    assistant: Assistant


class List(Answer):
    count: int = Field(description="Entries of this page.", examples=[1], ge=0, le=100)
    limit: int = Field(description="The most entries that this page could have.", examples=[20], ge=1, le=100)
    next_cursor: str | None = Field(
        description="Send it as `cursor` for the next page; null on the last and only there: a page before it may be "
        "short, even empty.",
        examples=[None],
    )


class AssistantList(List):
    assistants: list[Assistant]


class PhoneNumberAnswer(Answer):
    phone_number: PhoneNumber


class PhoneNumberList(List):
    numbers: list[PhoneNumber]


class RouteAnswer(Answer):
    routed: bool = Field(description="Whether an assistant answers the call.", examples=[True])
    reason: RouteReason = Field(description="`routed`, or why nobody answers.", examples=["routed"])
    phone_number: PhoneNumber
    assistant: Assistant | None = Field(description="The assistant that answers; null where none does.")


Configuration = create_model(
    "Configuration",
    __doc__="Every field of an assistant but its name and what the service itself sets.",
    **{
        name: (it.annotation, it)
        for name, it in Assistant.model_fields.items()
        if name not in AssistantChanges.read_only | {"name"}
    },  # type: ignore[call-overload]
)


class Template(BaseModel):
    """A starter configuration."""

    id: TemplateId = Field(description="What `templateId` takes.", examples=["outbound-setter"])
    description: str = Field(description="What it is for, in a sentence.", examples=["Calls new leads."])
    configuration: Configuration


class TemplateAnswer(Answer):
    template: Template


class TemplateList(Answer):
    templates: list[Template]


ShownApiKey = create_model(
    "ApiKey",
    __doc__="An API key as its owner sees it: never with its secret.",
    **{name: (it.annotation, it) for name, it in ApiKey.model_fields.items() if name not in PRIVATE_FIELDS},  # type: ignore[call-overload]
)


class ApiKeyAnswer(Answer):
    api_key: ShownApiKey


class NewApiKeyAnswer(ApiKeyAnswer):
    full_key: str = Field(
        description="The key itself, to be sent as the bearer token. Shown here and never again.",
        examples=["tk_live_01jd5xexamp1e0000000000000exampleexampleexampleexample000000SvDb"],
        pattern="^tk_(?:live|test)_[0-9A-Za-z]{64}$",
    )


class ApiKeyList(List):
    api_keys: list[ShownApiKey]


class ApiKeyTest(ApiKeyAnswer):
    message: str = Field(description="For a person.", examples=["Authentication succeeded"])
    account_slug: str = Field(description="The slug of the account that the key is for.", examples=["my-team"])


class Detail(BaseModel):
    """One thing wrong with the request."""

    field: str = Field(
        description="A JSON pointer into the body, `?name` of a query parameter, or empty for the whole.",
        examples=["/temperature"],
    )
    message: str = Field(description="What is wrong with it.", examples=["must be at most 2.0."])


class Error(BaseModel):
    """A refusal."""

    success: Literal[False] = Field(description="`false` when the request was refused.", examples=[False])
    error: str = Field(description="What to do, in one sentence.", examples=["temperature: must be at most 2.0."])
    code: str = Field(description="What is wrong, for programs.", examples=["invalid_request"])
    details: list[Detail] = Field(
        [], description="All that is wrong, where there is more to say.", exclude_if=lambda details: not details
    )
    request_id: str = Field(description="What to name when asking us about it.", examples=["JKJaXmPLvHcESHA="])


class GatewayError(BaseModel):
    """A refusal by API Gateway itself."""

    message: str = Field(description="What is wrong.", examples=["Request Header Fields Too Large"])


# What API Gateway may answer to any request, before or instead of the function.
GATEWAY = {
    413: "API Gateway: the body has more than 10 megabytes.",
    429: "API Gateway: too many requests at once.",
    431: "API Gateway: the headers with the URL have more than 10,240 bytes.",
    500: "API Gateway: the function failed.",
    503: "API Gateway: the function did not answer in time.",
}


# The fields of a request are described by the words of the model that they become a part of.
PART_OF: dict[type[BaseModel], type[BaseModel]] = {
    NewAssistant: Assistant,
    AssistantChanges: Assistant,
    AssistantClone: Assistant,
    NewPhoneNumber: PhoneNumber,
    PhoneNumberChanges: PhoneNumber,
    KeySettings: ApiKey,
    NewApiKey: ApiKey,
    ApiKeyChanges: ApiKey,
}

# The examples of requests that the first example of every field does not make.
EXAMPLES: dict[type[BaseModel], dict[str, Any]] = {
    AssistantChanges: {
        "accountSlug": "my-team",
        "system_prompt": "You are a helpful sales assistant for Acme Corp. "
        "Your goal is to qualify leads and book demos.",
        "voice_provider": "elevenlabs",
        "voice_id": "EXAVITQu4vr4xnSDxMaL",
        "recording_enabled": True,
    },
    AssistantClone: {"accountSlug": "my-team", "name": "Q2 Outbound Setter"},
    PhoneNumberChanges: {"accountSlug": "my-team", "label": "Sales", "status": "active"},
    ApiKeyChanges: {"accountSlug": "my-team", "name": "CI", "is_active": True},
}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a path, and how its request is refused."""

    description: str
    schema: dict[str, Any]
    example: str
    refuses: tuple[type[ApiError], ...] = ()


VIEWER = ["docs.css", "docs.js", "swagger-ui.css", "swagger-ui.js"]
PATH = {
    "assistantId": Parameter(
        "The unique ID of the assistant.",
        {"type": "string", "pattern": f"^{ASSISTANT_ID.pattern}$"},
        "asst_01jd5xexamp1e0000000000000",
        (errors.MalformedId, errors.AssistantNotFound),
    ),
    "phoneNumberId": Parameter(
        "The unique ID of the phone number.",
        {"type": "string", "pattern": f"^{PHONE_NUMBER_ID.pattern}$"},
        "pn_14155550101",
        (errors.MalformedId, errors.PhoneNumberNotFound),
    ),
    "apiKeyId": Parameter(
        "The unique ID of the API key.",
        {"type": "string", "pattern": f"^{API_KEY_ID.pattern}$"},
        f"key_{'0' * 64}",
        (errors.MalformedId, errors.ApiKeyNotFound),
    ),
    "templateId": Parameter(
        "The name of the template.",
        {"type": "string", "enum": list(get_args(TemplateId))},
        "outbound-setter",
        (errors.TemplateNotFound,),
    ),
    "phoneNumber": Parameter(
        "The called number in E.164 form. In a URL its `+` may stand as it is or as `%2B`.",
        {"type": "string", "pattern": f"^{E164.pattern}$"},
        "+14155550101",
        (errors.MalformedId, errors.PhoneNumberNotFound),
    ),
    "file": Parameter("The name of the file.", {"type": "string", "enum": VIEWER}, VIEWER[0], (errors.RouteNotFound,)),
}

# Where an answer holds what a path names: `POST /api/assistants` answers the `assistantId` of others in /assistant/id.
NAMED_IN = {
    "assistantId": ("assistant", "id"),
    "phoneNumberId": ("phone_number", "id"),
    "phoneNumber": ("phone_number", "phone_number"),
    "apiKeyId": ("api_key", "id"),
}

HEADERS = {
    "X-Request-Id": ("What to name when asking us about the request.", {"type": "string"}),
    "ETag": ("What `If-Match` or `If-None-Match` may name: the version that this response shows.", {"type": "string"}),
    "Cache-Control": ("For how long the response may be shown again without asking.", {"type": "string"}),
    "RateLimit": ("What is left of the key's limit, and the seconds until it starts anew.", {"type": "string"}),
    "RateLimit-Policy": ("The key's limit in requests, and the seconds that it is for.", {"type": "string"}),
    "Retry-After": ("Seconds to wait before the next attempt.", {"type": "integer", "minimum": 1}),
    "WWW-Authenticate": ("`Bearer`.", {"type": "string"}),
}

OWN_HEADERS = {
    errors.Unauthenticated: ["WWW-Authenticate"],
    errors.RateLimited: ["RateLimit", "RateLimit-Policy", "Retry-After"],
    errors.Unavailable: ["Retry-After"],
}

# When a request is refused so, and with which words for example.
WHEN: dict[type[ApiError], tuple[str, str]] = {
    errors.InvalidRequest: (
        "The body is not JSON, or a field or query parameter is not as described.",
        "temperature: must be at most 2.0.",
    ),
    errors.MalformedId: (
        "An id in the path has not the form of one.",
        "The assistant id is malformed; it is asst_ and 26 lower-case letters and digits.",
    ),
    errors.ReadOnlyField: (
        "A read-only field differs from what is stored.",
        "id: read-only; leave it out or send what GET answers.",
    ),
    errors.TooManyChanges: (
        "More numbers are added or removed than fit into one request.",
        "This request makes 120 changes and 99 fit into one. Split it: first send the numbers held now with up to 99 "
        "added or left out, then the next ones.",
    ),
    InvalidCursor: (
        "The cursor is not of this list with these filters, or was given to another key.",
        "The cursor is not one of this list with these filters; start again without it.",
    ),
    errors.Unauthenticated: (
        "The token is missing, malformed, unknown, revoked or expired.",
        "The API key is unknown; use one of this deployment.",
    ),
    errors.AccountMismatch: (
        "`accountSlug` is not the account of the API key.",
        "accountSlug is not the account of this API key, which is my-team.",
    ),
    errors.MissingScope: (
        "The API key lacks the scope that the request needs, or one that it would give away.",
        "The API key lacks the scope assistants:write; it has assistants:read.",
    ),
    errors.TemplateNotFound: (
        "There is no such template.",
        "There is no template sales; there are outbound-setter, inbound-support, follow-up, custom.",
    ),
    errors.RouteNotFound: (
        "There is nothing at this path.",
        "There is no GET /docs/nowhere; see the README for the endpoints.",
    ),
    errors.ApiKeyNotFound: (
        "There is no such API key in the account.",
        f"There is no API key key_{'0' * 64} in this account.",
    ),
    errors.AssistantNotFound: (
        "There is no such assistant in the account.",
        "There is no assistant asst_01jd5xexamp1e0000000000000 in this account.",
    ),
    errors.PhoneNumberNotFound: (
        "There is no such phone number in the account.",
        "There is no phone number pn_14155550101 in this account; import it first.",
    ),
    errors.PhoneNumberTaken: (
        "Another account has the number.",
        "+14155550101 belongs to another account, which has to release it first.",
    ),
    errors.PhoneNumberAssigned: (
        "An assistant holds the number.",
        "The phone number is assigned to asst_01jd5xexamp1e0000000000000; release it there, or send ?force=true to do "
        "both.",
    ),
    errors.AssistantHasPhoneNumbers: (
        "The assistant holds phone numbers.",
        "The assistant holds pn_14155550101; release them first, or send ?force=true to release and delete.",
    ),
    errors.LastApiKey: (
        "No other active key of the account may manage keys.",
        "This is the last active key with api_keys:write, and without it nobody could manage keys over HTTP; "
        "create another first, or send ?force=true.",
    ),
    errors.ApiKeyNotActive: (
        "The key was revoked, has expired or was rotated already.",
        "The API key was revoked, has expired or was rotated already; create a new one instead.",
    ),
    errors.PhoneNumberNotActive: (
        "The number is suspended.",
        "The phone number pn_14155550101 is not active; activate it first.",
    ),
    errors.ConcurrentChange: (
        "Others are changing the same at the same time; try again.",
        "The assistant is being changed by others; GET it, then send your change again.",
    ),
    errors.PreconditionFailed: (
        "The assistant is not at the version that `If-Match` names.",
        'The assistant has changed: it is at version "2". GET it, then send your change again.',
    ),
    errors.BodyTooLarge: (
        "The body has more than a mebibyte.",
        "The body has 1,048,577 bytes; at most 1,048,576 are allowed.",
    ),
    errors.UnsupportedMediaType: (
        "The `Content-Type` is not JSON.",
        'Send JSON, with the header "Content-Type: application/json".',
    ),
    errors.RateLimited: (
        "The API key has used its requests of this hour.",
        "The API key has used its 1,000 requests of this hour; try again in 1,234 seconds.",
    ),
    errors.InternalError: (
        "Our fault; it is in the log under the request id.",
        "Something went wrong on our side; tell us the request_id.",
    ),
    errors.Unavailable: (
        "The database did not answer in time.",
        "The database did not answer in time; read the resource to see its state, then try again.",
    ),
}


@dataclass(frozen=True)
class Promise:
    """What a function answers, a model or else by path the media types of its files; and how it refuses beside what
    follows from its path, its scope and its models."""

    answers: type[BaseModel] | Mapping[str, Sequence[str]]
    refuses: tuple[type[ApiError], ...] = ()
    has_etag: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)  # of the request, with their descriptions


IF_MATCH = {"If-Match": 'Change it only if it is still at this version: the `ETag` of an answer, as `"1"`, or `*`.'}
IF_NONE_MATCH = {"If-None-Match": "Answer 304 if this is still the `ETag`."}
CONTESTED = (errors.ConcurrentChange,)

# By tag, with what the tag is about.
CONTRACT: dict[tuple[str, str], dict[str, Promise]] = {
    ("Assistants", "The AI agents that handle your phone calls: prompt, LLM, voice and transcription of each."): {
        "create_assistant": Promise(AssistantAnswer, has_etag=True),
        "list_assistants": Promise(AssistantList),
        "get_assistant": Promise(AssistantAnswer, has_etag=True),
        "update_assistant": Promise(
            AssistantAnswer, (errors.PreconditionFailed, *CONTESTED), has_etag=True, headers=IF_MATCH
        ),
        "delete_assistant": Promise(Message, (errors.AssistantHasPhoneNumbers, *CONTESTED)),
        "clone_assistant": Promise(AssistantAnswer, has_etag=True),
        "assign_phone_numbers": Promise(
            Done,
            (
                errors.TooManyChanges,
                errors.PhoneNumberNotFound,
                errors.PhoneNumberNotActive,
                errors.PhoneNumberAssigned,
                *CONTESTED,
            ),
        ),
        "list_assignable_numbers": Promise(PhoneNumberList),
    },
    ("Templates", "Starter configurations, so that an assistant need not begin with nothing."): {
        "list_templates": Promise(TemplateList),
        "get_template": Promise(TemplateAnswer),
    },
    ("Phone numbers", "Numbers bought elsewhere and imported here, each answered by at most one assistant."): {
        "import_phone_number": Promise(PhoneNumberAnswer, (errors.PhoneNumberTaken,)),
        "list_phone_numbers": Promise(PhoneNumberList),
        "get_phone_number": Promise(PhoneNumberAnswer),
        "update_phone_number": Promise(PhoneNumberAnswer),
        "delete_phone_number": Promise(Message, (errors.PhoneNumberAssigned, *CONTESTED)),
    },
    ("Calls", "What the telephony worker asks at the moment a call arrives."): {
        "route_call": Promise(RouteAnswer),
    },
    ("API keys", "Who may call this API, and what each may do."): {
        "test_api_key": Promise(ApiKeyTest),
        "list_api_keys": Promise(ApiKeyList),
        "create_api_key": Promise(NewApiKeyAnswer),
        "update_api_key": Promise(ApiKeyAnswer, (errors.LastApiKey, *CONTESTED)),
        "delete_api_key": Promise(Message, (errors.LastApiKey, *CONTESTED)),
        "rotate_api_key": Promise(NewApiKeyAnswer, (errors.ApiKeyNotActive,)),
    },
    ("Documentation", "This page, and the document that it is made from. No token is needed."): {
        "get_openapi": Promise({"/api/openapi.json": ["application/json"]}, has_etag=True, headers=IF_NONE_MATCH),
        "show_docs": Promise(
            {"/docs": ["text/html"], "/docs/{file}": ["text/css", "text/javascript"]},
            has_etag=True,
            headers=IF_NONE_MATCH,
        ),
    },
}
