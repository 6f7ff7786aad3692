"""DELETE /api/phone-numbers/{phoneNumberId}: give a phone number up

Gives a phone number up, which any account may import then. One that an assistant holds is given up with
`?force=true` only.
"""

from assistants_api.answers import show_message
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.parsing import Force, OptionalAccountBody
from assistants_api.models.phone_number import PhoneNumber
from assistants_api.storage import assignments, phone_numbers


@endpoint(
    "phone_numbers:write",
    body=OptionalAccountBody,
    query=Force,
    loads=phone_numbers.in_path,
    answer=show_message("Phone number deleted successfully"),
)
def handler(call: Call[PhoneNumber, OptionalAccountBody, Force]) -> None:
    assignments.delete_number(call.table, call.account_id, call.resource, call.query.force, call.precondition)
