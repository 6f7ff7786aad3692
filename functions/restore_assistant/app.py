"""POST /api/assistants/{assistantId}/restore: restore a deleted assistant

Restores an assistant that was deleted in the last 30 days, with its configuration, its version and its history. Then it
holds no phone numbers: `free_phone_number_ids` are those that it held and that are free now, so that you can assign
them again. With `If-Match` and the `ETag` that it had, only if it did not change between that and its deletion.
"""

from assistants_api.answers.assistants import show_restored_assistant
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.deleted_assistant import DeletedAssistant, RestoredAssistant
from assistants_api.models.version import Actor, Restoration
from assistants_api.storage import accounts, deleted_assistants


@endpoint(
    "assistants:write",
    body=Restoration,
    loads=deleted_assistants.in_path,
    answer=show_restored_assistant,
)
def handler(call: Call[DeletedAssistant, Restoration]) -> RestoredAssistant:
    accounts.check_room(call.account, "assistants")
    return deleted_assistants.restore(call.table, call.resource, call.precondition, Actor.of(call.api_key))
