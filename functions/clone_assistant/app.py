"""POST /api/assistants/{assistantId}/clone: clone an assistant

Creates a new assistant with the whole configuration of this one and none of its phone numbers.
"""

from assistants_api.endpoint import Call, Response, endpoint, etag, ok
from assistants_api.models.assistant import Assistant, AssistantClone
from assistants_api.storage import assistants


@endpoint("assistants:write", body=AssistantClone, loads=assistants.in_path)
def handler(call: Call[Assistant, AssistantClone]) -> Response:
    clone = call.body.clone_of(call.resource)
    assistants.create(call.table, clone)
    return ok(etag(clone.version), assistant=clone)
