"""Identifiers and times.

Assistants and accounts carry a ULID (https://github.com/ulid/spec): 48 bits of milliseconds and 80 random ones, in
lower-case Crockford base32, so that identifiers sort by the time of creation. A phone number's id is its E.164 digits.
"""

import re
import secrets
import time
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated

from pydantic import AfterValidator, Field

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
ULID = "[0-7][0-9a-hjkmnp-tv-z]{25}"
ULID_ID = re.compile(f"[a-z]+_{ULID}")
CONNECTION_ID = re.compile(f"conn_({ULID}){ULID}")
CALL_ID = re.compile("[A-Za-z0-9:_-]{1,128}")  # the carrier's: CA and 32 hexadecimal digits, or v3: and others
API_KEY_ID = re.compile("key_[0-9a-f]{64}")
PHONE_NUMBER_ID = re.compile("pn_[1-9][0-9]{6,14}")
TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
VERSION_NUMBER = re.compile("[1-9][0-9]{0,7}")
E164_FORM = "a phone number in E.164 form: + and 7 to 15 digits, country code first, as +14155550101"
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
Timestamp = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


def _connection_id(text: str) -> str:
    if not CONNECTION_ID.fullmatch(text):
        raise ValueError("must be a connection's id: conn_ and 52 lower-case letters and digits.")
    return text


ConnectionId = Annotated[
    str, AfterValidator(_connection_id), Field(json_schema_extra={"pattern": f"^{CONNECTION_ID.pattern}$"})
]


def new_ulid() -> str:
    return _ulid((time.time_ns() // 1_000_000) << 80 | secrets.randbits(80))


def _ulid(value: int) -> str:
    return "".join(CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))


def new_connection_id(account_id: str) -> str:
    """It tells its account, since a carrier's webhook names the connection alone."""
    return f"conn_{account_id.removeprefix('acct_')}{new_ulid()}"


def account_of_connection(connection_id: str) -> str | None:
    """The id of the account; None where the connection's is malformed."""
    match = CONNECTION_ID.fullmatch(connection_id)
    return f"acct_{match[1]}" if match else None


def new_assistant_id() -> str:
    return f"asst_{new_ulid()}"


def external_assistant_id(account_id: str, external_id: str) -> str:
    """That of an assistant with a name of the caller's own, which it follows from, so that it can be read by that.

    80 bits of the SHA-256 stand where a ULID is random, and no time.
    """
    digest = sha256(f"{account_id} {external_id}".encode()).digest()
    return f"asst_{_ulid(int.from_bytes(digest[:10]))}"


def timestamp(moment: datetime | None = None) -> str:
    """ISO 8601 in UTC to the second, as `2024-01-15T10:00:00Z`; now unless a moment is given."""
    return (moment or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def is_timestamp(text: str) -> bool:
    """Whether the text is an instant as `timestamp` writes it."""
    return TIMESTAMP.fullmatch(text) is not None


def canonical_instant(text: str) -> str:
    """The same instant as `timestamp` writes it, whatever a JSON library made of it; another text as it is."""
    try:
        moment = datetime.fromisoformat(text)
        return timestamp(moment) if moment.tzinfo and not moment.microsecond else text
    except (ValueError, OverflowError):  # OverflowError: an offset leads out of the years 1 to 9999
        return text


def phone_number_id(e164: str) -> str:
    """`+14155550101` -> `pn_14155550101`"""
    return f"pn_{e164.removeprefix('+')}"
