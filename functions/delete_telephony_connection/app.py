"""DELETE /api/telephony-connections/{connectionId}: delete a telephony connection

Deletes a telephony connection with its secrets. One through which phone numbers were imported is deleted with
`?force=true` only; the numbers stay, and their calls reach no assistant.
"""

from assistants_api.answers import show_message
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.parsing import Force, OptionalAccountBody
from assistants_api.models.telephony_connection import TelephonyConnection
from assistants_api.storage import connection_removal, telephony_connections
from assistants_api.storage.resources import Unreadable, to_delete


@endpoint(
    "telephony:write",
    body=OptionalAccountBody,
    query=Force,
    loads=to_delete(telephony_connections.in_path),
    answer=show_message("Telephony connection deleted successfully"),
)
def handler(call: Call[TelephonyConnection | Unreadable, OptionalAccountBody, Force]) -> None:
    connection_removal.remove(call.table, call.account_id, call.resource, call.query.force, call.precondition)
