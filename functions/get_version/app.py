"""GET /api/assistants/{assistantId}/versions/{version}: get a version of an assistant

Retrieves an assistant as it was at this version. With `?compare_to=` also what differs from that other version to this
one, field by field; a long text is compared line by line.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.assistant import Assistant
from assistants_api.models.version import Comparison, Version, diff
from assistants_api.storage import assistants, versions


@endpoint("assistants:read", query=Comparison, loads=assistants.in_path, loads_beside=versions.in_path)
def handler(call: Call[Assistant, None, Comparison, Version]) -> Response:
    version = call.beside
    if call.query.compare_to is None:
        return ok(version=version.summary(), assistant=version.assistant)
    other = versions.get(call.table, call.resource, call.query.compare_to)
    return ok(version=version.summary(), assistant=version.assistant, diff=diff(other.assistant, version.assistant))
