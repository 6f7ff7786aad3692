"""What the catalogue says of language models, taken from litellm's list of models (MIT) and by_hand.json."""

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from assistants_api.models.assistant_requests import MAX_TOKENS

Json = dict[str, Any]
BY_HAND = Path(__file__).with_name("by_hand.json")
SOURCE = "https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json"

# litellm's name for those of our providers whose models it lists by the names that the provider's API takes.
PROVIDERS = {
    "anthropic": "anthropic",
    "baseten": "baseten",
    "bedrock_converse": "aws",
    "cerebras": "cerebras",
    "dashscope": "qwen",
    "deepseek": "deepseek",
    "gemini": "google",
    "groq": "groq",
    "mistral": "mistral",
    "moonshot": "moonshot",
    "openai": "openai",
    "together_ai": "together",
    "xai": "xai",
    "zai": "zai",
}


def catalogue(listed: Mapping[str, Json], checked: date) -> Json:
    """The content of language_models.json, of litellm's list as it was on that day."""
    by_hand: Json = json.loads(BY_HAND.read_text("utf-8"))
    models: dict[str, Json] = {provider: {} for provider in sorted(PROVIDERS.values())}
    for key, entry in listed.items():
        if _is_ours(key, entry) and (said := _said(entry, listed)):
            models[PROVIDERS[entry["litellm_provider"]]][_name(key, entry)] = said
    for provider, corrections in by_hand["models"].items():
        for name, correction in corrections.items():
            models[provider][name] |= correction
    return {
        "about": {"written_by": "make catalogue", "source": SOURCE, "licence": "MIT, Copyright (c) 2023 Berri AI"},
        "checked": checked.isoformat(),
        "temperatures": by_hand["temperatures"],
        "models": {"llm": {provider: found for provider, found in models.items() if found}},
    }


def render(content: Json) -> str:
    """JSON with a line for each model, so that a change is seen as one."""
    whole = json.dumps(content, indent=2, sort_keys=True)
    return re.sub(r"\{([^{}]*)\}", lambda inner: "{" + " ".join(inner[1].split()) + "}", whole) + "\n"


def _is_ours(key: str, entry: Json) -> bool:
    """A fine-tuned model has another name in each account."""
    is_conversing = entry.get("mode") in ("chat", "responses")
    return is_conversing and entry["litellm_provider"] in PROVIDERS and not key.startswith("ft:")


def _said(entry: Json, listed: Mapping[str, Json]) -> Json:
    """What there is to say of the model."""
    said: Json = {}
    if retires := entry.get("deprecation_date"):
        said["retires"] = date.fromisoformat(retires).isoformat()
        replacement = str(entry.get("successor_model"))
        if replacement in listed:  # others are names for people
            said["replacement"] = _name(replacement, entry)
        said["source"] = entry.get("deprecation_source") or SOURCE
    tokens = entry.get("max_output_tokens")
    if isinstance(tokens, int) and tokens < MAX_TOKENS:
        said["max_output_tokens"] = tokens
    if _takes_only_its_own_temperature(entry):
        said["fixed_temperature"] = True
    return said


def _name(key: str, entry: Json) -> str:
    """As the provider's API takes it."""
    return key.removeprefix(f"{entry['litellm_provider']}/")


def _takes_only_its_own_temperature(entry: Json) -> bool:
    """OpenAI's models that reason take no temperature while they do, which most do unless a request says otherwise."""
    reasons = entry.get("supports_reasoning") and entry.get("default_reasoning_effort") != "none"
    is_openai = entry["litellm_provider"] == "openai"
    return entry.get("supports_sampling_params") is False or bool(is_openai and reasons)
