"""GET /api/templates/{templateId}: get a template

One starter configuration: what it is for, and all that it sets.
"""

from assistants import templates
from assistants.api import Call, Response, endpoint, ok
from assistants.models.parsing import Nothing


@endpoint("assistants:read", Nothing)
def handler(call: Call[Nothing]) -> Response:
    return ok(template=templates.load(call.path["templateId"]))
