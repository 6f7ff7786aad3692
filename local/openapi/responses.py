"""What each function answers, and which errors beside those that follow from its path, scope and models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from assistants_api import errors
from assistants_api.errors import ApiError
from local.openapi.models import (
    ApiKeyAnswer,
    ApiKeyList,
    ApiKeyTest,
    AssistantAnswer,
    AssistantList,
    Done,
    Message,
    NewApiKeyAnswer,
    PhoneNumberAnswer,
    PhoneNumberList,
    RouteAnswer,
    TemplateAnswer,
    TemplateList,
)

# Descriptions of request headers.
IF_MATCH = {"If-Match": 'Make the change only at this version: the `ETag` of a response, such as `"1"`, or `*`.'}
IF_NONE_MATCH = {"If-None-Match": "Answer 304 if this is still the `ETag`."}

RATE_LIMIT_HEADERS = ("RateLimit", "RateLimit-Policy")
# Every response header, with its description and its type.
HEADERS: dict[str, tuple[str, dict[str, object]]] = {
    "X-Request-Id": ("The id of the request in our log; name it when you ask for support.", {"type": "string"}),
    "ETag": ("The version that this response shows, for `If-Match` or `If-None-Match`.", {"type": "string"}),
    "Cache-Control": ("How long a cache may use the response without asking again.", {"type": "string"}),
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
class ResponseSpec:
    """What a function answers: a body of `model`, or else `files`, whose media types stand there by path. `errors` are
    its own ones."""

    model: type[BaseModel] | None = None
    errors: Sequence[type[ApiError]] = ()
    files: Mapping[str, Sequence[str]] = field(default_factory=dict)
    has_etag: bool = False
    request_headers: Mapping[str, str] = field(default_factory=dict)


# The functions under each tag, which comes with its description.
TAGS: dict[tuple[str, str], dict[str, ResponseSpec]] = {
    ("Assistants", "The AI agents that handle your phone calls: prompt, LLM, voice and transcription of each."): {
        "create_assistant": ResponseSpec(AssistantAnswer, has_etag=True),
        "list_assistants": ResponseSpec(AssistantList),
        "get_assistant": ResponseSpec(AssistantAnswer, has_etag=True),
        "update_assistant": ResponseSpec(
            AssistantAnswer,
            [errors.PreconditionFailed, errors.ConcurrentChange],
            has_etag=True,
            request_headers=IF_MATCH,
        ),
        "delete_assistant": ResponseSpec(Message, [errors.AssistantHasPhoneNumbers, errors.ConcurrentChange]),
        "clone_assistant": ResponseSpec(AssistantAnswer, has_etag=True),
        "assign_phone_numbers": ResponseSpec(
            Done,
            [
                errors.TooManyChanges,
                errors.PhoneNumberNotFound,
                errors.PhoneNumberNotActive,
                errors.PhoneNumberAssigned,
                errors.ConcurrentChange,
            ],
        ),
        "list_assignable_numbers": ResponseSpec(PhoneNumberList),
    },
    ("Templates", "Starter configurations for new assistants."): {
        "list_templates": ResponseSpec(TemplateList),
        "get_template": ResponseSpec(TemplateAnswer),
    },
    ("Phone numbers", "Numbers bought elsewhere and imported here. At most one assistant answers each."): {
        "import_phone_number": ResponseSpec(PhoneNumberAnswer, [errors.PhoneNumberTaken]),
        "list_phone_numbers": ResponseSpec(PhoneNumberList),
        "get_phone_number": ResponseSpec(PhoneNumberAnswer),
        "update_phone_number": ResponseSpec(PhoneNumberAnswer),
        "delete_phone_number": ResponseSpec(Message, [errors.PhoneNumberAssigned, errors.ConcurrentChange]),
    },
    ("Calls", "What the telephony worker asks when a call arrives."): {
        "route_call": ResponseSpec(RouteAnswer),
    },
    ("API keys", "Who may call this API, and what each key may do."): {
        "test_api_key": ResponseSpec(ApiKeyTest),
        "list_api_keys": ResponseSpec(ApiKeyList),
        "create_api_key": ResponseSpec(NewApiKeyAnswer),
        "update_api_key": ResponseSpec(ApiKeyAnswer, [errors.LastApiKey, errors.ConcurrentChange]),
        "delete_api_key": ResponseSpec(Message, [errors.LastApiKey, errors.ConcurrentChange]),
        "rotate_api_key": ResponseSpec(NewApiKeyAnswer, [errors.ApiKeyNotActive]),
    },
    ("Documentation", "This page and the document it is made from. They need no token."): {
        "get_openapi": ResponseSpec(
            files={"/api/openapi.json": ["application/json"]}, has_etag=True, request_headers=IF_NONE_MATCH
        ),
        "show_docs": ResponseSpec(
            files={"/docs": ["text/html"], "/docs/{file}": ["text/css", "text/javascript"]},
            has_etag=True,
            request_headers=IF_NONE_MATCH,
        ),
    },
}
RESPONSES = {function: spec for functions in TAGS.values() for function, spec in functions.items()}
