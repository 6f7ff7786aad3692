"""What drives the providers that an assistant names. For another provider, add a row: Pipecat gives all services of a
kind the same settings.
"""

import os
import shutil
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from local_voice import LocalVoice

# The class in pipecat.services for each provider.
LANGUAGE_MODELS = {
    "anthropic": "anthropic.llm.AnthropicLLMService",
    "aws": "aws.llm.AWSBedrockLLMService",
    "azure": "azure.llm.AzureLLMService",
    "baseten": "baseten.llm.BasetenLLMService",
    "cerebras": "cerebras.llm.CerebrasLLMService",
    "crusoe": "crusoe.llm.CrusoeLLMService",
    "deepseek": "deepseek.llm.DeepSeekLLMService",
    "fireworks": "fireworks.llm.FireworksLLMService",
    "google": "google.llm.GoogleLLMService",
    "groq": "groq.llm.GroqLLMService",
    "inception": "inception.llm.InceptionLLMService",
    "mistral": "mistral.llm.MistralLLMService",
    "nebius": "nebius.llm.NebiusLLMService",
    "novita": "novita.llm.NovitaLLMService",
    "nvidia": "nvidia.llm.NvidiaLLMService",
    "ollama": "ollama.llm.OLLamaLLMService",
    "openai": "openai.llm.OpenAILLMService",
    "openrouter": "openrouter.llm.OpenRouterLLMService",
    "perplexity": "perplexity.llm.PerplexityLLMService",
    "qwen": "qwen.llm.QwenLLMService",
    "sambanova": "sambanova.llm.SambaNovaLLMService",
    "sarvam": "sarvam.llm.SarvamLLMService",
    "smallest": "smallest.llm.SmallestLLMService",
    "together": "together.llm.TogetherLLMService",
    "xai": "xai.llm.GrokLLMService",
}
VOICES = {
    "asyncai": "asyncai.tts.AsyncAITTSService",
    "aws": "aws.tts.AWSPollyTTSService",
    "azure": "azure.tts.AzureTTSService",
    "bland": "bland.tts.BlandTTSService",
    "cartesia": "cartesia.tts.CartesiaTTSService",
    "deepgram": "deepgram.tts.DeepgramTTSService",
    "elevenlabs": "elevenlabs.tts.ElevenLabsTTSService",
    "fish": "fish.tts.FishAudioTTSService",
    "google": "google.tts.GoogleTTSService",
    "gradium": "gradium.tts.GradiumTTSService",
    "groq": "groq.tts.GroqTTSService",
    "hume": "hume.tts.HumeTTSService",
    "inworld": "inworld.tts.InworldTTSService",
    "mistral": "mistral.tts.MistralTTSService",
    "neuphonic": "neuphonic.tts.NeuphonicTTSService",
    "openai": "openai.tts.OpenAITTSService",
    "resemble": "resembleai.tts.ResembleAITTSService",
    "rime": "rime.tts.RimeTTSService",
    "sarvam": "sarvam.tts.SarvamTTSService",
    "smallest": "smallest.tts.SmallestTTSService",
    "soniox": "soniox.tts.SonioxTTSService",
    "together": "together.tts.TogetherTTSService",
    "xai": "xai.tts.XAITTSService",
}
TRANSCRIPTIONS = {
    "assemblyai": "assemblyai.stt.AssemblyAISTTService",
    "aws": "aws.stt.AWSTranscribeSTTService",
    "azure": "azure.stt.AzureSTTService",
    "cartesia": "cartesia.stt.CartesiaSTTService",
    "deepgram": "deepgram.stt.DeepgramSTTService",
    "elevenlabs": "elevenlabs.stt.ElevenLabsRealtimeSTTService",
    "fal": "fal.stt.FalSTTService",
    "gladia": "gladia.stt.GladiaSTTService",
    "google": "google.stt.GoogleSTTService",
    "gradium": "gradium.stt.GradiumSTTService",
    "groq": "groq.stt.GroqSTTService",
    "meta": "meta.stt.MetaSTTService",
    "mistral": "mistral.stt.MistralSTTService",
    "openai": "openai.stt.OpenAISTTService",
    "sarvam": "sarvam.stt.SarvamSTTService",
    "smallest": "smallest.stt.SmallestSTTService",
    "soniox": "soniox.stt.SonioxSTTService",
    "speechmatics": "speechmatics.stt.SpeechmaticsSTTService",
    "together": "together.stt.TogetherSTTService",
    "xai": "xai.stt.XAISTTService",
    "zoom": "zoom_ai.stt.ZoomAISTTService",
}
# The environment variables of those that take something else than `api_key`, from such as OPENAI_API_KEY.
VARIABLES = {
    "aws.llm.AWSBedrockLLMService": {"aws_region": "AWS_REGION"},  # and AWS credentials, wherever botocore finds them
    "aws.stt.AWSTranscribeSTTService": {"region": "AWS_REGION"},
    "aws.tts.AWSPollyTTSService": {"region": "AWS_REGION"},
    "azure.llm.AzureLLMService": {"api_key": "AZURE_OPENAI_API_KEY", "endpoint": "AZURE_OPENAI_ENDPOINT"},
    "azure.stt.AzureSTTService": {"api_key": "AZURE_SPEECH_API_KEY", "region": "AZURE_SPEECH_REGION"},
    "azure.tts.AzureTTSService": {"api_key": "AZURE_SPEECH_API_KEY", "region": "AZURE_SPEECH_REGION"},
    "google.stt.GoogleSTTService": {"credentials_path": "GOOGLE_APPLICATION_CREDENTIALS"},
    "google.tts.GoogleTTSService": {"credentials_path": "GOOGLE_APPLICATION_CREDENTIALS"},
    "ollama.llm.OLLamaLLMService": {"base_url": "OLLAMA_BASE_URL"},
}
# Pipecat takes what OpenAI sends, which is always 24 kHz, for the rate of the pipeline.
FIXED = {"openai.tts.OpenAITTSService": {"sample_rate": 24_000}}
# Other words that the API knows these providers by.
ALIASES = {
    "11labs": "elevenlabs", "alibaba": "qwen", "amazon": "aws", "amazon-bedrock": "aws", "assembly-ai": "assemblyai",
    "async": "asyncai", "aws-bedrock": "aws", "azure-openai": "azure", "azure-speech": "azure", "bedrock": "aws",
    "bland-ai": "bland", "claude": "anthropic", "deepseek-ai": "deepseek", "eleven-labs": "elevenlabs",
    "fal-ai": "fal", "fireworks-ai": "fireworks", "fireworksai": "fireworks", "fish-audio": "fish",
    "fishaudio": "fish", "gemini": "google", "google-vertex": "google", "grok": "xai", "hume-ai": "hume",
    "humeai": "hume", "inworld-ai": "inworld", "mistral-ai": "mistral", "mistralai": "mistral", "nim": "nvidia",
    "novita-ai": "novita", "nvidia-nim": "nvidia", "nvidia-riva": "nvidia", "open-ai": "openai",
    "resemble-ai": "resemble", "resembleai": "resemble", "rime-ai": "rime", "riva": "nvidia", "sarvam-ai": "sarvam",
    "smallest-ai": "smallest", "smallestai": "smallest", "together-ai": "together", "togetherai": "together",
    "vertex-ai": "google", "x-ai": "xai", "zoom-ai": "zoom", "zoom_ai": "zoom",
}  # fmt: skip
COUNTS_REASONING = ("openai", "azure")  # their newer models refuse `max_tokens`


