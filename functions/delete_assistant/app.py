"""DELETE /api/assistants/{assistantId}: delete an assistant

One that holds phone numbers is deleted with `?force=true` only, which releases them too.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok, the_assistant
from assistants_api.models.parsing import Forceable
from assistants_api.storage import assignments, assistants


@endpoint("assistants:write", Forceable, reads=the_assistant)
def handler(call: Call[Forceable]) -> Response:
    assistant = assistants.get(call.found, call.account_id, call.path["assistantId"])
    assignments.delete_assistant(call.table, assistant, call.sent.force)
    return ok(message="Assistant deleted successfully")
