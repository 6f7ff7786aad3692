"""Whatever goes wrong between an endpoint and DynamoDB, the caller learns what is true or gets a 503 to try again.

What passes after one attempt nobody notices. What lasts is a 503. In both cases what was asked for has happened as a
whole or not at all, and once.
"""

import pytest

from assistants_api.storage.table import Table
from local.proofs.audit import scan, violations
from tests.catalogue import READ, TRANSACT, WITH_TABLE
from tests.conftest import Stored
from tests.faults import injection
from tests.faults.injection import ALWAYS, Fault, injected
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.harness import Account

pytestmark = pytest.mark.usefixtures("without_waiting")

PAGE = "<html><body>Please sign in to the network</body></html>"

Faults = dict[str, Fault]

ESSENTIAL: Faults = {
    "the reply is lost": injection.lost_reply(),
    "throttled": injection.refused("ThrottlingException"),
}
ANYWHERE: Faults = ESSENTIAL | {
    "the request is lost": injection.lost_request(),
    "somebody else answers": injection.answered(200, PAGE),
    "over the table's throughput": injection.refused("ProvisionedThroughputExceededException"),
    "over the account's throughput": injection.refused("RequestLimitExceeded"),
    "an internal error": injection.refused("InternalServerError", 500),
    "a bad gateway": injection.answered(502, PAGE),
    "somebody else refuses": injection.answered(403, PAGE),
    "the reply is cut": injection.garbled_reply(lambda body: body[:-1]),
    "the reply is empty": injection.garbled_reply(lambda body: b""),
    "the reply is another": injection.garbled_reply(lambda body: b"{}" if body != b"{}" else b"[]"),
}
READING: Faults = {"nothing is processed": injection.unprocessed(0)}
WRITING: Faults = {"a transaction is under way": injection.refused("TransactionConflictException")}
TRANSACTING: Faults = {
    "conflict": injection.cancelled("None", "TransactionConflict"),
    "throttling": injection.cancelled("ThrottlingError"),
    "throughput": injection.cancelled("None", "ProvisionedThroughputExceeded"),
    "validation": injection.cancelled("ValidationError"),
    "size of a collection": injection.cancelled("None", "ItemCollectionSizeLimitExceeded"),
    "two reasons": injection.cancelled("ThrottlingError", "TransactionConflict"),
    "the same transaction is under way": injection.refused("TransactionInProgressException"),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every scenario with every fault on the real engine, and with the essential ones on moto."""
    if "fault" not in metafunc.fixturenames:
        return
    cases = []
    for scenario in SCENARIOS:
        befalls: list[tuple[Faults, str | None]] = [(ESSENTIAL, scenario.write)]
        if metafunc.config.getoption("engine") == "dynamodb-local":
            befalls = [(ANYWHERE, scenario.write)]
            if READ in scenario.round_trips:
                befalls.append((READING, READ))
            if scenario.write:
                befalls.append((WRITING, scenario.write))
            if scenario.write == TRANSACT:
                befalls.append((TRANSACTING, TRANSACT))
        for faults, operation in befalls:
            for name, fault in faults.items():
                case = (scenario, fault, operation)[: 3 if "operation" in metafunc.fixturenames else 2]
                cases.append(pytest.param(*case, id=f"{scenario.name}: {name}"))
    wanted = [name for name in ("scenario", "fault", "operation") if name in metafunc.fixturenames]
    metafunc.parametrize(wanted, cases)


def test_every_function_and_action_that_uses_the_table_has_a_scenario() -> None:
    assert {scenario.function for scenario in SCENARIOS} == {sample.name for sample in WITH_TABLE}


def test_a_fault_that_passes_is_not_noticed(
    account: Account, table: Table, stored: Stored, scenario: Scenario, fault: Fault
) -> None:
    """It befalls the first request of every operation."""
    attempt = scenario.prepare(account)
    before = stored.items()
    with injected(table.client, fault, 1) as injection:
        reply = attempt.act()
    assert reply.status == 200, reply.text
    assert len(injection.sent) > len(set(injection.sent))
    assert list(violations(scan(table.client, table.name))) == []
    assert attempt.done()
    assert (stored.items() != before) is bool(scenario.write)


def test_a_fault_that_lasts_is_a_503_and_nothing_is_half_done(
    account: Account, table: Table, stored: Stored, scenario: Scenario, fault: Fault, operation: str | None
) -> None:
    """It befalls the operation, or without one all of them."""
    attempt = scenario.prepare(account)
    before = stored.items()
    with injected(table.client, fault, ALWAYS, *([operation] if operation else [])):
        reply = attempt.act()
    assert reply.status == 503, reply.text
    assert reply.headers["retry-after"] == "1"
    assert list(violations(scan(table.client, table.name))) == []
    after = stored.items()
    assert (after != before) is bool(scenario.write and attempt.done())
