"""What drives the providers that an assistant names. For another provider, add a row: its plugin's class, and what that
calls the settings; None for one that it does not take.
"""

import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any

LANGUAGE_MODELS = {
    # provider: class, limit of tokens
    "anthropic": ("anthropic.LLM", "max_tokens"),
    "aws": ("aws.LLM", "max_output_tokens"),
    "cerebras": ("cerebras.LLM", "max_completion_tokens"),
    "google": ("google.LLM", "max_output_tokens"),
    "groq": ("groq.LLM", "max_completion_tokens"),
    "mistral": ("mistralai.LLM", "max_completion_tokens"),
    "openai": ("openai.LLM", "max_completion_tokens"),
}
# Servers that speak OpenAI's protocol.
LIKE_OPENAI = {
    "cometapi": "https://api.cometapi.com/v1/",
    "deepseek": "https://api.deepseek.com/v1",
    "fireworks": "https://api.fireworks.ai/inference/v1",
    "nebius": "https://api.studio.nebius.com/v1/",
    "openrouter": "https://openrouter.ai/api/v1",
    "ovhcloud": "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1",
    "perplexity": "https://api.perplexity.ai",
    "sambanova": "https://api.sambanova.ai/v1",
    "telnyx": "https://api.telnyx.com/v2/ai",
    "together": "https://api.together.xyz/v1",
    "xai": "https://api.x.ai/v1",
}
VOICES = {
    # provider: class, model, voice, language
    "asyncai": ("asyncai.TTS", "model", "voice", "language"),
    "aws": ("aws.TTS", "speech_engine", "voice", "language"),
    "azure": ("azure.TTS", None, "voice", "language"),
    "cartesia": ("cartesia.TTS", "model", "voice", "language"),
    "deepgram": ("deepgram.TTS", None, "model", None),  # a model of Deepgram's is one voice
    "elevenlabs": ("elevenlabs.TTS", "model", "voice_id", "language"),
    "fish": ("fishaudio.TTS", "model", "voice_id", None),
    "google": ("google.TTS", "model_name", "voice_name", "language"),
    "groq": ("groq.TTS", "model", "voice", None),
    "inworld": ("inworld.TTS", "model", "voice", "language"),
    "lmnt": ("lmnt.TTS", "model", "voice", "language"),
    "minimax": ("minimax.TTS", "model", "voice", None),
    "mistral": ("mistralai.TTS", "model", "voice", None),
    "murf": ("murf.TTS", "model", "voice", "locale"),
    "neuphonic": ("neuphonic.TTS", None, "voice_id", "lang_code"),
    "openai": ("openai.TTS", "model", "voice", None),
    "resemble": ("resemble.TTS", "model", "voice_uuid", None),
    "rime": ("rime.TTS", "model", "speaker", "lang"),
    "sarvam": ("sarvam.TTS", "model", "speaker", "target_language_code"),
    "smallest": ("smallestai.TTS", "model", "voice_id", "language"),
    "soniox": ("soniox.TTS", "model", "voice", "language"),
    "speechify": ("speechify.TTS", "model", "voice_id", "language"),
    "xai": ("xai.TTS", None, "voice", "language"),
}
TRANSCRIPTIONS = {
    # provider: class, model, language
    "assemblyai": ("assemblyai.STT", "model", None),  # whose models each know their languages
    "aws": ("aws.STT", None, "language"),
    "azure": ("azure.STT", None, "language"),
    "cartesia": ("cartesia.STT", "model", "language"),
    "deepgram": ("deepgram.STT", "model", "language"),
    "elevenlabs": ("elevenlabs.STT", "model", "language_code"),
    "fireworks": ("fireworksai.STT", "model", "language"),
    "google": ("google.STT", "model", "languages"),
    "groq": ("groq.STT", "model", "language"),
    "inworld": ("inworld.STT", "model", "language"),
    "mistral": ("mistralai.STT", "model", "language"),
    "openai": ("openai.STT", "model", "language"),
    "sarvam": ("sarvam.STT", "model", "language"),
    "smallest": ("smallestai.STT", "model", "language"),
    "xai": ("xai.STT", None, "language"),
}
# The environment variables of those that take something else than `api_key`, from such as OPENAI_API_KEY.
VARIABLES = {
    "aws.LLM": {"region": "AWS_REGION"},  # and AWS credentials, wherever botocore finds them
    "aws.STT": {"region": "AWS_REGION"},
    "aws.TTS": {"region": "AWS_REGION"},
    "azure.STT": {"speech_key": "AZURE_SPEECH_API_KEY", "speech_region": "AZURE_SPEECH_REGION"},
    "azure.TTS": {"speech_key": "AZURE_SPEECH_API_KEY", "speech_region": "AZURE_SPEECH_REGION"},
    "google.STT": {"credentials_file": "GOOGLE_APPLICATION_CREDENTIALS"},
    "google.TTS": {"credentials_file": "GOOGLE_APPLICATION_CREDENTIALS"},
}
# Other words that the API knows these providers by.
ALIASES = {
    "11labs": "elevenlabs", "amazon": "aws", "amazon-bedrock": "aws", "assembly-ai": "assemblyai", "async": "asyncai",
    "aws-bedrock": "aws", "azure-openai": "azure", "azure-speech": "azure", "bedrock": "aws", "claude": "anthropic",
    "deepseek-ai": "deepseek", "eleven-labs": "elevenlabs", "fireworks-ai": "fireworks", "fireworksai": "fireworks",
    "fish-audio": "fish", "fishaudio": "fish", "gemini": "google", "google-vertex": "google", "grok": "xai",
    "inworld-ai": "inworld", "minimax-ai": "minimax", "mistral-ai": "mistral", "mistralai": "mistral",
    "murf-ai": "murf", "open-ai": "openai", "resemble-ai": "resemble", "resembleai": "resemble", "rime-ai": "rime",
    "sarvam-ai": "sarvam", "smallest-ai": "smallest", "smallestai": "smallest", "together-ai": "together",
    "togetherai": "together", "vertex-ai": "google", "x-ai": "xai",
}  # fmt: skip


