"""GET /api/assistants/{assistantId}/telephony/phone-numbers: list the numbers that an assistant could have

Lists the assistant's own phone numbers and the active ones that are free, in the order of their digits. What is listed
can be assigned, also its own numbers that are suspended. Without `limit` the first page is nearly always the only one.
"""

from assistants_api.answers.lists import show_page
from assistants_api.endpoint import Call, Response, endpoint
from assistants_api.models.assistant import Assistant
from assistants_api.models.phone_number_requests import AssignableNumberQuery
from assistants_api.storage import assistants, phone_numbers


@endpoint("phone_numbers:read", query=AssignableNumberQuery, loads=assistants.in_path)
def handler(call: Call[Assistant, None, AssignableNumberQuery]) -> Response:
    after = call.query.after(call.cursor_secret)
    page = phone_numbers.page_for_assistant(call.table, call.resource, call.query.limit, after)
    return show_page(call, "numbers", page)
