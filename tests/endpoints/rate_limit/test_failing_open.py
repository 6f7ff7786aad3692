from collections.abc import Callable
from threading import Event

import pytest

from assistants_api.storage.table import Table
from tests.endpoints.rate_limit.conftest import without_headers
from tests.faults import injection
from tests.faults.injection import COUNTING, injected
from tests.harness import Account, new_key


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (injection.refused("ProvisionedThroughputExceededException"), "ProvisionedThroughputExceededException"),
        (injection.refused("AccessDeniedException"), "AccessDeniedException"),
        (injection.lost_request(), "EndpointConnectionError"),
        (injection.lost_reply(), "ReadTimeoutError"),
    ],
)
@pytest.mark.parametrize("function", ["get_assistant", "route_call", "create_assistant", "test_api_key"])
@pytest.mark.parametrize("limit", [5, None])
def test_a_count_that_fails_refuses_nothing_and_is_logged(
    account: Account,
    table: Table,
    output: Callable[[], str],
    function: str,
    fault: injection.Fault,
    reason: str,
    limit: int | None,
) -> None:
    account.new_number()
    key = new_key(account.slug, account.id, rate_limit_per_hour=limit)
    path = [account.new_assistant()["id"]] if function == "get_assistant" else []
    with injected(table.client, fault, injection.ALWAYS, COUNTING):
        reply = key.call(function, *path)
    assert reply.status == 200
    assert without_headers(reply.headers)
    assert f'"not_counted":"{reason}"' in output()
    assert key.call(function, *path).status == 200


def test_a_count_that_hangs_holds_up_no_request(
    limited: Account, table: Table, monkeypatch: pytest.MonkeyPatch, updates: list[str]
) -> None:
    monkeypatch.setattr("assistants_api.storage.table.COUNT_SECONDS", 0.05)
    released = Event()

    def hang(**_: object) -> None:
        released.wait(30)

    table.client.meta.events.register_first("before-send.dynamodb.UpdateItem", hang)
    try:
        assert limited.call("list_templates").status == 200
        updates.clear()
        assert [limited.call("list_templates").status for _ in range(10)] == [200] * 10
        assert updates == []
        assert not released.is_set()
    finally:
        released.set()
