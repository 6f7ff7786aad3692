"""Which phone number a text means. Numbers are stored in E.164 form only; callers, carriers and people write others."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from assistants_api.models.ids import E164, E164_FORM
from assistants_api.models.messages import did_you_mean

MAX_TEXT = 255  # characters of a text that may be a number: in a URI, with a host and parameters

INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")  # they come along with a copy
SEPARATOR = re.compile("[\\s().\\-/\u2010-\u2015\u2212\uff08\uff09\uff0d]")
# A local number, which has a phone-context, is of no use without it.
URI = re.compile(r"(?:[^<]*<)?(?:tel:|sips?:|pn_)(?!.*;phone-context=)([^@:;?>]*).*", re.IGNORECASE | re.DOTALL)


def read_number(text: str) -> str | None:
    """The number in E.164 form, if the text leaves no doubt about it: with punctuation, or in a tel: or sip: URI.

    Without a + only bare digits leave none, as some carriers send them. 00 does: not every country has that prefix.
    """
    number = _without_uri(text)
    if number.startswith("+"):
        number = _without_separators(number)
    return _e164(number if number.startswith("+") else f"+{number}")


def guess_number(text: str, prefix: str = "+") -> str | None:
    """The number that a text which is refused probably means, with the prefix before its digits."""
    number = _without_separators(_without_uri(text))
    if len(number) > 10:  # a shorter one may lack its country code
        number = "+" + number.removeprefix("+").removeprefix("00")
    return f"{prefix}{number[1:]}" if _e164(number) else None


def check_e164(text: str) -> str:
    """Raises ValueError, with what the text probably means: a number is imported in just one form, its id's."""
    if not E164.fullmatch(text):
        raise ValueError(f"must be {E164_FORM}{did_you_mean(guess_number(text))}.")
    return text


E164Number = Annotated[str, AfterValidator(check_e164), Field(json_schema_extra={"pattern": f"^{E164.pattern}$"})]


def _without_uri(text: str) -> str:
    if len(text) > MAX_TEXT:
        return ""
    text = INVISIBLE.sub("", text).strip().replace("\uff0b", "+")
    text = "".join(str(int(char)) if char.isdecimal() else char for char in text)  # digits of other scripts
    uri = URI.fullmatch(text)
    return uri[1].strip() if uri else text


def _without_separators(number: str) -> str:
    return SEPARATOR.sub("", number.replace("(0)", ""))  # +44 (0)20: the 0 is for callers within the country


def _e164(number: str) -> str | None:
    return number if E164.fullmatch(number) else None
