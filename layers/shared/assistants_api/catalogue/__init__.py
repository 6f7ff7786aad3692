"""The providers that an assistant may name: those of providers.json, and the operator's own.

A provider has an id, and aliases under which others know it. What a client sent is what is stored and answered, id or
alias; whoever compares providers compares the ids that `ids_by_word` gives. The file is read when a provider is first
checked or listed.
"""

import json
import os
from functools import cache
from pathlib import Path
from typing import Literal, TypedDict, cast

FILE = Path(__file__).with_name("providers.json")
Kind = Literal["llm", "voice", "transcription"]


class Provider(TypedDict):
    id: str
    name: str
    kinds: list[Kind]
    aliases: list[str]
    added_by_operator: bool


def providers(kind: Kind | None = None) -> list[Provider]:
    """Those of the kind, or of all kinds, by id."""
    return [each for each in _providers(_extra()) if kind is None or kind in each["kinds"]]


def ids_by_word(kind: Kind) -> dict[str, str]:
    """Every word that names a provider of the kind, with the id of that provider."""
    return _ids_by_word(kind, _extra())


def _extra() -> str:
    """Such as `llm:my-llm,voice:my-tts`: the template's parameter ExtraProviders sees to the form."""
    return os.environ.get("EXTRA_PROVIDERS", "")


@cache
def _providers(extra: str) -> list[Provider]:
    listed: list[Provider] = json.loads(FILE.read_text("utf-8"))["providers"]
    found: dict[str, Provider] = {each["id"]: {**each, "added_by_operator": False} for each in listed}
    ids = {word: each["id"] for each in listed for word in (each["id"], *each["aliases"])}
    for kind, _, word in (entry.partition(":") for entry in extra.split(",") if entry):
        new: Provider = {"id": word, "name": word, "kinds": [], "aliases": [], "added_by_operator": True}
        provider = found.setdefault(ids.get(word, word), new)
        if kind not in provider["kinds"]:
            provider["kinds"].append(cast(Kind, kind))
            provider["added_by_operator"] = True
    return [found[name] for name in sorted(found)]


@cache
def _ids_by_word(kind: Kind, extra: str) -> dict[str, str]:
    serving = (each for each in _providers(extra) if kind in each["kinds"])
    return {word: each["id"] for each in serving for word in (each["id"], *each["aliases"])}
