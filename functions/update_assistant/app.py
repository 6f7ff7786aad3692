"""PATCH /api/assistants/{assistantId}: update an assistant

Updates one or more configuration fields on an existing assistant. All fields except `accountSlug` are optional:
include only the fields you want to change. With the header `If-Match: "<version>"` the change is made only if the
assistant is still at that version.
"""

from assistants_api.answers.assistants import show_assistant
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.assistant import Assistant
from assistants_api.models.assistant_requests import AssistantChanges
from assistants_api.models.version import Actor
from assistants_api.storage import assistants


@endpoint("assistants:write", body=AssistantChanges, loads=assistants.in_path, answer=show_assistant)
def handler(call: Call[Assistant, AssistantChanges]) -> Assistant:
    return assistants.change(call.table, call.resource, call.body, call.precondition, Actor.of(call.api_key))
