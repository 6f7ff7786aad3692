"""DELETE /api/telephony-connections/{connectionId}: delete a telephony connection

Deletes a telephony connection with its secrets.
"""

from assistants_api.answers import show_message
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.parsing import OptionalAccountBody
from assistants_api.models.telephony_connection import TelephonyConnection
from assistants_api.storage import telephony_connections


@endpoint(
    "telephony:write",
    body=OptionalAccountBody,
    loads=telephony_connections.in_path,
    answer=show_message("Telephony connection deleted successfully"),
)
def handler(call: Call[TelephonyConnection, OptionalAccountBody]) -> None:
    telephony_connections.remove(call.table, call.account_id, call.resource, call.precondition)
