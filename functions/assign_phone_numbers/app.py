"""PATCH /api/assistants/{assistantId}/telephony/phone-numbers: assign phone numbers to an assistant

Assigns or replaces the phone numbers linked to an assistant, all or nothing. Passing an empty array removes all
assigned numbers. After assigning a phone number, inbound calls to that number will automatically be routed to this
assistant. Make sure `inbound_enabled` is set to `true` on the assistant if you want it to receive calls.

An assistant holds up to 500 numbers; one request makes up to 99 changes.
"""

from assistants_api.endpoint import Call, Request, Response, endpoint, ok
from assistants_api.models.phone_number import PhoneNumberAssignment
from assistants_api.storage import assignments, assistants, keys
from assistants_api.storage.keys import Key


def reads(account_id: str, request: Request[PhoneNumberAssignment]) -> list[Key]:
    """The assistant; and to reassign, as many of the numbers as fit beside it and the API key, for who holds them.

    Else the transaction itself checks the numbers that change, so that those which stay cost nothing.
    """
    numbers = dict.fromkeys(request.sent.phone_number_ids) if request.sent.reassign else {}
    wanted = [keys.phone_number(account_id, number) for number in numbers]
    return [keys.assistant(account_id, request.path["assistantId"]), *wanted[:98]]


@endpoint("assistants:write", PhoneNumberAssignment, reads=reads)
def handler(call: Call[PhoneNumberAssignment]) -> Response:
    assistant = assistants.get(call.found, call.account_id, call.path["assistantId"])
    assignments.assign(call.table, call.found, assistant, call.sent)
    return ok()
