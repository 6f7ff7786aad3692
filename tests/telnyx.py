"""Webhooks, signed as Telnyx signs them."""

import time
from base64 import b64decode, b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.webhooks import Form, event_of

KEY = Ed25519PrivateKey.generate()
TELNYX = {
    "provider": "telnyx",
    "apiKey": "KEY",
    "publicKey": b64encode(KEY.public_key().public_bytes_raw()).decode(),
}


def signed_by_telnyx(connection: str, form: Form, seconds: int = 0, function: str = "answer_call") -> Any:
    """The event of a request that Telnyx signed so many seconds from now."""
    event = event_of(function, connection, form, "telnyx")
    moment = str(int(time.time()) + seconds)
    signature = KEY.sign(moment.encode() + b"|" + b64decode(event["body"]))
    event["headers"] |= {"telnyx-timestamp": moment, "telnyx-signature-ed25519": b64encode(signature).decode()}
    return event
