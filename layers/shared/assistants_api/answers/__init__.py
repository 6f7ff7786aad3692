"""What an endpoint that changes something answers. It follows from the result alone, so that it is known before the
write: a dry run shows it, and a retry is told it again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from assistants_api.http import Response, ok

KEPT_BY_SERVICE = {"id", "account_id", "key_prefix", "version", "created_at", "updated_at", "last_used_at"}


@dataclass(frozen=True, slots=True)
class Answer:
    """The content of a response. `full_key` is shown with it and never stored. A replayed one was given before."""

    content: Mapping[str, object] = field(default_factory=dict)
    etag: str | None = None
    full_key: str | None = field(default=None, repr=False)
    is_replayed: bool = False

    def to_response(self) -> Response:
        key = {"full_key": self.full_key} if self.full_key else {}
        response = ok(self.etag, **key, **self.content)
        response["headers"] |= {"idempotent-replayed": "true"} if self.is_replayed else {}
        return response


def show_success(_: object) -> Answer:
    return Answer()


def show_message(text: str) -> Callable[[object], Answer]:
    return lambda _: Answer({"message": text})


class Shown(Protocol):
    def to_public(self) -> dict[str, Any]: ...


def dry_run(answer: Answer, before: Shown | None, after: Shown | None) -> Answer:
    """The answer with what would have changed. It has no ETag, since nothing is there to match it."""
    return replace(answer, content={**answer.content, "dry_run": True, "diff": diff(before, after)}, etag=None)


def diff(before: Shown | None, after: Shown | None) -> list[dict[str, Any]]:
    """What differs, field by field, but for what the service itself names and counts; null where there is nothing."""
    old, new = ({} if it is None else it.to_public() for it in (before, after))
    fields = sorted((old.keys() | new.keys()) - KEPT_BY_SERVICE)
    return [{"field": it, "from": old.get(it), "to": new.get(it)} for it in fields if old.get(it) != new.get(it)]
