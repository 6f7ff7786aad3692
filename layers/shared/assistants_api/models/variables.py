"""The variables of prompts, such as `{{contact.first_name}}` or, with a default, `{{contact.first_name|there}}`.

The braces of a variable open and close on one line; spaces inside them don't count. Whatever else stands in braces
stays as it is written.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from assistants_api.errors import InvalidRequest
from assistants_api.models.assistant import Assistant

FIELDS = {
    "contact": ("first_name", "last_name", "full_name", "email", "phone", "job_title", "lead_status"),
    "company": ("name", "website", "industry", "phone", "city", "state", "country"),
    "campaign": ("name", "description", "from_number"),
    "account": ("name",),
}
KNOWN = {f"{owner}.{field}": field for owner, fields in FIELDS.items() for field in fields}
CUSTOM = re.compile(r"(?:contact|company)\.custom\.[\w-]{1,100}")  # fields that the account made itself

# It takes time that grows as the text, whatever the text is: what is inside ends at the next brace or line break, and
# gives nothing back (*+), so no character is looked at for two pairs of braces.
IN_BRACES = r"\{\{[^{}\n]*+\}\}"
VARIABLE = re.compile(f"({IN_BRACES})")

MAX_RENDERED = 256_000  # characters; with each of them escaped, still a response that Lambda takes
TOO_LONG = f"would make texts of more than {MAX_RENDERED:,} characters; send shorter values."


class Variable(NamedTuple):
    """One that is written in braces, known or not."""

    name: str
    default: str | None


class Rendering(NamedTuple):
    """The texts as a call uses them; the variables with neither a value nor a default; the values without a use."""

    texts: dict[str, str]
    missing: list[str]
    unused: list[str]


def prompts(assistant: Assistant) -> dict[str, str]:
    """The texts that may hold variables, by the names of their fields."""
    return {"first_message": assistant.first_message, "system_prompt": assistant.system_prompt}


def scan(text: str) -> list[str]:
    """The text in parts: at each odd index braces that open and close, and at even ones what is between them."""
    return VARIABLE.split(text)


def parse(braces: str) -> Variable:
    name, has_default, default = braces[2:-2].partition("|")
    return Variable(name.strip(), default.strip() if has_default else None)


def is_known(name: str) -> bool:
    return name in KNOWN or CUSTOM.fullmatch(name) is not None


def render(texts: Mapping[str, str], values: Mapping[str, str]) -> Rendering:
    """The texts, by their fields, with the values, by the names of the variables.

    A value is text, whatever it holds; an empty one gives way to a default. Raises InvalidRequest for a result that is
    too long.
    """
    scanned = {field: scan(text) for field, text in texts.items()}
    written = dict.fromkeys(braces for parts in scanned.values() for braces in parts[1::2])
    known = {braces: variable for braces in written if is_known((variable := parse(braces)).name)}
    spoken = {braces: values.get(name) or default or "" for braces, (name, default) in known.items()}
    rendered = {field: [spoken.get(part, part) for part in parts] for field, parts in scanned.items()}
    if sum(len(part) for parts in rendered.values() for part in parts) > MAX_RENDERED:
        raise InvalidRequest.because([{"field": "/variables", "message": TOO_LONG}])
    used = {name for name, _ in known.values()}
    return Rendering(
        {field: "".join(parts) for field, parts in rendered.items()},
        [*dict.fromkeys(name for name, default in known.values() if name not in values and default is None)],
        [name for name in values if name not in used],
    )
