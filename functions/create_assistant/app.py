"""POST /api/assistants: create an assistant

Creates a new assistant with default configuration. Use a `templateId` to pre-populate common settings, or start with
`custom` and configure everything yourself via `PATCH`.
"""

from assistants_api import templates
from assistants_api.answers.assistants import show_assistant
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.assistant import Assistant
from assistants_api.models.assistant_requests import NewAssistant
from assistants_api.models.version import Actor
from assistants_api.storage import accounts, assistants


@endpoint("assistants:write", body=NewAssistant, answer=show_assistant)
def handler(call: Call[None, NewAssistant]) -> Assistant:
    accounts.check_room(call.account, "assistants")
    configuration = templates.load(call.body.template_id)["configuration"]
    assistant = call.body.to_assistant(call.account_id, configuration)
    assistants.create(call.table, assistant, Actor.of(call.api_key))
    call.log["created"] = assistant.id
    return assistant
