"""An assistant: the agent that answers and places calls."""

from typing import Literal

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from assistants_api.models.ids import Timestamp
from assistants_api.models.parsing import Resource

TemplateId = Literal["outbound-setter", "inbound-support", "follow-up", "custom"]
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
    provider: str = Field(
        description="The LLM provider: an id or an alias of those that `GET /api/providers?kind=llm` lists.",
        examples=["openai", "anthropic", "google", "deepseek", "qwen"],
    )
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
    voice_provider: str = Field(
        description="The TTS provider: an id or an alias of those that `GET /api/providers?kind=voice` lists.",
        examples=["cartesia", "elevenlabs"],
    )
    voice_model: str = Field(
        description="The voice model identifier for the selected TTS provider.", examples=["sonic-english"]
    )
    voice_id: str = Field(description="The specific voice ID within the provider.", examples=["EXAVITQu4vr4xnSDxMaL"])
    voice_name: str = Field(description="Human-readable name for the selected voice.", examples=["Alex"])
    transcriptor_provider: str = Field(
        description="The STT provider: an id or an alias of those that `GET /api/providers?kind=transcription` lists.",
        examples=["deepgram", "assemblyai"],
    )
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
    external_id: str | None = Field(
        None,
        description="The name of your own that it was imported under, if it has one.",
        examples=["sales/outbound"],
        exclude_if=lambda it: it is None,
    )
    version: int = Field(1, description="Counts the changes of the configuration, from 1.", examples=[1])
    created_at: Timestamp = Field(
        description="ISO 8601 timestamp of when the assistant was created.", examples=["2024-01-15T10:00:00Z"]
    )
    updated_at: Timestamp = Field(
        description="ISO 8601 timestamp of the most recent update.", examples=["2024-01-15T10:00:00Z"]
    )

    assignments: SkipJsonSchema[int] = Field(
        0, exclude=True
    )  # counts the changes of the numbers that the assistant holds

    @property
    def etag(self) -> str:
        """Of configuration and numbers; without an assignment it is the version alone, as in `If-Match: "1"`."""
        return f"{self.version}.{self.assignments}" if self.assignments else str(self.version)


SET_BY_SERVICE = frozenset(
    {"id", "account_id", "type", "created_at", "updated_at", "version", "phone_number_ids", "external_id"}
)
CONFIGURATION = tuple(sorted(Assistant.model_fields.keys() - SET_BY_SERVICE - {"assignments"}))  # what makes a version
