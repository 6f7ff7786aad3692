"""DELETE /api/phone-numbers/{phoneNumberId}: give a phone number up

Gives a phone number up, which any account may import then. One that an assistant holds is given up with
`?force=true` only.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.parsing import Force, OptionalAccountBody
from assistants_api.models.phone_number import PhoneNumber
from assistants_api.storage import assignments, phone_numbers


@endpoint("phone_numbers:write", body=OptionalAccountBody, query=Force, loads=phone_numbers.in_path)
def handler(call: Call[PhoneNumber, OptionalAccountBody, Force]) -> Response:
    assignments.delete_number(call.table, call.account_id, call.resource, call.query.force, call.precondition)
    return ok(message="Phone number deleted successfully")
