"""GET /api/phone-numbers/{phoneNumberId}: get a phone number"""

from assistants_api.endpoint import Call, Response, endpoint, ok, the_phone_number
from assistants_api.models.parsing import Nothing
from assistants_api.storage import phone_numbers


@endpoint("phone_numbers:read", Nothing, reads=the_phone_number)
def handler(call: Call[Nothing]) -> Response:
    return ok(phone_number=phone_numbers.get(call.found, call.account_id, call.path["phoneNumberId"]))
