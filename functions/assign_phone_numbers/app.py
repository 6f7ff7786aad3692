"""PATCH /api/assistants/{assistantId}/telephony/phone-numbers: assign phone numbers to an assistant

Assigns or replaces the phone numbers linked to an assistant, all or nothing. Passing an empty array removes all
assigned numbers. After assigning a phone number, inbound calls to that number will automatically be routed to this
assistant. Make sure `inbound_enabled` is set to `true` on the assistant if you want it to receive calls.

An assistant holds up to 500 numbers; one request makes up to 99 changes.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.assistant import Assistant
from assistants_api.models.phone_number import PhoneNumberAssignment
from assistants_api.storage import assignments, assistants


@endpoint("assistants:write", body=PhoneNumberAssignment, loads=assistants.in_path)
def handler(call: Call[Assistant, PhoneNumberAssignment]) -> Response:
    assignments.assign(call.table, call.resource, call.body)
    return ok()
