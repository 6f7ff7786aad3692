"""What may be asked of assistants."""

from collections.abc import Mapping
from typing import Any

from pydantic import MISSING, Field

from assistants_api.models.assistant import SET_BY_SERVICE, Assistant, TemplateId
from assistants_api.models.changes import Changes, Instant
from assistants_api.models.creation import Creation
from assistants_api.models.ids import new_assistant_id, timestamp
from assistants_api.models.pagination import Pagination
from assistants_api.models.parsing import AccountBody, Body, Flag, Integer, OptionalAccountBody
from assistants_api.models.provider import LanguageModelProvider, TranscriptorProvider, VoiceProvider
from assistants_api.models.text import MAX_NAME, Label, Language, Name

MAX_TOKENS = 128_000


class Configuration(Body):
    """The configuration of an assistant, as far as the caller names it: each field may be left out."""

    name: Name | MISSING = MISSING
    provider: LanguageModelProvider | MISSING = MISSING
    model: Label | MISSING = MISSING
    temperature: float | MISSING = Field(MISSING, ge=0.0, le=2.0, allow_inf_nan=False)
    max_tokens: Integer | MISSING = Field(MISSING, ge=1, le=MAX_TOKENS)
    first_message: str | MISSING = Field(MISSING, max_length=4_000)
    system_prompt: str | MISSING = Field(MISSING, max_length=64_000)
    voice_provider: VoiceProvider | MISSING = MISSING
    voice_model: Label | MISSING = MISSING
    voice_id: Label | MISSING = MISSING
    voice_name: Label | MISSING = MISSING
    transcriptor_provider: TranscriptorProvider | MISSING = MISSING
    transcriptor_model: Label | MISSING = MISSING
    transcriptor_language: Language | MISSING = MISSING
    recording_enabled: bool | MISSING = MISSING
    inbound_enabled: bool | MISSING = MISSING
    outbound_enabled: bool | MISSING = MISSING


class AssistantSettings(Configuration, AccountBody):
    """A configuration, and the account that it is for."""


class NewAssistant(AssistantSettings, Creation):
    """The body of POST /api/assistants: what it names of the configuration goes before the template's."""

    name: Name  # the one that has to be sent
    template_id: TemplateId = Field(
        "custom",
        alias="templateId",
        description="Pre-populates the assistant with a starter configuration.",
        examples=["outbound-setter"],
    )

    def to_assistant(self, account_id: str, configuration: Mapping[str, Any]) -> Assistant:
        """The assistant that this request asks for, with an id of its own; `configuration` is its template's."""
        now, own = timestamp(), self.model_dump(exclude={"account_slug", "template_id"})
        fresh = {"id": new_assistant_id(), "account_id": account_id, "created_at": now, "updated_at": now}
        return Assistant(type=self.template_id, **fresh, **{**configuration, **own})


class AssistantClone(OptionalAccountBody, Creation):
    """The body of POST /api/assistants/{assistantId}/clone."""

    name: Name | MISSING = Field(MISSING, description="The name of the clone; without it the original's and `(Copy)`.")

    def clone_of(self, original: Assistant) -> Assistant:
        """A new assistant with the whole configuration of the original and none of its phone numbers."""
        now = timestamp()
        fresh: dict[str, Any] = {
            "id": new_assistant_id(),
            "name": _name_of_copy(original.name) if self.name is MISSING else self.name,
            "phone_number_ids": [],
            "external_id": None,
            "version": 1,
            "assignments": 0,
            "created_at": now,
            "updated_at": now,
        }
        return original.model_copy(update=fresh)


class AssistantQuery(Pagination):
    """The query parameters of GET /api/assistants."""

    type: TemplateId | None = Field(None, description="Only assistants made from this template.", examples=["custom"])
    inbound_enabled: Flag | None = Field(
        None, description="Only assistants that can, or can't, receive inbound calls.", examples=[True]
    )
    outbound_enabled: Flag | None = Field(
        None, description="Only assistants that can, or can't, place outbound calls.", examples=[True]
    )
    name: str | None = Field(
        None, max_length=MAX_NAME, description="Part of the name, in any case.", examples=["sales"]
    )
    attention: Flag | None = Field(
        None,
        description="Only assistants that need a person, or don't: those that have `warnings`, such as of a model that "
        "has retired.",
        examples=[True],
    )
    deleted: Flag = Field(
        False, description="Whether to list the assistants that were deleted and can be restored.", examples=[True]
    )


class AssistantChanges(AssistantSettings, Changes):
    """The body of PATCH /api/assistants/{assistantId}."""

    read_only = SET_BY_SERVICE
    outdated = frozenset({"updated_at", "version", "phone_number_ids"})

    id: str | MISSING = MISSING
    account_id: str | MISSING = MISSING
    type: str | MISSING = MISSING
    created_at: Instant | MISSING = MISSING
    updated_at: Instant | MISSING = MISSING
    version: Integer | MISSING = MISSING
    external_id: str | MISSING | None = MISSING
    phone_number_ids: list[str] | MISSING = Field(MISSING, max_length=1_000)


def _name_of_copy(name: str) -> str:
    from assistants_api.models.graphemes import cut  # only for clones

    suffix = " (Copy)"
    return (cut(name, MAX_NAME - len(suffix)).rstrip() + suffix).lstrip()
