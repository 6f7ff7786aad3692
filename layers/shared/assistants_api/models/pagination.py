"""Pages of a list and the cursors between them."""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Annotated

from pydantic import BeforeValidator, Field

from assistants_api.errors import InvalidCursor
from assistants_api.models.parsing import Query

SIGNATURE_BYTES = 16


def _whole_number(text: object) -> int:
    if isinstance(text, str) and re.fullmatch("[0-9]{1,9}", text):
        return int(text)
    raise ValueError("must be a whole number, as 100.")


WHOLE_NUMBER = BeforeValidator(_whole_number)
Limit = Annotated[int, Field(ge=1, le=100), WHOLE_NUMBER]


class Pagination(Query):
    """The query parameters of a list. A subclass adds the filters.

    A cursor is opaque: the sort key that the page starts after, signed over the list and its filters. So a changed
    cursor and another list's are refused, and nothing has to be stored. It is good with any limit and any API key of
    the account.
    """

    limit: Limit = Field(20, description="The most entries of a page.", examples=[20])
    cursor: str | None = Field(
        None,
        max_length=1_000,
        description="The `next_cursor` of the page before, with the same filters.",
        examples=["mUyHqXYgP0y1vFvDdCIvlGFzc3RfMDFqZDV4ZXhhbXAxZTAwMDAwMDAwMDAwMDA"],
    )

    def after(self, secret: str) -> str | None:
        """The sort key that the page starts after; None for the first page. Raises InvalidCursor."""
        if self.cursor is None:
            return None
        try:
            after = urlsafe_b64decode(self.cursor.encode() + b"=" * (-len(self.cursor) % 4))[SIGNATURE_BYTES:].decode()
        except ValueError:  # no base64, or none of text: it was never a cursor
            after = ""
        if not hmac.compare_digest(self.cursor.encode(), self.cursor_after(after, secret).encode()):
            raise InvalidCursor("The cursor is not one of this list with these filters; start again without it.")
        return after

    def cursor_after(self, sort_key: str, secret: str) -> str:
        filters = self.model_dump_json(exclude={"account_slug", "limit", "cursor"})
        signed = f"{type(self).__name__} {filters} after {sort_key}".encode()
        signature = hmac.digest(secret.encode(), signed, sha256)[:SIGNATURE_BYTES]
        return urlsafe_b64encode(signature + sort_key.encode()).decode().rstrip("=")

    def envelope(self, items: Sequence[object], next_key: str | None, secret: str) -> dict[str, object]:
        """What a list answers beside its items; `next_key` is the sort key that the next page starts after, if any."""
        next_cursor = self.cursor_after(next_key, secret) if next_key else None
        return {"count": len(items), "limit": self.limit, "next_cursor": next_cursor}
