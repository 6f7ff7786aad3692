"""GET /api/calls/{callId}: get what a call needs

For whoever answers a call: the assistant as of the version that answers it, with its prompts rendered for this call.
The token is the call's own, from the path of its stream, and good for 60 seconds. No API key is needed.
"""

from datetime import UTC, datetime

from assistants_api import auth
from assistants_api.errors import Unauthenticated
from assistants_api.http import Event, Response, http_handler, ok
from assistants_api.models import clock
from assistants_api.models.retirement import as_called
from assistants_api.models.variables import prompts, render
from assistants_api.storage import calls
from assistants_api.storage.table import from_env
from assistants_api.telephony import call_tokens


@http_handler
def handler(event: Event) -> Response:
    token = auth.bearer(event["headers"].get("authorization"), "call token")
    routed = call_tokens.verify(token, datetime.now(UTC), auth.accepted_secrets())
    if routed.call_id != event["pathParameters"]["callId"]:
        raise Unauthenticated("The call token is for another call.")
    call, assistant, account = calls.prepare(from_env().for_request(), routed)
    known = {"contact.phone": call.from_number, "account.name": account.name}
    texts, missing, _ = render(prompts(assistant), known)
    called, substituted = as_called(assistant.model_copy(update=texts), clock.today())
    return ok(call=call, assistant=called, substituted=substituted, missing=missing)
