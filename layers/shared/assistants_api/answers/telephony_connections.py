"""What endpoints answer that change a telephony connection."""

from assistants_api.answers import Answer
from assistants_api.models.telephony_connection import TelephonyConnection


def show_telephony_connection(connection: TelephonyConnection) -> Answer:
    return Answer({"telephony_connection": connection}, connection.etag)
