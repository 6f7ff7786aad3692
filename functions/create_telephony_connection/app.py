"""POST /api/telephony-connections: create a telephony connection

Creates a connection to a carrier or a media server: what it authenticates with, where the media of calls goes, and
what happens to a call that nobody answers, which is a busy signal unless the request says otherwise.

Each provider has its own fields: `twilio` takes `accountSid` and `authToken`, `telnyx` takes `apiKey` and `publicKey`,
`livekit` takes `url`, `apiKey`, `apiSecret` and maybe `agentName`, `sip` takes nothing, or `username` and `password`.
Secrets are stored encrypted; no answer shows them, only in `credentials` which there are.
"""

from assistants_api.answers.telephony_connections import show_telephony_connection
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.telephony_connection import TelephonyConnection
from assistants_api.models.telephony_connection_requests import NewTelephonyConnection
from assistants_api.storage import accounts, telephony_connections


@endpoint("telephony:write", body=NewTelephonyConnection, answer=show_telephony_connection)
def handler(call: Call[None, NewTelephonyConnection]) -> TelephonyConnection:
    accounts.check_room(call.account, "telephony_connections")
    connection = telephony_connections.create(call.table, call.account_id, call.body)
    call.log["created"] = connection.id
    return connection
