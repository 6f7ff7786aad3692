"""DELETE /api/assistants/{assistantId}: delete an assistant

Deletes an assistant. One that holds phone numbers is deleted with `?force=true` only, which releases them too. For 30
days it can be restored, with its history. One that can't be read is deleted with its phone numbers released, and what
can be restored is its newest version.
"""

from assistants_api.answers import show_message
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.assistant import Assistant
from assistants_api.models.parsing import Force, OptionalAccountBody
from assistants_api.models.version import Actor
from assistants_api.storage import assignments, assistants, unreadable
from assistants_api.storage.resources import Unreadable, to_delete


@endpoint(
    "assistants:write",
    body=OptionalAccountBody,
    query=Force,
    loads=to_delete(assistants.in_path),
    answer=show_message("Assistant deleted successfully"),
)
def handler(call: Call[Assistant | Unreadable, OptionalAccountBody, Force]) -> None:
    actor = Actor.of(call.api_key)
    if isinstance(call.resource, Unreadable):
        unreadable.delete_assistant(call.table, call.resource, actor)
    else:
        assignments.delete_assistant(call.table, call.resource, actor, call.query.force, call.precondition)
