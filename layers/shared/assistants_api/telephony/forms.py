"""Bodies of `application/x-www-form-urlencoded`, as carriers send them."""

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

from assistants_api.errors import BodyTooLarge, InvalidRequest

MAX_BYTES = 65_536  # which bounds the number of parameters too

Form = Sequence[tuple[str, str]]


def parse(body: bytes) -> Form:
    """The names and values in the order in which they were sent; blank values and repeated names are kept.

    Raises BodyTooLarge over 64 KiB, InvalidRequest for what is not UTF-8: no carrier signed that.
    """
    if len(body) > MAX_BYTES:
        raise BodyTooLarge(f"The body has {len(body):,} bytes; at most {MAX_BYTES:,} are allowed.")
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise InvalidRequest("The body must be form-encoded UTF-8, such as From=%2B14155550101.") from None


def whole_number(text: str) -> int:
    """0 for what is none."""
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else 0


def only(form: Form, name: str) -> str:
    """The value of a name that is there exactly once, or empty text.

    A signature of Twilio does not cover the order of repeated values, so to take the first would be to guess.
    """
    values = [value for key, value in form if key == name]
    return values[0] if len(values) == 1 else ""
