from functools import partial

import pytest
from botocore.retries.quota import RetryQuota

from assistants_api.storage import client, table


@pytest.fixture
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is tried again a hundred times, or for six seconds, what goes on failing. To be named before the table."""
    monkeypatch.setattr(client, "BACKOFF_BASE", 0)
    monkeypatch.setattr(table, "RetryQuota", partial(RetryQuota, initial_capacity=10 * client.RETRY_COST))
    monkeypatch.setattr(table, "REQUEST_SECONDS", 2)
