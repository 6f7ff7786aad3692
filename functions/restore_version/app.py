"""POST /api/assistants/{assistantId}/versions/{version}/restore: restore a version of an assistant

Makes the configuration of this version the newest one; the phone numbers stay. `version` goes on counting, so this can
be undone in the same way. If the configuration is the same already, nothing is written.
"""

from assistants_api.answers.assistants import show_assistant
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.assistant import Assistant
from assistants_api.models.parsing import ChangeQuery
from assistants_api.models.version import Actor, Restoration, Version
from assistants_api.storage import assistants, versions


@endpoint(
    "assistants:write",
    body=Restoration,
    loads=assistants.in_path,
    loads_beside=versions.in_path,
    query=ChangeQuery,
    answer=show_assistant,
)
def handler(call: Call[Assistant, Restoration, ChangeQuery, Version]) -> Assistant:
    actor = Actor.of(call.api_key)
    return assistants.restore(call.table, call.resource, call.beside, call.precondition, actor)
