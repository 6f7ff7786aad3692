"""GET /api/phone-numbers: list phone numbers

In the order of their digits, a page at a time.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.phone_number import PhoneNumberPage
from assistants_api.storage import phone_numbers


@endpoint("phone_numbers:read", PhoneNumberPage)
def handler(call: Call[PhoneNumberPage]) -> Response:
    page = call.sent
    numbers, behind = phone_numbers.page(call.table, call.account_id, page.limit, page.after(call.signature))
    return ok(numbers=numbers, **page.envelope(numbers, behind, call.signature))
