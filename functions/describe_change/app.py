"""Makes events of records of the table's stream: what happened to assistants, phone numbers and API keys.

No HTTP route leads here: a pipe passes records on, and what is returned to an event bus.
"""

from typing import Any

from assistants_api import cold_start
from assistants_api.errors import ItemUnreadable
from assistants_api.events import StreamRecord, describe
from assistants_api.http import logger
from assistants_api.models.event import Event
from assistants_api.storage.keys import ACCOUNT


def handler(records: list[StreamRecord], context: object) -> list[dict[str, Any]]:
    return [event.to_public() for record in records for event in readable(record)]


def readable(record: StreamRecord) -> list[Event]:
    """None of an item that can't be read: the pipe would try the whole batch again, and all behind it would wait."""
    try:
        return describe(record)
    except ItemUnreadable as fault:
        account_id = record["dynamodb"]["Keys"]["PK"]["S"].removeprefix(ACCOUNT)
        logger.warning(fault.code, account_id=account_id, unreadable=[fault.to_log()])
        return []


cold_start.end()
