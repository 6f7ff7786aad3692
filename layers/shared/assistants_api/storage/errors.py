"""Why a call to DynamoDB did not do what it should, as far as the storage itself decides what follows."""

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from assistants_api.storage.values import Item, ItemsByKey


class ConditionFailed(Exception):
    """The write did not happen; `item` is what is stored, None where nothing is."""

    def __init__(self, item: Item | None) -> None:
        self.item = item


class Cancelled(Exception):
    """A condition cancelled the transaction; `reasons` has one for each action."""

    def __init__(self, reasons: Sequence[Mapping[str, Any]]) -> None:
        self.reasons = reasons


class TransactionFailed(Exception):
    """Nothing was written; per action that failed its condition, what is stored there."""

    def __init__(self, items: ItemsByKey) -> None:
        self.items = items


class RefusedByDynamoDB(Exception):
    """A failure that stays, such as a missing permission. It tells the code only: a message may hold what is stored."""

    def __init__(self, refusal: ClientError) -> None:
        super().__init__(refusal.response["Error"]["Code"])
