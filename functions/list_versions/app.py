"""GET /api/assistants/{assistantId}/versions: list the versions of an assistant

Lists what changed in an assistant, when and by which API key, newest first, a page at a time.
"""

from assistants_api.answers.lists import show_page
from assistants_api.endpoint import Call, Response, endpoint
from assistants_api.models.assistant import Assistant
from assistants_api.models.version import VersionQuery
from assistants_api.storage import assistants, versions


@endpoint("assistants:read", query=VersionQuery, loads=assistants.in_path)
def handler(call: Call[Assistant, None, VersionQuery]) -> Response:
    after = call.query.after(call.cursor_secret)
    page = versions.page(call.table, call.resource, call.query.limit, after)
    return show_page(call, "versions", page)
