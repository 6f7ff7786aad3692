"""POST /api/phone-numbers: import a phone number

Brings a number of one's own, which was bought elsewhere. Importing a number again answers the record that is there.
"""

from assistants_api.endpoint import Call, Request, Response, endpoint, ok
from assistants_api.models.phone_number import NewPhoneNumber
from assistants_api.storage import phone_numbers
from assistants_api.storage.keys import Key


def reads(account_id: str, request: Request[NewPhoneNumber]) -> list[Key]:
    return phone_numbers.keys_to_import(account_id, request.sent.id)


@endpoint("phone_numbers:write", NewPhoneNumber, reads=reads)
def handler(call: Call[NewPhoneNumber]) -> Response:
    number = phone_numbers.create(call.table, call.found, call.account_id, call.sent.to_phone_number())
    return ok(phone_number=number)
