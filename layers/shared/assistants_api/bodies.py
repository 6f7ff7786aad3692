"""The body of a request, as it was sent."""

import re
from base64 import b64decode

from assistants_api.errors import BodyTooLarge, InvalidRequest, UnsupportedMediaType
from assistants_api.http import Event

MAX_BODY_BYTES = 1024 * 1024  # the longest valid body, every character of it escaped, is 0.8 MiB
GZIP = b"\x1f\x8b"  # how a compressed body starts, whatever the headers say
JSON_TYPE = re.compile(r"application/(?:[\w.+-]+\+)?json\s*(?:;|$)", re.IGNORECASE)


def raw_body(event: Event) -> bytes:
    """Raises InvalidRequest."""
    body = event.get("body") or ""
    try:
        return b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
    except ValueError:
        raise InvalidRequest("The body is not base64, though the request says so.") from None


def json_text(event: Event) -> str:
    """Raises InvalidRequest, UnsupportedMediaType and BodyTooLarge."""
    raw = raw_body(event)
    content_type, encoding = event["headers"].get("content-type"), event["headers"].get("content-encoding", "identity")
    if raw and (encoding.strip().lower() != "identity" or raw.startswith(GZIP)):
        raise UnsupportedMediaType("The body is compressed; send it as it is, without Content-Encoding.")
    if raw and content_type is not None and not JSON_TYPE.match(content_type):
        raise UnsupportedMediaType('Send JSON, with the header "Content-Type: application/json".')
    if len(raw) > MAX_BODY_BYTES:
        raise BodyTooLarge(f"The body has {len(raw):,} bytes; at most {MAX_BODY_BYTES:,} are allowed.")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise InvalidRequest("The body is not UTF-8; encode it as UTF-8.") from None
