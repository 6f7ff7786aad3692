"""GET /api/phone-numbers: list phone numbers

Lists phone numbers in the order of their digits, a page at a time.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.phone_number_requests import PhoneNumberQuery
from assistants_api.storage import phone_numbers


@endpoint("phone_numbers:read", query=PhoneNumberQuery)
def handler(call: Call[None, None, PhoneNumberQuery]) -> Response:
    after = call.query.after(call.cursor_secret)
    found, next_key = phone_numbers.page(call.table, call.account_id, call.query.limit, after)
    return ok(numbers=found, **call.query.envelope(found, next_key, call.cursor_secret))
