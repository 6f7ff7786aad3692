"""DELETE /api/phone-numbers/{phoneNumberId}: give a phone number up

Any account may import it then. One that an assistant holds is given up with `?force=true` only.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok, the_phone_number
from assistants_api.models.parsing import Forceable
from assistants_api.storage import assignments, phone_numbers


@endpoint("phone_numbers:write", Forceable, reads=the_phone_number)
def handler(call: Call[Forceable]) -> Response:
    number = phone_numbers.get(call.found, call.account_id, call.path["phoneNumberId"])
    assignments.delete_number(call.table, call.account_id, number, call.sent.force)
    return ok(message="Phone number deleted successfully")
