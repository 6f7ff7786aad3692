"""GET /api/assistants/{assistantId}/telephony/phone-numbers: list the numbers that an assistant could have

The active numbers that are free or the assistant's own, in the order of their digits, a page at a time.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok, the_assistant
from assistants_api.models.phone_number import PhoneNumberPage
from assistants_api.storage import assistants, phone_numbers


@endpoint("phone_numbers:read", PhoneNumberPage, reads=the_assistant)
def handler(call: Call[PhoneNumberPage]) -> Response:
    page, holder = call.sent, assistants.get(call.found, call.account_id, call.path["assistantId"])
    after = page.after(call.signature)
    numbers, behind = phone_numbers.page_for_assistant(call.table, call.account_id, holder.id, page.limit, after)
    return ok(numbers=numbers, **page.envelope(numbers, behind, call.signature))
