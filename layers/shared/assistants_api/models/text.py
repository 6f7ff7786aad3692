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
# Unicode's White_Space, Cf and Default_Ignorable_Code_Point, and the Braille pattern without dots.
INVISIBLE = re.compile(
    r"[\s\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    r"\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*"
)
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# Names of languages that are too long to be a tag; a shorter one, such as english, is a well-formed tag.
LANGUAGES = {
    "afrikaans": "af", "azerbaijani": "az", "belarusian": "be", "bulgarian": "bg", "cantonese": "yue",
    "hungarian": "hu", "icelandic": "is", "indonesian": "id", "lithuanian": "lt", "luxembourgish": "lb",
    "macedonian": "mk", "malayalam": "ml", "norwegian": "no", "portuguese": "pt", "slovenian": "sl",
    "ukrainian": "uk", "vietnamese": "vi",
}  # fmt: skip


def folded(text: str) -> str:
    """The text without what looks different and means the same: case, how a letter is composed, spaces around it."""
    return normalize("NFKC", normalize("NFKC", text).casefold()).strip()


def one_visible_line(text: str) -> str:
    if CONTROL_CHARACTER.search(text):
        raise ValueError("must not hold control characters such as line breaks or tabs.")
    if text and INVISIBLE.fullmatch(text):
        raise ValueError("must hold a visible character, such as a letter.")
    return text


def _language_tag(text: str) -> str:
    if not BCP47.fullmatch(text):
        near = _nearest_tag(text)
        rest = f"; did you mean {near}" if near else " such as en, en-US or pt-BR, or multi"
        raise ValueError(f"must be a BCP-47 language tag{rest}.")
    return text


def _nearest_tag(text: str) -> str | None:
    """What a locale such as `en_us.UTF-8`, a tag among spaces or a language's name means: `en-US`, in a tag's case."""
    language, *rest = re.split(r"[\s_-]+", text.strip().partition(".")[0].lower())
    parts = [LANGUAGES.get(language, language)]
    for part in rest:
        is_plain = all(len(before) > 1 for before in parts)  # not behind a singleton such as the u of en-u-ca
        parts.append({2: part.upper(), 4: part.title()}.get(len(part), part) if is_plain else part)
    tag = "-".join(parts)
    return tag if BCP47.fullmatch(tag) else None


def _slug(text: str) -> str:
    if not SLUG.fullmatch(text):
        raise ValueError("must be 1 to 63 lower-case letters, digits and inner hyphens, as my-team.")
    return text


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME),
    AfterValidator(one_visible_line),
]
Label = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(one_visible_line)]
Language = Annotated[
    str,
    StringConstraints(max_length=100),
    AfterValidator(_language_tag),
    Field(json_schema_extra={"pattern": f"^(?:{BCP47.pattern})$"}),
]
Slug = Annotated[str, AfterValidator(_slug)]
