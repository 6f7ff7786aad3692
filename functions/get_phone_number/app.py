"""GET /api/phone-numbers/{phoneNumberId}: get a phone number

Retrieves a phone number: whether it is in service, and which assistant answers it.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.phone_number import PhoneNumber
from assistants_api.storage import phone_numbers


@endpoint("phone_numbers:read", loads=phone_numbers.in_path)
def handler(call: Call[PhoneNumber]) -> Response:
    return ok(call.resource.etag, phone_number=call.resource)
