"""POST /api/phone-numbers: import a phone number

Imports a phone number that you bought elsewhere. Importing a number again changes its label and its provider to those
sent, and nothing else: a suspended one stays suspended.

With `connectionId` the carrier is asked first: a number that the connection's account does not have is refused, and so
is one whose calls it can't send here. Then the carrier is told to send them. If that fails, the number is imported all
the same, and its `sync` says why. `POST /api/phone-numbers/{phoneNumberId}/sync` tells the carrier again.
"""

from assistants_api import connected_numbers
from assistants_api.answers.phone_numbers import show_phone_number
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.phone_number import PhoneNumber
from assistants_api.models.phone_number_requests import NewPhoneNumber
from assistants_api.storage.telephony_connections import SealedConnection


@endpoint(
    "phone_numbers:write",
    body=NewPhoneNumber,
    loads=connected_numbers.of_import,
    answer=show_phone_number,
)
def handler(call: Call[SealedConnection | None, NewPhoneNumber]) -> PhoneNumber:
    number = connected_numbers.import_number(call.table, call.account, call.body, call.resource, call.base_url)
    call.log["resource"] = number.id
    return number
