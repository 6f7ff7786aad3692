# mypy: ignore-errors
"""The models of the peers that use pydantic, with the same rules as ours."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Label = Annotated[str, Field(min_length=1, max_length=200)]
Provider = Literal["openai", "anthropic", "google", "deepseek", "qwen"]
VoiceProvider = Literal["cartesia", "elevenlabs"]
TranscriptorProvider = Literal["deepgram", "assemblyai"]


class Assistant(BaseModel):
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


class AssistantResponse(BaseModel):
    success: bool = True
    assistant: Assistant


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    account_slug: str = Field(alias="accountSlug", min_length=1, max_length=63)


class AssistantChanges(Body):
    name: Label | None = None
    provider: Provider | None = None
    model: Label | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    max_tokens: int | None = Field(None, ge=1, le=128_000)
    first_message: str | None = Field(None, max_length=4_000)
    system_prompt: str | None = Field(None, max_length=64_000)
    voice_provider: VoiceProvider | None = None
    voice_model: Label | None = None
    voice_id: Label | None = None
    voice_name: Label | None = None
    transcriptor_provider: TranscriptorProvider | None = None
    transcriptor_model: Label | None = None
    transcriptor_language: Label | None = None
    recording_enabled: bool | None = None
    inbound_enabled: bool | None = None
    outbound_enabled: bool | None = None

    def fields(self):
        return self.model_dump(exclude_unset=True, exclude={"account_slug"})
