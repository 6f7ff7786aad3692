"""GET /api/telephony-connections: list telephony connections

Lists all telephony connections of the account, oldest first, a page at a time and never with a secret.
"""

from assistants_api.answers.lists import show_page
from assistants_api.endpoint import Call, Response, endpoint
from assistants_api.models.pagination import Pagination
from assistants_api.storage import telephony_connections


@endpoint("telephony:read", query=Pagination)
def handler(call: Call[None, None, Pagination]) -> Response:
    after = call.query.after(call.cursor_secret)
    page = telephony_connections.page(call.table, call.account_id, call.query.limit, after)
    return show_page(call, "telephony_connections", page)
