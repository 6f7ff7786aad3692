"""PATCH /api/assistants/{assistantId}: update an assistant

Updates one or more configuration fields on an existing assistant. All fields except `accountSlug` are optional:
include only the fields you want to change. With the header `If-Match: "<version>"` the change is made only if the
assistant is still at that version.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok, the_assistant, with_etag
from assistants_api.models.assistant import AssistantChanges
from assistants_api.storage import assistants


@endpoint("assistants:write", AssistantChanges, reads=the_assistant)
def handler(call: Call[AssistantChanges]) -> Response:
    stored = assistants.get(call.found, call.account_id, call.path["assistantId"])
    assistant = assistants.change(call.table, stored, call.sent, call.headers.get("if-match"))
    return with_etag(assistant.version, ok(assistant=assistant))
