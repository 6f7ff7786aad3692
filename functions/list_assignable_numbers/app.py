"""GET /api/assistants/{assistantId}/telephony/phone-numbers: list the numbers that an assistant could have

Lists the active phone numbers that are free or the assistant's own, in the order of their digits, a page at a time.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.assistant import Assistant
from assistants_api.models.phone_number import PhoneNumberQuery
from assistants_api.storage import assistants, phone_numbers


@endpoint("phone_numbers:read", query=PhoneNumberQuery, loads=assistants.in_path)
def handler(call: Call[Assistant, None, PhoneNumberQuery]) -> Response:
    after = call.query.after(call.cursor_secret)
    found, next_key = phone_numbers.page_for_assistant(call.table, call.resource, call.query.limit, after)
    return ok(numbers=found, **call.query.envelope(found, next_key, call.cursor_secret))
