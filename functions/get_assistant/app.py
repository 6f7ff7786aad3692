"""GET /api/assistants/{assistantId}: get an assistant

Retrieves the full configuration of a single assistant.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok, the_assistant, with_etag
from assistants_api.models.parsing import Nothing
from assistants_api.storage import assistants


@endpoint("assistants:read", Nothing, reads=the_assistant)
def handler(call: Call[Nothing]) -> Response:
    assistant = assistants.get(call.found, call.account_id, call.path["assistantId"])
    return with_etag(assistant.version, ok(assistant=assistant))
