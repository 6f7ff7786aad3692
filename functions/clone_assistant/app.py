"""POST /api/assistants/{assistantId}/clone: clone an assistant

Creates a new assistant with the whole configuration of this one and none of its phone numbers.
"""

from assistants_api.answers.assistants import show_assistant
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.assistant import Assistant
from assistants_api.models.assistant_requests import AssistantClone
from assistants_api.models.version import Actor
from assistants_api.storage import accounts, assistants


@endpoint(
    "assistants:write",
    body=AssistantClone,
    loads=assistants.in_path,
    answer=show_assistant,
)
def handler(call: Call[Assistant, AssistantClone]) -> Assistant:
    accounts.check_room(call.account, "assistants")
    clone = call.body.clone_of(call.resource)
    assistants.create(call.table, clone, Actor.of(call.api_key))
    call.log["created"] = clone.id
    return clone
