"""PATCH /api/assistants/{assistantId}/telephony/phone-numbers"""

from assistants.api import Call, Request, Response, endpoint, ok
from assistants.models.phone_number import PhoneNumberAssignment
from assistants.storage import assignments, assistants, keys
from assistants.storage.keys import Key


def reads(account_id: str, request: Request[PhoneNumberAssignment]) -> list[Key]:
    """The assistant and as many of the wanted numbers as fit into one read beside it and the API key."""
    numbers = [keys.phone_number(account_id, number) for number in dict.fromkeys(request.sent.phone_number_ids)]
    return [keys.assistant(account_id, request.path["assistantId"]), *numbers[:98]]


@endpoint("assistants:write", PhoneNumberAssignment, reads=reads)
def handler(call: Call[PhoneNumberAssignment]) -> Response:
    assistant = assistants.get(call.found, call.account_id, call.path["assistantId"])
    assignments.assign(call.table, call.found, assistant, call.sent)
    return ok()
