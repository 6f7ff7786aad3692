"""The database fails before, in or after a change under an `Idempotency-Key`: a retry under it does the change once."""

import pytest

from assistants_api.storage.table import Table
from local.proofs.audit import scan, violations
from tests.catalogue import ENDPOINTS
from tests.faults import injection
from tests.faults.injection import ALWAYS, Fault, injected
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.harness import Account, load_app, sent_with_all_calls

pytestmark = pytest.mark.usefixtures("without_waiting")

FAULTS = {
    "before: throttled": injection.refused("ThrottlingException"),
    "before: lost": injection.lost_request(),
    "after: the reply is lost": injection.lost_reply(),
    "after: the reply is cut": injection.garbled_reply(lambda body: body[:-1]),
}
NAMES = {endpoint.name for endpoint in ENDPOINTS}
CHANGING = [
    pytest.param(scenario, id=scenario.name)
    for scenario in SCENARIOS
    if scenario.function in NAMES and load_app(scenario.function).handler.changes and scenario.write
]


@pytest.mark.parametrize("fault", [pytest.param(fault, id=name) for name, fault in FAULTS.items()])
@pytest.mark.parametrize("scenario", CHANGING)
def test_a_retry_does_it_once_and_every_other_tells_of_it(
    account: Account, table: Table, scenario: Scenario, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = scenario.prepare(account)
    monkeypatch.setitem(sent_with_all_calls, "idempotency-key", "a")
    with injected(table.client, fault, ALWAYS, "TransactWriteItems"):
        assert attempt.act().status == 503
    first, second = attempt.act(), attempt.act()
    assert (first.status, second.status) == (200, 200), first.text
    assert second.json == first.json
    assert second.headers["idempotent-replayed"] == "true"
    assert attempt.done()
    assert list(violations(scan(table.client, table.name))) == []
