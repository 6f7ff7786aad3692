"""PATCH /api/phone-numbers/{phoneNumberId}: update a phone number

Changes a phone number's label or provider, whether it is active or suspended, and the versions of its assistant that
answer it. Null removes a label, a provider or versions. An assistant doesn't answer a suspended number.

With `versions`, one or two versions answer the number whatever is changed later: `[{"version": 7}]`, or with weights
that add up to 100, of which each caller gets one and keeps it. They are of the assistant that holds the number; when
another one gets it, or none holds it, its newest version answers again.
"""

from assistants_api.answers.phone_numbers import show_phone_number
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.phone_number import PhoneNumber
from assistants_api.models.phone_number_requests import PhoneNumberChanges
from assistants_api.storage import phone_numbers


@endpoint("phone_numbers:write", body=PhoneNumberChanges, loads=phone_numbers.in_path, answer=show_phone_number)
def handler(call: Call[PhoneNumber, PhoneNumberChanges]) -> PhoneNumber:
    return phone_numbers.change(call.table, call.account_id, call.resource, call.body, call.precondition)
