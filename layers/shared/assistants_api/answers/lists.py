"""What lists answer."""

from typing import TYPE_CHECKING, Any

from assistants_api.http import Response, ok
from assistants_api.models.pagination import Pagination
from assistants_api.storage.pages import Listed

if TYPE_CHECKING:
    from assistants_api.endpoint import Call


def show_page(call: "Call[Any, None, Pagination, Any]", things: str, page: Listed[Any]) -> Response:
    """`unreadable` is only there where something can't be read: the log has the reasons."""
    envelope = call.query.envelope(page.entries, page.next_key, call.cursor_secret)
    if page.unreadable:
        envelope["unreadable"] = [fault.name for fault in page.unreadable]
        call.log["unreadable"] = [fault.to_log() for fault in page.unreadable]
    return ok(**{things: page.entries}, **envelope)
