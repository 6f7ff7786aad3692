"""Conditional requests: `If-Match`, as RFC 9110 has it in section 13.1.1."""

import re
from dataclasses import dataclass
from typing import Protocol

from assistants_api.errors import InvalidRequest, PreconditionFailed

TAG = re.compile(r'(W/)?"([0-9a-f.]+)"')


class Tagged(Protocol):
    """What has an ETag: a text that changes with every change of it."""

    @property
    def etag(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Precondition:
    """What a request presumes of the resource that its path names.

    `tags` are the ETags that it may have; None stands for any, which is also what a request without the header says.
    """

    tags: frozenset[str] | None = None
    has_weak_tags: bool = False

    def check(self, stored: Tagged | None) -> None:
        """Raises PreconditionFailed."""
        if self.tags is None or stored is None or stored.etag in self.tags:
            return
        weak = " A weak tag, which starts with W/, never matches." if self.has_weak_tags else ""
        raise PreconditionFailed(
            f'The resource has changed: its ETag is "{stored.etag}" now.{weak} GET it, then send your change again.'
        )

    def __bool__(self) -> bool:
        """Whether the write has to be bound to what was checked."""
        return self.tags is not None


NONE = Precondition()


def parse_if_match(header: str | None) -> Precondition:
    """Raises InvalidRequest for a header that holds no ETag as we send them."""
    if header is None or header.strip() == "*":
        return NONE
    matches = [TAG.fullmatch(tag.strip()) for tag in header.split(",")]
    if not all(matches):
        raise InvalidRequest(
            'If-Match: send the ETag of a response with its quotes, such as If-Match: "3", or If-Match: *. '
            "A suffix that a proxy added, such as -gzip, is not part of it."
        )
    found = [match for match in matches if match]
    return Precondition(frozenset(it[2] for it in found if not it[1]), any(it[1] for it in found))
