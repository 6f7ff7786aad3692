"""An assistant: the agent that answers and places calls."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from assistants.errors import PreconditionFailed
from assistants.models.changes import Changes
from assistants.models.ids import new_ulid, timestamp
from assistants.models.paging import Page
from assistants.models.parsing import UNSENT, AccountBody, Flag, OptionalAccountBody, Resource
from assistants.models.text import MOST_NAME, Label, Language, Name

TemplateId = Literal["outbound-setter", "inbound-support", "follow-up", "custom"]
LanguageModelProvider = Literal["openai", "anthropic", "google", "deepseek", "qwen"]
VoiceProvider = Literal["cartesia", "elevenlabs"]
TranscriptorProvider = Literal["deepgram", "assemblyai"]


class Assistant(Resource):
    """An assistant as it is stored and answered. Times are ISO 8601 in UTC; `version` counts the changes from 1."""

    id: str
    account_id: str
    name: str
    type: str
    model: str
    provider: str
    temperature: float
    max_tokens: int
    first_message: str
    system_prompt: str
    voice_provider: str
    voice_model: str
    voice_id: str
    voice_name: str
    transcriptor_provider: str
    transcriptor_model: str
    transcriptor_language: str
    recording_enabled: bool
    inbound_enabled: bool
    outbound_enabled: bool
    phone_number_ids: list[str] = []
    version: int = 1
    created_at: str
    updated_at: str


class NewAssistant(AccountBody):
    """The body of POST /api/assistants."""

    name: Name = Field(description="A human-readable name.", examples=["Q1 Outbound Setter"])
    template_id: TemplateId = Field("custom", alias="templateId", description="The starter configuration.")

    def configured(self, account_id: str, configuration: Mapping[str, Any]) -> Assistant:
        """The assistant that this request asks for, with an id of its own."""
        now = timestamp()
        return Assistant(
            id=f"asst_{new_ulid()}",
            account_id=account_id,
            name=self.name,
            type=self.template_id,
            created_at=now,
            updated_at=now,
            **configuration,
        )


class AssistantClone(OptionalAccountBody):
    """The body of POST /api/assistants/{assistantId}/clone."""

    name: Name = UNSENT

    def of(self, original: Assistant) -> Assistant:
        """A new assistant with the whole configuration of the original and none of its phone numbers."""
        now, suffix = timestamp(), " (Copy)"
        fresh = {
            "id": f"asst_{new_ulid()}",
            "name": self.name or original.name[: MOST_NAME - len(suffix)].rstrip() + suffix,
            "phone_number_ids": [],
            "version": 1,
            "created_at": now,
            "updated_at": now,
        }
        return original.model_copy(update=fresh)


class AssistantPage(Page):
    """The query parameters of GET /api/assistants."""

    type: TemplateId | None = None
    inbound_enabled: Flag | None = None
    outbound_enabled: Flag | None = None
    name: str | None = Field(None, min_length=1, max_length=MOST_NAME, description="Part of the name, in any case.")


class AssistantChanges(Changes):
    """The body of PATCH /api/assistants/{assistantId}."""

    read_only = frozenset({"id", "account_id", "type", "created_at", "updated_at", "version", "phone_number_ids"})

    name: Name = UNSENT
    provider: LanguageModelProvider = UNSENT
    model: Label = UNSENT
    temperature: float = Field(UNSENT, ge=0.0, le=2.0, allow_inf_nan=False)
    max_tokens: int = Field(UNSENT, ge=1, le=128_000)
    first_message: str = Field(UNSENT, max_length=4_000)
    system_prompt: str = Field(UNSENT, max_length=64_000)
    voice_provider: VoiceProvider = UNSENT
    voice_model: Label = UNSENT
    voice_id: Label = UNSENT
    voice_name: Label = UNSENT
    transcriptor_provider: TranscriptorProvider = UNSENT
    transcriptor_model: Label = UNSENT
    transcriptor_language: Language = UNSENT
    recording_enabled: bool = UNSENT
    inbound_enabled: bool = UNSENT
    outbound_enabled: bool = UNSENT

    id: str = UNSENT
    account_id: str = UNSENT
    type: str = UNSENT
    created_at: str = UNSENT
    updated_at: str = UNSENT
    version: int = UNSENT
    phone_number_ids: list[str] = UNSENT

    @property
    def presumes_version(self) -> bool:
        """Whether the body states something that every change of the assistant may alter."""
        return not self.model_fields_set.isdisjoint({"version", "updated_at", "phone_number_ids"})


def check_precondition(stored: Assistant, if_match: str | None) -> None:
    """Raises PreconditionFailed unless the `If-Match` header, if any, is `*` or the assistant's ETag, `"<version>"`."""
    if if_match is None or if_match.strip() == "*":
        return
    if f'"{stored.version}"' not in [tag.strip() for tag in if_match.split(",")]:
        raise PreconditionFailed(
            f'The assistant has changed: it is at version "{stored.version}". GET it, then send your change again.'
        )
