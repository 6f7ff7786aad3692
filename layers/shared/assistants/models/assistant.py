"""An assistant: the agent that answers and places calls."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from assistants.errors import Detail, PreconditionFailed, ReadOnlyField
from assistants.models.ids import new_ulid, timestamp
from assistants.models.parsing import UNSENT, AccountBody, Resource
from assistants.models.text import Label, Language, Name

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


class AssistantChanges(AccountBody):
    """The body of PATCH /api/assistants/{assistantId}: the fields to change.

    What only the service may change is accepted when it equals what is stored, so that an assistant that was read,
    edited and sent back whole is a valid request.
    """

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

    def against(self, stored: Assistant) -> dict[str, Any]:
        """The fields to write: empty when all are stored already, else every one sent. Raises ReadOnlyField."""
        sent = self.model_dump(exclude_unset=True, exclude={"account_slug"})
        known = stored.model_dump()
        differs = {field for field, value in sent.items() if value != known[field]}
        if refused := sorted(differs & READ_ONLY):
            details: list[Detail] = [
                {"field": f"/{field}", "message": "is read-only and differs from what is stored."} for field in refused
            ]
            raise ReadOnlyField(f"{', '.join(refused)}: read-only; leave it out or send what GET answers.", details)
        return {field: value for field, value in sent.items() if field not in READ_ONLY} if differs else {}

    @property
    def presumes_version(self) -> bool:
        """Whether the body states something that every change of the assistant may alter."""
        return not self.model_fields_set.isdisjoint({"version", "updated_at", "phone_number_ids"})


READ_ONLY = frozenset({"id", "account_id", "type", "created_at", "updated_at", "version", "phone_number_ids"})


def check_precondition(stored: Assistant, if_match: str | None) -> None:
    """Raises PreconditionFailed unless the `If-Match` header, if any, is `*` or the assistant's ETag, `"<version>"`."""
    if if_match is None or if_match.strip() == "*":
        return
    if f'"{stored.version}"' not in [tag.strip() for tag in if_match.split(",")]:
        raise PreconditionFailed(
            f'The assistant has changed: it is at version "{stored.version}". GET it, then send your change again.'
        )
