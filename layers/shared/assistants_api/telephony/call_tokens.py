"""Call tokens: what whoever answers a call shows, to prove that we sent the call there.

A token is good for one call and 60 seconds, the time that a carrier takes to connect. It names the call and what was
decided of it, signed under the deployment's secret, so it is verified without the database. It stands in a URL's path,
because Twilio drops the query of a stream's URL (https://www.twilio.com/docs/voice/twiml/stream).
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import astuple
from datetime import datetime
from hashlib import sha256

from assistants_api.errors import Unauthenticated
from assistants_api.models.call import ANSWER_SECONDS, RoutedCall

MAX_CHARACTERS = 1_000
SIGNATURE_BYTES = 16


def mint(call: RoutedCall, secret: str) -> str:
    """The token that is good for 60 seconds from the start of the call; the same for the same call and secret."""
    return _token(json.dumps(astuple(call), separators=(",", ":")).encode(), secret)


def verify(token: str, now: datetime, secrets: Iterable[str]) -> RoutedCall:
    """The call that the token is for, raises Unauthenticated. Compare its `call_id` with that of the call at hand."""
    content = _content(token)
    if not any(_is_same(token, _token(content, secret)) for secret in secrets):
        raise Unauthenticated("The call token is none of this deployment; take the one of the call's stream.")
    call = RoutedCall(*json.loads(content))
    if now.timestamp() >= call.started_at + ANSWER_SECONDS:
        raise Unauthenticated(
            f"The call token has expired; it is good for {ANSWER_SECONDS} seconds from the call's webhook."
        )
    return call


def _token(content: bytes, secret: str) -> str:
    signature = hmac.digest(secret.encode(), b"call token " + content, sha256)[:SIGNATURE_BYTES]
    return urlsafe_b64encode(signature + content).decode().rstrip("=")


def _content(token: str) -> bytes:
    if len(token) > MAX_CHARACTERS:
        return b""
    try:
        return urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))[SIGNATURE_BYTES:]
    except ValueError:  # no base64, so it was never a token
        return b""


def _is_same(token: str, expected: str) -> bool:
    return hmac.compare_digest(token.encode(errors="replace"), expected.encode())