class Unserved(Exception):
    """The call can't be answered; the message says why, and what to do about it."""


def language_model(assistant: dict[str, Any]) -> Any:
    """Raises Unserved."""
    provider = known("language model", assistant["provider"], LANGUAGE_MODELS | LIKE_OPENAI)
    settings = {"model": assistant["model"], "temperature": assistant["temperature"]}
    if provider in LIKE_OPENAI:
        limit = {"max_tokens": assistant["max_tokens"]}
        return make(provider, "openai.LLM", **settings, extra_body=limit, base_url=LIKE_OPENAI[provider])
    path, limit_name = LANGUAGE_MODELS[provider]
    return make(provider, path, **settings, **{limit_name: assistant["max_tokens"]})


def voice(assistant: dict[str, Any]) -> Any:
    """Raises Unserved."""
    provider = known("voice", assistant["voice_provider"], VOICES)
    path, *names = VOICES[provider]
    language = assistant["transcriptor_language"]
    settings = (assistant["voice_model"], assistant["voice_id"], None if language == "multi" else language)
    return make(provider, path, **taken(names, settings))


def transcription(assistant: dict[str, Any]) -> Any:
    """Raises Unserved."""
    provider = known("transcription", assistant["transcriptor_provider"], TRANSCRIPTIONS)
    path, *names = TRANSCRIPTIONS[provider]
    language = assistant["transcriptor_language"]
    heard = None if language == "multi" and provider != "deepgram" else language
    return make(provider, path, **taken(names, (assistant["transcriptor_model"], heard)))


def known(kind: str, word: str, rows: Mapping[str, object]) -> str:
    """The provider that the word names. Raises Unserved."""
    provider = ALIASES.get(word, word)
    if provider not in rows:
        raise Unserved(
            f"This worker has no {kind} provider {word}: add a row to plugins.py, or give the assistant another one, "
            f"such as {', '.join(sorted(rows))}."
        )
    return provider


def taken(names: list[str | None], values: tuple[str | None, ...]) -> dict[str, str]:
    return {name: value for name, value in zip(names, values, strict=True) if name and value}


def make(provider: str, path: str, **settings: object) -> Any:
    """Raises Unserved."""
    variables = VARIABLES.get(path, {"api_key": f"{provider.upper()}_API_KEY"})
    if missing := [name for name in variables.values() if not os.environ.get(name)]:
        raise Unserved(f"Set {', '.join(missing)}: the assistant's provider {provider} needs it.")
    module, _, name = path.partition(".")
    try:
        plugin = getattr(import_module(f"livekit.plugins.{module}"), name)
    except ImportError:
        raise Unserved(f"{provider} needs its plugin: pip install 'livekit-agents[{module}]'") from None
    try:
        return plugin(**{argument: os.environ[variable] for argument, variable in variables.items()}, **settings)
    except ValueError as error:  # such as a model that the plugin knows the provider lacks
        raise Unserved(f"{provider}: {error}") from error
