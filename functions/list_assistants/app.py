"""GET /api/assistants: list assistants

Lists assistants, newest first, a page at a time. Filters can be combined.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.assistant_requests import AssistantQuery
from assistants_api.storage import assistants


@endpoint("assistants:read", query=AssistantQuery)
def handler(call: Call[None, None, AssistantQuery]) -> Response:
    after = call.query.after(call.cursor_secret)
    found, next_key = assistants.page(call.table, call.account_id, call.query, after)
    return ok(assistants=found, **call.query.envelope(found, next_key, call.cursor_secret))
