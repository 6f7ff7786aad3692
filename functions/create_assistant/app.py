"""POST /api/assistants: create an assistant

Creates a new assistant with default configuration. Use a `templateId` to pre-populate common settings, or start with
`custom` and configure everything yourself via `PATCH`.
"""

from assistants_api import templates
from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.assistant_requests import NewAssistant
from assistants_api.models.version import Actor
from assistants_api.models.warnings import warned
from assistants_api.storage import accounts, assistants


@endpoint("assistants:write", body=NewAssistant, loads_account=True)
def handler(call: Call[None, NewAssistant]) -> Response:
    accounts.check_room(call.account, "assistants")
    configuration = templates.load(call.body.template_id)["configuration"]
    assistant = call.body.to_assistant(call.account_id, configuration)
    assistants.create(call.table, assistant, Actor.of(call.api_key))
    call.log["created"] = assistant.id
    return ok(assistant.etag, assistant=assistant, **warned(assistant))
