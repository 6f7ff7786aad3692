"""GET /api/phone-numbers: list phone numbers

In the order of their digits, a page at a time.
"""

from assistants.api import Call, Response, endpoint, ok
from assistants.models.phone_number import PhoneNumberPage
from assistants.storage import phone_numbers


@endpoint("phone_numbers:read", PhoneNumberPage)
def handler(call: Call[PhoneNumberPage]) -> Response:
    page = call.sent
    numbers, behind = phone_numbers.page(call.table, call.account_id, page.limit, page.after(call.signature))
    return ok(numbers=numbers, **page.envelope(numbers, behind, call.signature))
