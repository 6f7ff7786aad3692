"""GET /api/templates: list templates

Lists the starter configurations: what each is for, and all that it sets.
"""

from assistants_api import templates
from assistants_api.endpoint import Call, Response, endpoint, ok


@endpoint("assistants:read")
def handler(call: Call) -> Response:
    return ok(templates=templates.catalogue())
