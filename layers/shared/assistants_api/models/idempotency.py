"""`Idempotency-Key`, a request header, as draft-ietf-httpapi-idempotency-key-header has it, with or without quotes."""

import re

from assistants_api.errors import InvalidRequest

FORM = re.compile("[!-~]{1,255}")


def parse_idempotency_key(header: str | None) -> str | None:
    """Raises InvalidRequest."""
    if header is None or FORM.fullmatch(header):
        return header
    raise InvalidRequest(
        "Idempotency-Key: send 1 to 255 visible ASCII characters, such as a UUID, another for each thing to be done."
    )
