"""POST /api/assistants: create an assistant

Creates a new assistant with default configuration. Use a `templateId` to pre-populate common settings, or start with
`custom` and configure everything yourself via `PATCH`.
"""

from assistants_api import templates
from assistants_api.endpoint import Call, Response, endpoint, ok, with_etag
from assistants_api.models.assistant import NewAssistant
from assistants_api.storage import assistants


@endpoint("assistants:write", NewAssistant)
def handler(call: Call[NewAssistant]) -> Response:
    assistant = call.sent.to_assistant(call.account_id, templates.load(call.sent.template_id)["configuration"])
    assistants.create(call.table, assistant)
    return with_etag(assistant.version, ok(assistant=assistant))
