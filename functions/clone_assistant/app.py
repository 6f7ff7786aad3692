"""POST /api/assistants/{assistantId}/clone: clone an assistant

Creates a new assistant with the whole configuration of this one and none of its phone numbers.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.assistant import Assistant
from assistants_api.models.assistant_requests import AssistantClone
from assistants_api.models.version import Actor
from assistants_api.models.warnings import warned
from assistants_api.storage import accounts, assistants


@endpoint("assistants:write", body=AssistantClone, loads=assistants.in_path, loads_account=True)
def handler(call: Call[Assistant, AssistantClone]) -> Response:
    accounts.check_room(call.account, "assistants")
    clone = call.body.clone_of(call.resource)
    assistants.create(call.table, clone, Actor.of(call.api_key))
    call.log["created"] = clone.id
    return ok(clone.etag, assistant=clone, **warned(clone))
