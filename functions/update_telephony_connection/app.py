"""PATCH /api/telephony-connections/{connectionId}: update a telephony connection

Changes the fields sent. Null removes what is optional. The provider stays.

The secrets of a connection are replaced together, and they are for the account, server or user name that they came
with: another `accountSid`, `url` or `username` needs them again. So do other `media` with a user name.
"""

from assistants_api.answers.telephony_connections import show_telephony_connection
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.telephony_connection import TelephonyConnection
from assistants_api.models.telephony_connection_requests import TelephonyConnectionChanges
from assistants_api.storage import telephony_connections


@endpoint(
    "telephony:write",
    body=TelephonyConnectionChanges,
    loads=telephony_connections.in_path,
    answer=show_telephony_connection,
)
def handler(call: Call[TelephonyConnection, TelephonyConnectionChanges]) -> TelephonyConnection:
    return telephony_connections.change(call.table, call.account_id, call.resource, call.body, call.precondition)
