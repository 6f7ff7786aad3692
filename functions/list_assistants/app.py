"""GET /api/assistants: list assistants

Lists assistants, newest first, a page at a time. Filters can be combined. `?attention=true` lists those
that need a person: those that `GET` answers with `warnings`. `?deleted=true` lists those that were deleted
in the last 30 days instead, with when, by which API key, and until when they can be restored.
"""

from assistants_api.answers.lists import show_page
from assistants_api.endpoint import Call, Response, endpoint
from assistants_api.models import clock
from assistants_api.models.assistant_requests import AssistantQuery
from assistants_api.models.warnings import attention_filter
from assistants_api.storage import assistants, deleted_assistants


@endpoint("assistants:read", query=AssistantQuery)
def handler(call: Call[None, None, AssistantQuery]) -> Response:
    after = call.query.after(call.cursor_secret)
    list_page = deleted_assistants.page if call.query.deleted else assistants.page
    keep = attention_filter(call.query.attention, clock.today())
    page = list_page(call.table, call.account_id, call.query, after, keep)
    return show_page(call, "assistants", page)
