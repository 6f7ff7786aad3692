"""POST /api/phone-numbers: import a phone number

Imports a phone number that you bought elsewhere. Importing a number again changes its label and its provider to those
sent, and nothing else: a suspended one stays suspended.
"""

from assistants_api.answers.phone_numbers import show_phone_number
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.phone_number import NewPhoneNumber, PhoneNumber
from assistants_api.storage import phone_numbers


@endpoint("phone_numbers:write", body=NewPhoneNumber, loads_account=True, answer=show_phone_number)
def handler(call: Call[None, NewPhoneNumber]) -> PhoneNumber:
    number = phone_numbers.create(call.table, call.account, call.body)
    call.log["resource"] = number.id
    return number
