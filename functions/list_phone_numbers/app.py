"""GET /api/phone-numbers: list phone numbers

Lists phone numbers in the order of their digits, a page at a time.
"""

from assistants_api.answers.lists import show_page
from assistants_api.endpoint import Call, Response, endpoint
from assistants_api.models.phone_number_requests import PhoneNumberQuery
from assistants_api.storage import phone_numbers


@endpoint("phone_numbers:read", query=PhoneNumberQuery)
def handler(call: Call[None, None, PhoneNumberQuery]) -> Response:
    after = call.query.after(call.cursor_secret)
    page = phone_numbers.page(call.table, call.account_id, call.query.limit, after)
    return show_page(call, "numbers", page)
