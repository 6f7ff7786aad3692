"""What DynamoDB answers is not trusted: what passes is tried again, and what lasts doesn't spread."""

import pytest
from botocore.awsrequest import AWSResponse

from assistants_api.storage import rate_limits
from assistants_api.storage.table import Table
from tests.catalogue import ENDPOINTS, READ, TRANSACT, UPDATE
from tests.conftest import Stored
from tests.faults import injection
from tests.faults.injection import ALWAYS, COUNTING, Fault, injected
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.harness import Account, change_key

pytestmark = pytest.mark.usefixtures("without_backoff")

PASSING = [
    # A process that was frozen signs with an old time, and a token may end between two requests.
    "ExpiredTokenException",
    "InvalidSignatureException",
    "RequestExpired",
    "UnrecognizedClientException",
    # Throttling
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    # Others write the same item.
    "ReplicatedWriteConflictException",
    "TransactionConflictException",
]
LASTING = ["AccessDeniedException", "ResourceNotFoundException", "ValidationException"]
OF_COUNTS: dict[str, Fault] = {
    "throttled": injection.refused("ThrottlingException"),
    "refused": injection.refused("AccessDeniedException"),
    "request lost": injection.lost_request(),
    "reply lost": injection.lost_reply(),
}
OVER_HTTP = [scenario for scenario in SCENARIOS if scenario.function in {endpoint.name for endpoint in ENDPOINTS}]
every_scenario = pytest.mark.parametrize("scenario", SCENARIOS)


def each_in_turn(codes: list[str]) -> Fault:
    """An operation is refused with one code after the other."""
    left: dict[str, list[str]] = {}

    def before(operation: str) -> AWSResponse | None:
        return injection.refused(left.setdefault(operation, list(codes)).pop(0)).before(operation)

    return Fault(before=before)


@every_scenario
def test_what_passes_is_not_noticed(account: Account, table: Table, scenario: Scenario) -> None:
    attempt = scenario.prepare(account)
    operations = set(scenario.round_trips)
    with injected(table.client, each_in_turn(PASSING), len(PASSING), *operations) as injected_:
        reply = attempt.act()
    assert reply.status == 200, reply.text
    for operation in operations:
        assert injected_.sent.count(operation) > len(PASSING)
    assert attempt.done()


@pytest.mark.parametrize("scenario", [it for it in SCENARIOS if TRANSACT in it.round_trips])
def test_a_transaction_that_is_cancelled_by_another_once_is_not_noticed(
    account: Account, table: Table, scenario: Scenario
) -> None:
    attempt = scenario.prepare(account)
    with injected(table.client, injection.cancelled("None", "TransactionConflict"), 1, TRANSACT) as injected_:
        assert attempt.act().status == 200
    assert len(injected_.sent) > 1
    assert attempt.done()


@pytest.mark.parametrize("scenario", OVER_HTTP)
def test_what_will_not_pass_is_a_500_that_was_tried_once(
    account: Account, table: Table, stored: Stored, scenario: Scenario
) -> None:
    attempt = scenario.prepare(account)
    before = stored.items()
    for code in LASTING:
        with injected(table.client, injection.refused(code), ALWAYS, READ) as injected_:
            assert attempt.act().status == 500
        assert injected_.sent == [READ]
    assert stored.items() == before


def test_when_all_is_throttled_200_requests_make_at_most_300_calls(account: Account, table: Table) -> None:
    with injected(table.client, injection.refused("ThrottlingException"), ALWAYS) as injected_:
        assert {account.call("get_template", "custom").status for _ in range(200)} == {503}
    assert 200 <= len(injected_.sent) <= 300
    assert account.call("get_template", "custom").status == 200  # the process recovers with the database


def of_writes(fault: Fault) -> Fault:
    """Reading what was counted is no count: it is for an answer that tells of it."""
    return Fault(
        before=lambda operation: fault.before(operation) if operation == UPDATE else None,
        after=lambda operation, reply: fault.after(operation, reply) if operation == UPDATE else None,
    )


@pytest.mark.parametrize("fault", OF_COUNTS.values(), ids=OF_COUNTS)
@pytest.mark.parametrize("scenario", OVER_HTTP)
def test_a_count_that_fails_fails_no_request(account: Account, table: Table, scenario: Scenario, fault: Fault) -> None:
    if scenario.function not in ("rotate_api_key", "update_api_key"):  # whose caller has to allow as much as the other
        change_key(table, account, rate_limit_per_hour=1000)
    attempt = scenario.prepare(account)
    rate_limits._leases.cache_clear()  # as in a process that has not counted yet
    with injected(table.client, of_writes(fault), ALWAYS, COUNTING) as injected_:
        reply = attempt.act()
    assert reply.status == 200, reply.text
    assert injected_.sent
    assert attempt.done()
