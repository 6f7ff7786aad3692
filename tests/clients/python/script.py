"""What the programs of all Python clients share: what they are told, and what they say."""

import json
import os
import re
from pathlib import Path
from typing import Any

BASE_URL = os.environ["BASE_URL"]
TOKEN = os.environ["API_TOKEN"]
NUMBERS = os.environ["NUMBERS"].split()  # two that nobody has


def refusals(assistant: str, number: str, key: str) -> list[dict[str, Any]]:
    """Those of refusals.json, about what the program has made."""
    text = Path(os.environ["REFUSALS"]).read_text("utf-8")
    found: list[dict[str, Any]] = json.loads(
        text.replace("$ASSISTANT", assistant).replace("$NUMBER", number).replace("$KEY", key)
    )
    return found


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def camel(name: str) -> str:
    return name[0].upper() + name[1:]


def say(*words: object) -> None:
    print(*(str(word).lower() if isinstance(word, bool) else word for word in words))  # noqa: T201
