"""GET /api/assistants/{assistantId}/export: export an assistant

Exports an assistant as one document, to keep in a repository or to import elsewhere: template, configuration and phone
numbers, without ids and secrets. `POST /api/assistants/import` takes the answer as it is.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.assistant import Assistant
from assistants_api.models.export import exported
from assistants_api.storage import assistants


@endpoint("assistants:read", loads=assistants.in_path)
def handler(call: Call[Assistant]) -> Response:
    return ok(call.resource.etag, export=exported(call.resource))
