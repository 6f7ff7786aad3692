"""Signatures of Telnyx's webhooks (https://developers.telnyx.com/docs/development/sdk/python/webhooks).

Telnyx signs `timestamp|body` with Ed25519; each account has a public key, in its portal under Keys & Credentials.
"""

import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime

from assistants_api.telephony import ed25519

SIGNATURE_HEADER = "telnyx-signature-ed25519"
TIMESTAMP_HEADER = "telnyx-timestamp"
MAX_SECONDS = 300  # between signature and request, either way
TIMESTAMP = re.compile("[0-9]{1,11}")  # seconds since 1970


def is_signed(headers: Mapping[str, str], body: bytes, *, public_key: str, now: datetime) -> bool:
    """Whether Telnyx signed these bytes in the last five minutes, with the account's public key, which is base64.

    Names of headers are in lower case. Within the five minutes a request can be sent again.
    """
    timestamp = headers.get(TIMESTAMP_HEADER, "")
    if not TIMESTAMP.fullmatch(timestamp) or abs(now.timestamp() - int(timestamp)) > MAX_SECONDS:
        return False
    signature = _from_base64(headers.get(SIGNATURE_HEADER, ""))
    return ed25519.verify(_from_base64(public_key), signature, timestamp.encode() + b"|" + body)


def _from_base64(text: str) -> bytes:
    """Nothing where there is none: no key and no signature is that short."""
    try:
        return b64decode(text, validate=True)
    except ValueError:
        return b""
