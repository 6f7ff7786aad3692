"""The providers of an assistant's language model, voice and transcription."""

from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, Field

from assistants_api import catalogue
from assistants_api.catalogue import Kind
from assistants_api.models.messages import nearest
from assistants_api.models.parsing import Query

NOUNS: dict[Kind, str] = {"llm": "language models", "voice": "voices", "transcription": "transcription"}
EXAMPLES: dict[Kind, str] = {"llm": "openai", "voice": "cartesia", "transcription": "deepgram"}


def _provider_of(kind: Kind) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text not in catalogue.ids_by_word(kind):
            raise ValueError(
                f"must be a provider of {NOUNS[kind]}{_hint(kind, text)} GET /api/providers?kind={kind} lists all."
            )
        return text

    return check


def _hint(kind: Kind, text: str) -> str:
    if others := [NOUNS[other] for other in NOUNS if text in catalogue.ids_by_word(other)]:
        return f", such as {EXAMPLES[kind]}; {text} provides {' and '.join(others)}."
    known = catalogue.ids_by_word(kind)
    near = nearest(text.strip().lower(), known)
    return f"; did you mean {known[near]}?" if near else f", such as {EXAMPLES[kind]}."


LanguageModelProvider = Annotated[str, AfterValidator(_provider_of("llm"))]
VoiceProvider = Annotated[str, AfterValidator(_provider_of("voice"))]
TranscriptorProvider = Annotated[str, AfterValidator(_provider_of("transcription"))]


class ProviderQuery(Query):
    """The query parameters of GET /api/providers."""

    kind: Kind | None = Field(None, description="Only providers of this kind.", examples=["voice"])
