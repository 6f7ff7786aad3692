"""PATCH /api/phone-numbers/{phoneNumberId}: update a phone number

Its label, and whether it is active or suspended. An assistant doesn't answer a suspended number.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok, the_phone_number
from assistants_api.models.phone_number import PhoneNumberChanges
from assistants_api.storage import phone_numbers


@endpoint("phone_numbers:write", PhoneNumberChanges, reads=the_phone_number)
def handler(call: Call[PhoneNumberChanges]) -> Response:
    stored = phone_numbers.get(call.found, call.account_id, call.path["phoneNumberId"])
    return ok(phone_number=phone_numbers.change(call.table, call.account_id, stored, call.sent))
