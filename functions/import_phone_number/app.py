"""POST /api/phone-numbers: import a phone number

Brings a number of one's own, which was bought elsewhere. Importing a number again answers the record that is there.
"""

from assistants.api import Call, Request, Response, endpoint, ok
from assistants.models.phone_number import NewPhoneNumber
from assistants.storage import phone_numbers
from assistants.storage.keys import Key


def reads(account_id: str, request: Request[NewPhoneNumber]) -> list[Key]:
    return phone_numbers.keys_to_import(account_id, request.sent.id)


@endpoint("phone_numbers:write", NewPhoneNumber, reads=reads)
def handler(call: Call[NewPhoneNumber]) -> Response:
    number = phone_numbers.create(call.table, call.found, call.account_id, call.sent.imported())
    return ok(phone_number=number)
