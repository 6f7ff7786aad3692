"""GET /api/calls: list calls

Lists the calls that carriers told of through telephony connections, newest first, a page at a time: who called, which
assistant answers or why none does, and how it ended. A call is kept for 90 days.
"""

from assistants_api.answers.lists import show_page
from assistants_api.endpoint import Call, Response, endpoint
from assistants_api.models.call_requests import CallListQuery
from assistants_api.storage import calls


@endpoint("calls:read", query=CallListQuery)
def handler(call: Call[None, None, CallListQuery]) -> Response:
    after = call.query.after(call.cursor_secret)
    page = calls.page(call.table, call.account_id, call.query, after)
    return show_page(call, "calls", page)
