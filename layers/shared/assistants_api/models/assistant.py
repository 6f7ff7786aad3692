"""An assistant: the agent that answers and places calls."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import MISSING, Field

from assistants_api.models.changes import Changes, Instant
from assistants_api.models.ids import Timestamp, new_ulid, timestamp
from assistants_api.models.pagination import Pagination
from assistants_api.models.parsing import AccountBody, Flag, Integer, OptionalAccountBody, Resource
from assistants_api.models.text import MAX_NAME, Label, Language, Name

TemplateId = Literal["outbound-setter", "inbound-support", "follow-up", "custom"]
LanguageModelProvider = Literal["openai", "anthropic", "google", "deepseek", "qwen"]
VoiceProvider = Literal["cartesia", "elevenlabs"]
TranscriptorProvider = Literal["deepgram", "assemblyai"]
MAX_NUMBERS = 500  # phone numbers of an assistant


class Assistant(Resource):
    """An assistant as it is stored and answered. Times are ISO 8601 in UTC; `version` counts the changes from 1."""

    id: str = Field(
        description="Unique identifier for the assistant. Use it in subsequent `GET` and `PATCH` requests.",
        examples=["asst_01jd5xexamp1e0000000000000"],
    )
    account_id: str = Field(
        description="The account this assistant belongs to.", examples=["acct_01jd5xexamp1e0000000000000"]
    )
    name: str = Field(
        description="A human-readable name for the assistant: 1 to 200 characters. Spaces around it are trimmed.",
        examples=["Q1 Outbound Setter"],
    )
    type: str = Field(description="The template type used to create the assistant.", examples=["outbound-setter"])
    model: str = Field(description="The LLM model identifier for the provider.", examples=["gpt-4o-mini"])
    provider: str = Field(description="The LLM provider.", examples=["openai"])
    temperature: float = Field(
        description="LLM sampling temperature, 0.0 to 2.0. Higher values produce more varied output.", examples=[0.7]
    )
    max_tokens: int = Field(description="Maximum tokens per LLM response, 1 to 128,000.", examples=[1024])
    first_message: str = Field(
        description="The first thing the assistant says when a call connects; empty to let the caller speak first.",
        examples=["Hi, this is Alex from Talkturo..."],
    )
    system_prompt: str = Field(
        description=(
            "The system instructions that define the assistant's behavior and persona. "
            "You can use CRM template variables like `{{contact.first_name}}`."
        ),
        examples=["You are a friendly outbound sales assistant..."],
    )
    voice_provider: str = Field(description="The TTS provider.", examples=["cartesia"])
    voice_model: str = Field(
        description="The voice model identifier for the selected TTS provider.", examples=["sonic-english"]
    )
    voice_id: str = Field(description="The specific voice ID within the provider.", examples=["EXAVITQu4vr4xnSDxMaL"])
    voice_name: str = Field(description="Human-readable name for the selected voice.", examples=["Alex"])
    transcriptor_provider: str = Field(description="The STT provider.", examples=["deepgram"])
    transcriptor_model: str = Field(description="The transcription model.", examples=["nova-2"])
    transcriptor_language: str = Field(
        description="BCP-47 language code for transcription, or `multi`.", examples=["en", "es", "fr"]
    )
    recording_enabled: bool = Field(
        description="Whether stereo call recording is active for this assistant.", examples=[True]
    )
    inbound_enabled: bool = Field(description="Whether this assistant can receive inbound calls.", examples=[False])
    outbound_enabled: bool = Field(description="Whether this assistant can place outbound calls.", examples=[True])
    phone_number_ids: list[str] = Field(
        default_factory=list,
        description="The ids of the phone numbers that the assistant holds.",
        examples=[["pn_14155550101"]],
        json_schema_extra={"maxItems": MAX_NUMBERS},
    )
    version: int = Field(1, description="Counts the changes of the assistant, from 1. Also its `ETag`.", examples=[1])
    created_at: Timestamp = Field(
        description="ISO 8601 timestamp of when the assistant was created.", examples=["2024-01-15T10:00:00Z"]
    )
    updated_at: Timestamp = Field(
        description="ISO 8601 timestamp of the most recent update.", examples=["2024-01-15T10:00:00Z"]
    )

    @property
    def etag(self) -> str:
        return str(self.version)


class NewAssistant(AccountBody):
    """The body of POST /api/assistants."""

    name: Name
    template_id: TemplateId = Field(
        "custom",
        alias="templateId",
        description="Pre-populates the assistant with a starter configuration.",
        examples=["outbound-setter"],
    )

    def to_assistant(self, account_id: str, configuration: Mapping[str, Any]) -> Assistant:
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

    name: Name | MISSING = Field(MISSING, description="The name of the clone; without it the original's and `(Copy)`.")

    def clone_of(self, original: Assistant) -> Assistant:
        """A new assistant with the whole configuration of the original and none of its phone numbers."""
        now, suffix = timestamp(), " (Copy)"
        fresh = {
            "id": f"asst_{new_ulid()}",
            "name": original.name[: MAX_NAME - len(suffix)].rstrip() + suffix if self.name is MISSING else self.name,
            "phone_number_ids": [],
            "version": 1,
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
        None, min_length=1, max_length=MAX_NAME, description="Part of the name, in any case.", examples=["sales"]
    )


class AssistantChanges(AccountBody, Changes):
    """The body of PATCH /api/assistants/{assistantId}."""

    read_only = frozenset({"id", "account_id", "type", "created_at", "updated_at", "version", "phone_number_ids"})
    outdated = frozenset({"updated_at", "version", "phone_number_ids"})

    name: Name | MISSING = MISSING
    provider: LanguageModelProvider | MISSING = MISSING
    model: Label | MISSING = MISSING
    temperature: float | MISSING = Field(MISSING, ge=0.0, le=2.0, allow_inf_nan=False)
    max_tokens: Integer | MISSING = Field(MISSING, ge=1, le=128_000)
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

    id: str | MISSING = MISSING
    account_id: str | MISSING = MISSING
    type: str | MISSING = MISSING
    created_at: Instant | MISSING = MISSING
    updated_at: Instant | MISSING = MISSING
    version: Integer | MISSING = MISSING
    phone_number_ids: list[str] | MISSING = Field(MISSING, max_length=1_000)

    @property
    def presumes_version(self) -> bool:
        """Whether the body states something that every change of the assistant may alter."""
        return not self.model_fields_set.isdisjoint({"version", "updated_at", "phone_number_ids"})
