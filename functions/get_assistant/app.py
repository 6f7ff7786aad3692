"""GET /api/assistants/{assistantId}: get an assistant

Retrieves the full configuration of a single assistant. `warnings` say what a person has to look at, such as a
model that retires within 90 days.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models import clock
from assistants_api.models.assistant import Assistant
from assistants_api.models.warnings import warned
from assistants_api.storage import assistants


@endpoint("assistants:read", loads=assistants.in_path)
def handler(call: Call[Assistant]) -> Response:
    return ok(call.resource.etag, assistant=call.resource, **warned(call.resource, clock.today()))
