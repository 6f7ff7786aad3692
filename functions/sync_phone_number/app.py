"""POST /api/phone-numbers/{phoneNumberId}/sync: check a phone number at its carrier

Asks the carrier where it sends the number's calls, and sets what leads elsewhere. `drift` says what that was, and the
number's `sync` how it is now: a carrier that does not respond, or refuses, is told there. `?dry_run=true` sets nothing.
"""

from assistants_api import connected_numbers
from assistants_api.answers.phone_numbers import show_synced_number
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.carrier_number import NumberSync, SyncedNumber
from assistants_api.models.phone_number import PhoneNumber
from assistants_api.storage import phone_numbers


@endpoint("phone_numbers:write", body=NumberSync, loads=phone_numbers.in_path, answer=show_synced_number)
def handler(call: Call[PhoneNumber, NumberSync]) -> SyncedNumber:
    return connected_numbers.sync(call.table, call.account_id, call.resource, call.precondition, call.base_url)
