"""DELETE /api/phone-numbers/{phoneNumberId}: give a phone number up

Gives a phone number up, which any account may import then. One that an assistant holds is given up with
`?force=true` only. One that can't be read is given up anyway, and its carrier is not told.

The carrier of one that was imported through a connection is told to send its calls here no longer, unless it is set to
something else by now. If the carrier fails, the number is given up all the same: `GET
/api/telephony-connections/{connectionId}/numbers` shows whether it still leads here.
"""

from assistants_api import connected_numbers
from assistants_api.answers import show_message
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.parsing import Force, OptionalAccountBody
from assistants_api.models.phone_number import PhoneNumber
from assistants_api.storage import assignments, phone_numbers, unreadable
from assistants_api.storage.resources import Unreadable, to_delete


@endpoint(
    "phone_numbers:write",
    body=OptionalAccountBody,
    query=Force,
    loads=to_delete(phone_numbers.in_path),
    answer=show_message("Phone number deleted successfully"),
)
def handler(call: Call[PhoneNumber | Unreadable, OptionalAccountBody, Force]) -> None:
    if isinstance(call.resource, Unreadable):
        unreadable.delete_number(call.table, call.resource)
        return
    assignments.delete_number(call.table, call.account_id, call.resource, call.query.force, call.precondition)
    if failure := connected_numbers.release(call.table, call.account_id, call.resource, call.base_url):
        call.log["carrier_failure"] = failure
