"""PATCH /api/assistants/{assistantId}/telephony/phone-numbers: assign phone numbers to an assistant

Assigns or replaces the phone numbers linked to an assistant. Passing an empty array removes all assigned numbers.
After assigning a phone number, inbound calls to that number will automatically be routed to this assistant. Make sure
`inbound_enabled` is set to `true` on the assistant if you want it to receive calls.

An assistant holds up to 500 numbers. Up to 99 changes are made all or nothing: every number added or removed is one,
and so is every assistant that loses numbers. More are made in several steps. What stands against them is found before
the first; if a later one fails, the error says how much is done, and the same request finishes it.
"""

from assistants_api.answers import show_success
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.assignment import PhoneNumberAssignment
from assistants_api.models.assistant import Assistant
from assistants_api.models.version import Actor
from assistants_api.storage import assignments, assistants


@endpoint("assistants:write", body=PhoneNumberAssignment, loads=assistants.in_path, answer=show_success)
def handler(call: Call[Assistant, PhoneNumberAssignment]) -> None:
    assignments.assign(call.table, call.resource, call.body, call.precondition, Actor.of(call.api_key))
