"""GET /api/templates/{templateId}: get a template

Retrieves one starter configuration: what it is for, and all that it sets.
"""

from assistants_api import templates
from assistants_api.endpoint import Call, Response, endpoint, ok


@endpoint("assistants:read")
def handler(call: Call) -> Response:
    return ok(template=templates.load(call.path["templateId"]))
