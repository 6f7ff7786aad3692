"""DELETE /api/assistants/{assistantId}: delete an assistant

Deletes an assistant. One that holds phone numbers is deleted with `?force=true` only, which releases them too. For 30
days it can be restored, with its history.
"""

from assistants_api.answers import show_message
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.assistant import Assistant
from assistants_api.models.parsing import Force, OptionalAccountBody
from assistants_api.models.version import Actor
from assistants_api.storage import assignments, assistants


@endpoint(
    "assistants:write",
    body=OptionalAccountBody,
    query=Force,
    loads=assistants.in_path,
    answer=show_message("Assistant deleted successfully"),
)
def handler(call: Call[Assistant, OptionalAccountBody, Force]) -> None:
    actor = Actor.of(call.api_key)
    assignments.delete_assistant(call.table, call.resource, actor, call.query.force, call.precondition)
