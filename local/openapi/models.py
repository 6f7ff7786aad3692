"""The bodies of responses. Their names and fields become schemas of openapi.json."""

from functools import cache
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, create_model

from assistants_api.catalogue import Kind
from assistants_api.models.api_key import PRIVATE_FIELDS, ApiKey
from assistants_api.models.assistant import CONFIGURATION, MAX_NUMBERS, Assistant, TemplateId
from assistants_api.models.assistant_requests import AssistantChanges
from assistants_api.models.call_usage import SERIES_DAYS
from assistants_api.models.phone_number_requests import MAX_ASSIGNABLE
from assistants_api.models.version import VersionSummary

MAX_PAGE = MAX_ASSIGNABLE  # entries; most lists have 100
MAX_DIFF = 50  # fields; no resource has more
MAX_PROVIDERS = 1_000  # of the catalogue and the operator's own together
MAX_ALIASES = 20
MAX_RETIREMENTS = 1_000  # of a provider


def is_absent(value: object) -> bool:
    """Whether an answer leaves the field out."""
    return not value


class Answer(BaseModel):
    success: Literal[True] = Field(description="Always `true` for a success.", examples=[True])


class FieldDiff(BaseModel):
    """What differs in a field. A long text is compared line by line."""

    model_config = ConfigDict(validate_by_name=True)

    field: str = Field(description="The field.", examples=["temperature"])
    from_: Any = Field(None, alias="from", description="Its value before.", examples=[0.7], exclude_if=is_absent)
    to: Any = Field(None, description="Its value after.", examples=[0.4], exclude_if=is_absent)
    unified_diff: str = Field(
        "",
        description="Of a long text, instead of `from` and `to`: what differs, as a unified diff.",
        examples=["@@ -1 +1 @@\n-Hi\n+Hello"],
        exclude_if=is_absent,
    )


class Period(BaseModel):
    calls: int = Field(description="Calls that ended.", examples=[12])
    minutes: float = Field(description="How long they were connected.", examples=[34.5])


class Day(Period):
    date: str = Field(description="The day, in UTC.", examples=["2024-01-15"])


class Timeline(BaseModel):
    today: Period
    last7Days: Period  # noqa: N815  as other APIs of this kind have it
    last30Days: Period  # noqa: N815
    last365Days: Period  # noqa: N815


class UsageStatsAnswer(Answer):
    totalCalls: int = Field(description="Calls that it answered and that ended.", examples=[120])  # noqa: N815
    totalMinutes: float = Field(description="How long they were connected.", examples=[345.6])  # noqa: N815
    avgDurationMinutes: float = Field(  # noqa: N815
        description="Of those that were connected.", examples=[2.9]
    )
    completedCallsWithDuration: int = Field(  # noqa: N815
        description="How many were connected.", examples=[119]
    )
    timeline: Timeline
    dailySeries: list[Day] = Field(  # noqa: N815
        description="The last 30 days, oldest first.", max_length=SERIES_DAYS
    )


class ChangeAnswer(Answer):
    dry_run: bool = Field(
        False,
        description="Whether this only says what would be done. It is left out of the answer of what was done.",
        examples=[True],
        exclude_if=is_absent,
    )
    diff: list[FieldDiff] = Field(
        [],
        description="What would change, with `?dry_run=true`.",
        examples=[[{"field": "temperature", "from": 0.7, "to": 0.4}]],
        max_length=MAX_DIFF,
        exclude_if=is_absent,
    )


class Done(ChangeAnswer):
    """The request succeeded; there is nothing more to say."""


class Message(ChangeAnswer):
    message: str = Field(description="What was done, for people.", examples=["Assistant deleted successfully"])


class List(Answer):
    count: int = Field(description="The number of entries on this page.", examples=[1], ge=0, le=MAX_PAGE)
    limit: int = Field(description="The largest number of entries on a page.", examples=[20], ge=1, le=MAX_PAGE)
    next_cursor: str | None = Field(
        description="Send it as `cursor` to get the next page. It is null only on the last page; an earlier page can "
        "be short, even empty.",
        examples=[None],
    )
    unreadable: list[str] = Field(
        [],
        description="The ids of what would be on this page and can't be read as it is stored; of versions, their "
        "numbers. It is only there if there is any.",
        examples=[[]],
        max_length=MAX_PAGE,
        exclude_if=is_absent,
    )


@cache
def one(name: str, model: type[BaseModel], base: type[Answer] = Answer) -> type[Answer]:
    """The body that answers such a thing under the name."""
    return create_model(f"{model.__name__}Answer", __base__=base, **{name: (model, ...)})  # type: ignore[call-overload,no-any-return]


@cache
def many(name: str, model: type[BaseModel]) -> type[List]:
    """The body that answers a page of such things under the name."""
    return create_model(f"{model.__name__}List", __base__=List, **{name: (list[model], Field(max_length=MAX_PAGE))})  # type: ignore[call-overload,no-any-return,valid-type]


