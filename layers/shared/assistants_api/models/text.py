"""Kinds of text that requests carry."""

import re
from typing import Annotated
from unicodedata import normalize

from pydantic import AfterValidator, Field, StringConstraints

# RFC 5646, section 2.1, without the tags it keeps for old times' sake.
BCP47 = re.compile(
    r"(?:[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})"  # language, extended language
    r"(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?"  # script, region
    r"(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"  # variants
    r"(?:-[0-9A-WY-Za-wy-z](?:-[A-Za-z0-9]{2,8})+)*(?:-[Xx](?:-[A-Za-z0-9]{1,8})+)?"  # extensions, private use
    r"|[Xx](?:-[A-Za-z0-9]{1,8})+"
)
MAX_NAME = 200  # characters
CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def folded(text: str) -> str:
    """The text without what looks different and means the same: case, how a letter is composed, spaces around it."""
    return normalize("NFKC", normalize("NFKC", text).casefold()).strip()


def _printable(text: str) -> str:
    if CONTROL_CHARACTER.search(text):
        raise ValueError("must not hold control characters such as line breaks or tabs.")
    return text


def _language_tag(text: str) -> str:
    if not BCP47.fullmatch(text):
        raise ValueError("must be a BCP-47 language tag such as en, en-US or pt-BR, or multi.")
    return text


def _slug(text: str) -> str:
    if not SLUG.fullmatch(text):
        raise ValueError("must be 1 to 63 lower-case letters, digits and inner hyphens, as my-team.")
    return text


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME),
    AfterValidator(_printable),
]
Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Language = Annotated[
    str,
    StringConstraints(max_length=100),
    AfterValidator(_language_tag),
    Field(json_schema_extra={"pattern": f"^(?:{BCP47.pattern})$"}),
]
Slug = Annotated[str, AfterValidator(_slug)]