class Unserved(Exception):
    """The call can't be answered; the message says why, and what to do about it."""


class NoKeys(Unserved):
    """Not one key of the assistant's providers is there."""


@dataclass(frozen=True)
class Service:
    provider: str
    path: str

    @property
    def variables(self) -> dict[str, str]:
        """The environment variable for each argument."""
        return VARIABLES.get(self.path, {"api_key": f"{self.provider.upper()}_API_KEY"})

    @property
    def missing(self) -> list[str]:
        return [name for name in self.variables.values() if not os.environ.get(name)]

    def make(self, **settings: object) -> Any:
        """Raises Unserved."""
        module, _, name = self.path.rpartition(".")
        try:
            service = getattr(import_module(f"pipecat.services.{module}"), name)
        except ImportError:
            raise Unserved(
                f"{self.provider} needs more packages: pip install 'pipecat-ai[{module.split('.')[0]}]'"
            ) from None
        arguments = {argument: os.environ[variable] for argument, variable in self.variables.items()}
        try:
            return service(**arguments, **FIXED.get(self.path, {}), settings=service.Settings(**settings))
        except ValueError as error:  # such as a model that Pipecat knows the provider lacks
            raise Unserved(f"{self.provider}: {error}") from error


def services(assistant: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Transcription, language model and voice of an assistant as the API shows it. Raises Unserved."""
    transcription = find("transcription", TRANSCRIPTIONS, assistant["transcriptor_provider"])
    language_model = find("language model", LANGUAGE_MODELS, assistant["provider"])
    voice = find("voice", VOICES, assistant["voice_provider"])
    need_keys([transcription, language_model, voice])
    language = assistant["transcriptor_language"]
    spoken = {} if language == "multi" else {"language": language}
    heard = {"language": language} if transcription.provider == "deepgram" else spoken
    limit = "max_completion_tokens" if language_model.provider in COUNTS_REASONING else "max_tokens"
    return (
        transcription.make(model=assistant["transcriptor_model"], **heard),
        language_model.make(
            model=assistant["model"],
            temperature=assistant["temperature"],
            system_instruction=assistant["system_prompt"],
            **{limit: assistant["max_tokens"]},
        ),
        voice.make(model=assistant["voice_model"], voice=assistant["voice_id"], **spoken),
    )


def find(kind: str, rows: dict[str, str], word: str) -> Service:
    """Raises Unserved."""
    provider = ALIASES.get(word, word)
    if provider not in rows:
        raise Unserved(
            f"This worker has no {kind} provider {word}: add a row to services.py, or give the assistant "
            f"another one, such as {', '.join(sorted(rows))}."
        )
    return Service(provider, rows[provider])


def need_keys(found: list[Service]) -> None:
    """Raises Unserved, and NoKeys if nothing is there at all."""
    missing = [name for service in found for name in service.missing]
    if missing:
        kind = NoKeys if all(service.missing for service in found) else Unserved
        raise kind(f"Set {', '.join(dict.fromkeys(missing))}: the assistant's providers need them.")


def local_voice(assistant: dict[str, Any]) -> LocalVoice:
    """A voice that needs no key. Raises Unserved."""
    if not shutil.which("espeak-ng"):
        raise Unserved("No key is there, and neither is the local voice: apt-get install espeak-ng")
    return LocalVoice(assistant["transcriptor_language"])