Configuration = create_model(
    "AssistantConfiguration",
    __doc__="Every field of an assistant except its name and the fields that the service sets.",
    **{
        name: (it.annotation, it)
        for name, it in Assistant.model_fields.items()
        if name not in AssistantChanges.read_only | {"name"}
    },  # type: ignore[call-overload]
)


ExportedConfiguration = create_model(
    "ExportedConfiguration",
    __doc__="Every field of an assistant except those that the service sets.",
    **{name: (it.annotation, it) for name, it in Assistant.model_fields.items() if name in CONFIGURATION},  # type: ignore[call-overload]
)


class Template(BaseModel):
    """A starter configuration."""

    id: TemplateId = Field(description="The value for `templateId`.", examples=["outbound-setter"])
    description: str = Field(description="What the template is for, in one sentence.", examples=["Calls new leads."])
    configuration: Configuration


class TemplateList(Answer):
    templates: list[Template] = Field(max_length=len(get_args(TemplateId)))


class Retirement(BaseModel):
    """A model that has retired or will."""

    kind: Kind = Field(description="What it serves.", examples=["voice"])
    model: str = Field(description="Its name.", examples=["sonic-english"])
    retires: str = Field(
        description="The first day without it.", examples=["2026-06-01"], json_schema_extra={"format": "date"}
    )
    replacement: str | None = Field(
        description="What calls use in its place from that day on, if it has not retired itself; null for nothing.",
        examples=["sonic-3.5"],
    )
    source: str = Field(
        description="Who says so.", examples=["https://docs.cartesia.ai/build-with-cartesia/tts-models/api-changes"]
    )
    checked: str = Field(
        description="The day on which the source said so.",
        examples=["2026-11-25"],
        json_schema_extra={"format": "date"},
    )


class Provider(BaseModel):
    """Who serves language models, voices or transcription."""

    id: str = Field(description="The value for a provider of an assistant.", examples=["deepseek"])
    name: str = Field(description="The name, for people.", examples=["DeepSeek"])
    kinds: list[Kind] = Field(
        description="What it serves.", examples=[["llm"]], min_length=1, max_length=len(get_args(Kind))
    )
    aliases: list[str] = Field(
        description="Other values that mean the same.", examples=[["deepseek-ai"]], max_length=MAX_ALIASES
    )
    added_by_operator: bool = Field(
        description="Whether the operator of this deployment added it, or one of its kinds.", examples=[False]
    )
    retirements: list[Retirement] = Field(
        description="Its models that have retired or will, as far as they are known.", max_length=MAX_RETIREMENTS
    )


class ProviderList(Answer):
    providers: list[Provider] = Field(max_length=MAX_PROVIDERS)


class VersionAnswer(Answer):
    version: VersionSummary
    assistant: Assistant = Field(description="The assistant as it was at this version.")
    diff: list[FieldDiff] = Field(
        [],
        description="With `compare_to`, what differs from that version to this one.",
        examples=[[{"field": "temperature", "from": 0.7, "to": 0.4}]],
        max_length=len(CONFIGURATION),
        exclude_if=is_absent,
    )


PublicApiKey = create_model(
    "ApiKey",
    __doc__="An API key as its owner sees it, without its secret.",
    **{name: (it.annotation, it) for name, it in ApiKey.model_fields.items() if name not in PRIVATE_FIELDS},  # type: ignore[call-overload]
)


class ApiKeyAnswer(ChangeAnswer):
    api_key: PublicApiKey


class CreatedApiKeyAnswer(ApiKeyAnswer):
    full_key: str = Field(
        description="The whole API key, to send as the bearer token. It is shown only in this response.",
        examples=["tk_live_01jd5xexamp1e0000000000000exampleexampleexampleexample000000SvDb"],
        pattern="^tk_(?:live|test)_[0-9A-Za-z]{64}$",
    )


class ApiKeyCheck(ApiKeyAnswer):
    message: str = Field(description="The result, for people.", examples=["Authentication succeeded"])
    account_slug: str = Field(description="The slug of the API key's account.", examples=["my-team"])


class Detail(BaseModel):
    """One thing wrong with the request."""

    field: str = Field(
        description="A JSON pointer into the body, `?name` for a query parameter, or empty for the whole body.",
        examples=["/temperature"],
    )
    message: str = Field(description="What is wrong with it.", examples=["must be at most 2.0."])


class Refusal(BaseModel):
    """The request failed."""

    success: Literal[False] = Field(description="Always `false` for an error.", examples=[False])
    error: str = Field(
        description="What is wrong and what to do, for people.", examples=["temperature: must be at most 2.0."]
    )
    code: str = Field(description="What is wrong, for programs.", examples=["invalid_request"])
    details: list[Detail] = Field(
        [],
        description="Everything that is wrong, where `error` can't say it all.",
        max_length=MAX_NUMBERS,  # a phone number that can't be assigned is a detail each
        exclude_if=is_absent,
    )
    request_id: str = Field(
        description="The id of the request in our log; name it when you ask for support.", examples=["JKJaXmPLvHcESHA="]
    )


class GatewayError(BaseModel):
    """API Gateway itself refused the request."""

    message: str = Field(description="What is wrong.", examples=["Request Header Fields Too Large"])
