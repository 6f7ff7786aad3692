"""GET /api/assistants: list assistants

Newest first, a page at a time; filters can be combined.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.assistant import AssistantPage
from assistants_api.storage import assistants


@endpoint("assistants:read", AssistantPage)
def handler(call: Call[AssistantPage]) -> Response:
    page = call.sent
    found, behind = assistants.page(call.table, call.account_id, page, page.after(call.signature))
    return ok(assistants=found, **page.envelope(found, behind, call.signature))
