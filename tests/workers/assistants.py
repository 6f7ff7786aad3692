"""Assistants as the API answers them, as far as workers read."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from assistants_api.catalogue import Kind, ids_by_word

# By the kind of provider: the field that names it, and what workers call it.
FIELDS: dict[Kind, str] = {"llm": "provider", "voice": "voice_provider", "transcription": "transcriptor_provider"}
NAMES: dict[Kind, str] = {"llm": "language model", "voice": "voice", "transcription": "transcription"}
# Of providers whose models the packages know, and refuse others.
MODELS = {
    "sarvam": {
        "model": "sarvam-105b",
        "voice_model": "bulbul:v3",
        "voice_id": "shubh",
        "transcriptor_model": "saaras:v3",
        "transcriptor_language": "en-IN",
    },
}
# Kind, word and the provider that it names.
CATALOGUE = [(kind, word, provider) for kind in FIELDS for word, provider in sorted(ids_by_word(kind).items())]


def an_assistant(**fields: object) -> dict[str, Any]:
    return {
        "provider": "openai",
        "model": "gpt-5.4-mini",
        "temperature": 0.3,
        "max_tokens": 777,
        "first_message": "Hello, this is Alex. How can I help you?",
        "system_prompt": "You are Alex.",
        "voice_provider": "openai",
        "voice_model": "gpt-4o-mini-tts",
        "voice_id": "alloy",
        "transcriptor_provider": "openai",
        "transcriptor_model": "gpt-4o-transcribe",
        "transcriptor_language": "en",
        **fields,
    }


def named(kind: Kind, word: str, provider: str) -> dict[str, Any]:
    """An assistant that names this provider."""
    return an_assistant(**{FIELDS[kind]: word}, **MODELS.get(provider, {}))


def in_a_loop(make: Callable[[], Any]) -> Any:
    """What it makes, as a worker does in its loop."""

    async def run() -> Any:
        return make()

    return asyncio.run(run())


def service_account(folder: Path) -> str:
    """A file of credentials as Google gives it, with a key of nobody's."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    fields = {"type": "service_account", "project_id": "p", "private_key": pem, "client_email": "a@example.com"}
    file = folder / "google.json"
    file.write_text(json.dumps(fields | {"token_uri": "https://oauth2.googleapis.com/token"}))
    return str(file)
