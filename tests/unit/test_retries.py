"""What passes is tried again, but not so often that it makes throttling worse."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.retries.quota import RetryQuota

from assistants_api.errors import Unavailable
from assistants_api.storage import client

pytestmark = pytest.mark.usefixtures("without_backoff")

DONE = {"done": "yes"}


class Operation:
    """A call to DynamoDB that is refused as often as said."""

    __name__ = "get_item"

    def __init__(self, refusals: int, code: str = "ThrottlingException") -> None:
        self._refusals, self._code, self.calls = refusals, code, 0

    def __call__(self) -> dict[str, str]:
        self.calls += 1
        if self.calls > self._refusals:
            return DONE
        reply: Any = {"Error": {"Code": self._code}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        raise ClientError(reply, "GetItem")


def attempt(operation: Operation, budget: RetryQuota) -> dict[str, str]:
    return client.call(operation, {}, float("inf"), budget)


def test_when_everything_is_throttled_a_process_makes_at_most_three_calls_for_two() -> None:
    operation, budget = Operation(refusals=10_000), RetryQuota()
    for _ in range(500):
        with pytest.raises(Unavailable):
            attempt(operation, budget)
    assert 500 < operation.calls <= 750


def test_a_success_gives_back_what_its_last_retry_took() -> None:
    budget = RetryQuota(initial_capacity=client.RETRY_COST)
    for _ in range(3):
        assert attempt(Operation(refusals=1), budget) == DONE
    with pytest.raises(Unavailable):
        attempt(Operation(refusals=2), budget)


def test_conflicts_of_transactions_cost_nothing() -> None:
    budget = RetryQuota(initial_capacity=0)
    assert attempt(Operation(50, "TransactionConflictException"), budget) == DONE
    with pytest.raises(Unavailable):
        attempt(Operation(1, "ThrottlingException"), budget)
