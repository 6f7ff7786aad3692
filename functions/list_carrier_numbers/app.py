"""GET /api/telephony-connections/{connectionId}/numbers: list a carrier's phone numbers

Lists the phone numbers that the connection's account has at its carrier, in the carrier's order, a page at a time:
which are imported here, and which of them send their calls here.
"""

from assistants_api import connected_numbers
from assistants_api.answers.lists import show_page
from assistants_api.endpoint import Call, Response, endpoint
from assistants_api.models.carrier_number import CarrierNumberQuery
from assistants_api.storage import telephony_connections
from assistants_api.storage.telephony_connections import SealedConnection


@endpoint("telephony:read", query=CarrierNumberQuery, loads=telephony_connections.sealed_in_path)
def handler(call: Call[SealedConnection, None, CarrierNumberQuery]) -> Response:
    limit, after = call.query.limit, call.query.after(call.cursor_secret)
    page = connected_numbers.page(call.table, call.account_id, call.resource, limit, after, call.base_url)
    return show_page(call, "numbers", page)
