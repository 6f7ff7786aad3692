"""GET /api/telephony-connections/{connectionId}: get a telephony connection

Retrieves a telephony connection without its secrets: `credentials` names those that are stored.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.telephony_connection import TelephonyConnection
from assistants_api.storage import telephony_connections


@endpoint("telephony:read", loads=telephony_connections.in_path)
def handler(call: Call[TelephonyConnection]) -> Response:
    return ok(call.resource.etag, telephony_connection=call.resource)
