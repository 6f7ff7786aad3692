"""GET /api/assistants/{assistantId}: get an assistant

Retrieves the full configuration of a single assistant.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.assistant import Assistant
from assistants_api.storage import assistants


@endpoint("assistants:read", loads=assistants.in_path)
def handler(call: Call[Assistant]) -> Response:
    return ok(call.resource.etag, assistant=call.resource)
