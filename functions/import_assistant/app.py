"""POST /api/assistants/import: import an assistant

Makes an assistant as the export of another says, or changes the one that it means: that of its `external_id` or,
without one, that of its name. What is the same already stays, so an import can be repeated. `?dry_run=true` shows what
differs. Phone numbers stay where they are.
"""

from assistants_api import templates
from assistants_api.answers.assistants import show_assistant
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.assistant import Assistant
from assistants_api.models.export import AssistantImport
from assistants_api.models.version import Actor
from assistants_api.storage import imports


@endpoint("assistants:write", body=AssistantImport, loads=imports.of_external_id, answer=show_assistant)
def handler(call: Call[Assistant | None, AssistantImport]) -> Assistant:
    export, actor = call.body.export, Actor.of(call.api_key)
    configuration = templates.load(export.type)["configuration"]
    return imports.carry_out(call.table, call.account, call.resource, export, configuration, actor)
