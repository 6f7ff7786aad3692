"""Makes events of records of the table's stream: what happened to assistants, phone numbers and API keys.

No HTTP route leads here: a pipe passes records on, and what is returned to an event bus.
"""

from typing import Any

from assistants_api import cold_start
from assistants_api.events import StreamRecord, describe


def handler(records: list[StreamRecord], context: object) -> list[dict[str, Any]]:
    return [event.to_public() for record in records for event in describe(record)]


cold_start.end()
