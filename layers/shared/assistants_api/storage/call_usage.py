"""Counts of calls in the table: an item for each day of an assistant that had some, and one for all of its time.

So a year is one query. The day is that of the call's start, in UTC.
"""

from collections.abc import Iterator
from datetime import datetime

from assistants_api.models.assistant import Assistant
from assistants_api.models.call import Call
from assistants_api.models.call_usage import CallCount
from assistants_api.storage import keys
from assistants_api.storage.actions import Update
from assistants_api.storage.readers import reader
from assistants_api.storage.table import Table
from assistants_api.storage.values import Item

TOTAL = "TOTAL"
DAYS = 366  # that the counts of a day are kept
MAX_ITEMS = 1_000


def count(account_id: str, call: Call, seconds: int) -> Iterator[Update]:
    """The actions that count a call of an assistant, in the transaction that ends it."""
    if call.assistant_id is None:
        return
    added = {"calls": 1, "with_duration": int(seconds > 0), "seconds": seconds}
    day = datetime.fromisoformat(call.started_at).date()
    partition, prefix = keys.partition(account_id), keys.call_days(call.assistant_id)
    yield Update((partition, f"{prefix}{day}"), set={"ttl": call.started + DAYS * 24 * 3600}, add=added)
    yield Update((partition, f"{prefix}{TOTAL}"), add=added)


def read(table: Table, assistant: Assistant) -> tuple[CallCount, dict[str, CallCount]]:
    """Of all time, and by day, such as `2024-01-15`."""
    prefix = keys.call_days(assistant.id)
    items, _ = table.query(keys.partition(assistant.account_id), prefix, MAX_ITEMS)
    counts = {item["SK"].removeprefix(prefix): from_item(item) for item in items}
    return counts.pop(TOTAL, CallCount()), counts


@reader
def from_item(item: Item) -> CallCount:
    return CallCount(int(item["calls"]), int(item["with_duration"]), int(item["seconds"]))
