"""POST /api/assistants/{assistantId}/clone: clone an assistant

Creates a new assistant with the whole configuration of this one and none of its phone numbers.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok, the_assistant, with_etag
from assistants_api.models.assistant import AssistantClone
from assistants_api.storage import assistants


@endpoint("assistants:write", AssistantClone, reads=the_assistant)
def handler(call: Call[AssistantClone]) -> Response:
    assistant = call.sent.of(assistants.get(call.found, call.account_id, call.path["assistantId"]))
    assistants.create(call.table, assistant)
    return with_etag(assistant.version, ok(assistant=assistant))
