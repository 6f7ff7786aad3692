"""The bodies that answer an assistant, as it is stored or as a call uses it."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from assistants_api.models.assistant import MAX_NUMBERS, Assistant, TemplateId
from assistants_api.models.deleted_assistant import DeletedAssistant
from assistants_api.models.ids import Timestamp
from assistants_api.models.phone_number import PhoneNumber, RouteReason
from assistants_api.models.rendering import MAX_VALUES
from assistants_api.models.retirement import SUBSTITUTABLE
from assistants_api.models.version import Actor
from assistants_api.models.warnings import MAX_WARNINGS, WarningCode
from local.openapi.models import MAX_PAGE, Answer, ChangeAnswer, ExportedConfiguration, List, is_absent

MAX_MODEL_WARNINGS = 6  # one of each model, of the temperature, the tokens and the language
MISSING_VARIABLES: Any = Field(
    description="The variables that have neither a value nor a default: they are empty text.",
    examples=[["campaign.name"]],
    max_length=5_000,
)


def deletion_field(name: str) -> Any:
    """The field of a deleted assistant, which others don't have."""
    field = DeletedAssistant.model_fields[name]
    description = f"Only with `deleted=true`. {field.description}"
    return Field(None, description=description, examples=field.examples, exclude_if=is_absent)


class AssistantWarning(BaseModel):
    """What a person has to look at: a model, a setting that the model does not take, or a variable of a prompt."""

    field: str = Field(description="A JSON pointer into the assistant.", examples=["/voice_model"])
    code: WarningCode = Field(description="What is wrong, for programs.", examples=["retired_model"])
    message: str = Field(
        description="What is wrong and what to do, for people.",
        examples=[
            "cartesia ended sonic-english on 2026-06-01; calls use sonic-3.5 in its place. "
            "Change voice_model to it, or to another model."
        ],
    )
    retires: str = Field(
        "",
        description="Of a model that retires: the first day without it.",
        examples=["2026-06-01"],
        json_schema_extra={"format": "date"},
        exclude_if=is_absent,
    )
    replacement: str = Field(
        "",
        description="Of a model that retires: the model that calls use in its place, if there is one.",
        examples=["sonic-3.5"],
        exclude_if=is_absent,
    )
    source: str = Field(
        "",
        description="Of a model that retires: who says so.",
        examples=["https://docs.cartesia.ai/build-with-cartesia/tts-models/api-changes"],
        exclude_if=is_absent,
    )
    line: int = Field(
        0, description="Of a prompt: the line of the text, from 1.", examples=[3], ge=1, exclude_if=is_absent
    )
    column: int = Field(
        0, description="Of a prompt: the character of the line, from 1.", examples=[14], ge=1, exclude_if=is_absent
    )


class Warned(Answer):
    warnings: list[AssistantWarning] = Field(
        [],
        description="What a person has to look at: models that have retired or will within 90 days, settings that they "
        "do not take, and what is wrong with variables of prompts.",
        max_length=MAX_WARNINGS + MAX_MODEL_WARNINGS,
        exclude_if=is_absent,
    )


class Substitution(BaseModel):
    """What a call uses in the place of what is stored, because a model has retired."""

    model_config = ConfigDict(validate_by_name=True)

    field: str = Field(description="The field of the assistant.", examples=["voice_model"])
    from_: Any = Field(alias="from", description="What is stored.", examples=["sonic-english"])
    to: Any = Field(description="What a call uses.", examples=["sonic-3.5"])
    since: str = Field(
        description="The first day without the model.", examples=["2026-06-01"], json_schema_extra={"format": "date"}
    )


class Called(Answer):
    substituted: list[Substitution] = Field(
        description="What differs from what is stored; empty with `?exact=true`.", max_length=len(SUBSTITUTABLE)
    )


class AssistantAnswer(Warned, ChangeAnswer):
    assistant: Assistant


class Export(BaseModel):
    """An assistant as a document, for `POST /api/assistants/import`."""

    model_config = ConfigDict(validate_by_name=True)

    format: int = Field(description="The format of this document.", examples=[1])
    external_id: str = Field(
        "",
        description="The name of your own that it was imported under, if it has one.",
        examples=["sales/outbound"],
        exclude_if=is_absent,
    )
    template_id: TemplateId = Field(
        alias="templateId", description="The template it was made from.", examples=["outbound-setter"]
    )
    configuration: ExportedConfiguration
    phone_numbers: list[str] = Field(
        description="The numbers that it holds, in E.164 form.", examples=[["+14155550101"]], max_length=MAX_NUMBERS
    )


class ExportAnswer(Answer):
    export: Export


class RestoredAssistantAnswer(AssistantAnswer):
    free_phone_number_ids: list[str] = Field(
        description="The ids of the phone numbers that the assistant held and that are free now; assign them with "
        "`PATCH /api/assistants/{assistantId}/telephony/phone-numbers`.",
        examples=[["pn_14155550101"]],
        max_length=MAX_NUMBERS,
    )


class ListedAssistant(Assistant):
    """An assistant; with `deleted=true` one that was deleted, as it was then."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{name: it.examples[0] for name, it in Assistant.model_fields.items() if it.examples}]
        }
    )

    deleted_at: Timestamp = deletion_field("deleted_at")
    restorable_until: Timestamp = deletion_field("restorable_until")
    deleted_by: Actor = deletion_field("deleted_by")


class AssistantList(List):
    assistants: list[ListedAssistant] = Field(max_length=MAX_PAGE)


class RenderedPrompts(Warned, Called):
    first_message: str = Field(description="As the call uses it.", examples=["Hi Ada, this is Alex..."])
    system_prompt: str = Field(description="As the call uses it.", examples=["You call for Talkturo..."])
    model: str = Field(description="As the call uses it.", examples=["gpt-4o-mini"])
    temperature: float = Field(description="As the call uses it.", examples=[0.7])
    max_tokens: int = Field(description="As the call uses it.", examples=[1024])
    voice_model: str = Field(description="As the call uses it.", examples=["sonic-3.5"])
    transcriptor_model: str = Field(description="As the call uses it.", examples=["nova-2"])
    missing: list[str] = MISSING_VARIABLES
    unused: list[str] = Field(
        description="The names of the values that no variable uses.",
        examples=[["contact.phone"]],
        max_length=MAX_VALUES,
    )


class RouteAnswer(Called):
    routed: bool = Field(description="Whether an assistant answers the call.", examples=[True])
    reason: RouteReason = Field(description="`routed`, or why no assistant answers.", examples=["routed"])
    phone_number: PhoneNumber
    assistant: Assistant | None = Field(
        description="The assistant that answers, as of `assistant_version` but with the numbers that it has; or null."
    )
    assistant_version: int | None = Field(
        description="The version that answers: the newest, or one that the number is pinned to; or null.", examples=[1]
    )


class PreparedCallAnswer(RouteAnswer):
    missing: list[str] = MISSING_VARIABLES
