"""GET /api/assistants/{assistantId}/versions: list the versions of an assistant

Lists what changed in an assistant, when and by which API key, newest first, a page at a time.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.assistant import Assistant
from assistants_api.models.version import VersionQuery
from assistants_api.storage import assistants, versions


@endpoint("assistants:read", query=VersionQuery, loads=assistants.in_path)
def handler(call: Call[Assistant, None, VersionQuery]) -> Response:
    after = call.query.after(call.cursor_secret)
    found, next_key = versions.page(call.table, call.resource, call.query.limit, after)
    return ok(versions=found, **call.query.envelope(found, next_key, call.cursor_secret))
