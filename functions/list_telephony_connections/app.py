"""GET /api/telephony-connections: list telephony connections

Lists all telephony connections of the account, oldest first, a page at a time and never with a secret.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.pagination import Pagination
from assistants_api.storage import telephony_connections


@endpoint("telephony:read", query=Pagination)
def handler(call: Call[None, None, Pagination]) -> Response:
    after = call.query.after(call.cursor_secret)
    found, next_key = telephony_connections.page(call.table, call.account_id, call.query.limit, after)
    return ok(telephony_connections=found, **call.query.envelope(found, next_key, call.cursor_secret))
