"""PATCH /api/phone-numbers/{phoneNumberId}: update a phone number

Changes a phone number's label or provider, and whether it is active or suspended. A label or provider of null removes
it. An assistant doesn't answer a suspended number.
"""

from assistants_api.answers.phone_numbers import show_phone_number
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.phone_number import PhoneNumber, PhoneNumberChanges
from assistants_api.storage import phone_numbers


@endpoint("phone_numbers:write", body=PhoneNumberChanges, loads=phone_numbers.in_path, answer=show_phone_number)
def handler(call: Call[PhoneNumber, PhoneNumberChanges]) -> PhoneNumber:
    return phone_numbers.change(call.table, call.account_id, call.resource, call.body, call.precondition)
