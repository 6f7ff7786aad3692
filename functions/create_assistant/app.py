"""POST /api/assistants: create an assistant

Creates a new assistant with default configuration. Use a `templateId` to pre-populate common settings, or start with
`custom` and configure everything yourself via `PATCH`.
"""

from assistants_api import templates
from assistants_api.endpoint import Call, Response, endpoint, etag, ok
from assistants_api.models.assistant import NewAssistant
from assistants_api.storage import assistants


@endpoint("assistants:write", body=NewAssistant)
def handler(call: Call[None, NewAssistant]) -> Response:
    configuration = templates.load(call.body.template_id)["configuration"]
    assistant = call.body.to_assistant(call.account_id, configuration)
    assistants.create(call.table, assistant)
    return ok(etag(assistant.version), assistant=assistant)
