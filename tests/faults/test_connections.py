"""Connections that break or hang underneath botocore, on the real engine."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from botocore.config import Config

from assistants_api.storage.client import CONFIG
from assistants_api.storage.table import Table, from_env
from local.proofs.audit import scan, violations
from tests.conftest import Stored
from tests.engines import patched_environment
from tests.faults import proxy
from tests.faults.injection import injected, unprocessed
from tests.faults.proxy import PASS, Plan, Proxy
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.harness import Account, Reply

MAX_SECONDS = 10
COUNT = b"USAGE#"  # in what counts a request, and in nothing else that these scenarios send

Through = Callable[[Plan], Proxy]

every_scenario = pytest.mark.parametrize("scenario", SCENARIOS)


@pytest.fixture
def through(real_engine: str, table: Table) -> Iterator[Through]:
    """Puts a proxy with that plan between the functions and the engine; `table` itself goes past it."""
    with ExitStack() as used:

        def put(plan: Plan) -> Proxy:
            between = used.enter_context(Proxy(real_engine, plan))
            used.enter_context(patched_environment(AWS_ENDPOINT_URL_DYNAMODB=between.endpoint))
            used.callback(lambda: from_env().client.close())
            return between

        yield put


@pytest.fixture
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second for a reply instead of two, so that a test of what hangs takes less."""
    monkeypatch.setattr("assistants_api.storage.client.CONFIG", CONFIG.merge(Config(read_timeout=0.5)))


def once_each(fate: str) -> Plan:
    """What befalls the first request of each operation; the count of a request is one of its own."""
    struck = set[bytes]()

    def plan(request: bytes) -> str:
        operation = request.partition(b"DynamoDB_20120810.")[2].partition(b"\r\n")[0] + request.partition(COUNT)[1]
        if operation in struck:
            return PASS
        struck.add(operation)
        return fate

    return plan


def timed(act: Callable[[], Reply]) -> Reply:
    begin = time.monotonic()
    reply = act()
    assert time.monotonic() - begin < MAX_SECONDS
    return reply


def unavailable(reply: Reply) -> bool:
    return (reply.status, reply.headers.get("retry-after")) == (503, "1")


@every_scenario
@pytest.mark.parametrize("fate", [proxy.LOSE_REQUEST, proxy.LOSE_REPLY, proxy.CUT_REPLY, proxy.GARBAGE, proxy.HANG])
@pytest.mark.usefixtures("little_patience")
def test_a_connection_that_breaks_or_hangs_once_is_not_noticed(
    account: Account, table: Table, stored: Stored, through: Through, scenario: Scenario, fate: str
) -> None:
    attempt = scenario.prepare(account)
    before = stored.items()
    between = through(once_each(fate))
    reply = timed(attempt.act)
    assert reply.status == 200, reply.text
    assert len(between.seen) >= 2
    assert list(violations(scan(table.client, table.name))) == []
    assert attempt.done()
    assert (stored.items() != before) is bool(scenario.write)


@every_scenario
def test_a_refused_connection_is_a_503_and_nothing_happens(
    account: Account, stored: Stored, through: Through, scenario: Scenario
) -> None:
    attempt = scenario.prepare(account)
    before = stored.items()
    through(lambda request: PASS).server_close()
    assert unavailable(timed(attempt.act))
    assert stored.items() == before


@pytest.mark.parametrize("function", ["get_assistant", "update_assistant", "assign_phone_numbers", "create_assistant"])
def test_a_database_that_hangs_is_a_503_in_time(
    account: Account, stored: Stored, through: Through, function: str
) -> None:
    attempt = next(each for each in SCENARIOS if each.name == function).prepare(account)
    before = stored.items()
    through(lambda request: proxy.HANG)
    assert unavailable(timed(attempt.act))
    assert stored.items() == before


@pytest.mark.parametrize("function", ["update_assistant", "assign_phone_numbers", "create_assistant", "rotate_api_key"])
def test_writes_that_are_done_and_never_answered_are_a_503_in_time_and_done_once(
    account: Account, table: Table, through: Through, function: str
) -> None:
    scenario = next(each for each in SCENARIOS if each.name == function)
    attempt = scenario.prepare(account)
    write = f"DynamoDB_20120810.{scenario.write}\r\n".encode()
    between = through(lambda request: proxy.HANG_AFTER if write in request and COUNT not in request else PASS)
    assert unavailable(timed(attempt.act))
    assert between.seen.count(str(scenario.write)) >= 3
    between.plan = lambda request: PASS
    assert attempt.done()
    assert list(violations(scan(table.client, table.name))) == []


def test_a_slow_first_trip_and_a_second_that_hangs_stay_within_the_time_together(
    account: Account, through: Through
) -> None:
    attempt = next(each for each in SCENARIOS if each.name == "update_assistant").prepare(account)
    fates = iter([proxy.HANG, proxy.HANG, proxy.SLOW])

    def plan(request: bytes) -> str:
        if COUNT in request:
            return PASS
        return next(fates, proxy.HANG) if b"BatchGetItem" in request else proxy.HANG

    between = through(plan)
    assert unavailable(timed(attempt.act))
    between.plan = lambda request: PASS
    assert not attempt.done()


def test_keys_that_are_never_processed_by_a_slow_database_are_a_503_in_time(account: Account, through: Through) -> None:
    """Every attempt succeeds as such, after 1.5 seconds."""
    attempt = next(each for each in SCENARIOS if each.name == "get_assistant").prepare(account)
    between = through(lambda request: proxy.SLOW)
    with injected(from_env().client, unprocessed(0)):
        assert unavailable(timed(attempt.act))
    assert between.seen.count("BatchGetItem") in (4, 5)


# The start of a function


def test_what_is_connected_at_the_start_serves_the_first_request(account: Account, through: Through) -> None:
    attempt = next(each for each in SCENARIOS if each.name == "update_assistant").prepare(account)
    between = through(lambda request: proxy.SLOW)  # so that the two don't follow each other on one connection
    from_env().warm_up()
    assert (sorted(between.seen), between.opened) == (["BatchGetItem", "UpdateItem"], 2)
    between.plan = lambda request: PASS
    assert attempt.act().status == 200
    assert between.opened == 2


@pytest.mark.parametrize("fate", [proxy.LOSE_REQUEST, proxy.GARBAGE, proxy.HANG])
def test_a_database_that_does_not_answer_at_the_start_is_no_hindrance(
    account: Account, through: Through, fate: str
) -> None:
    attempt = next(each for each in SCENARIOS if each.name == "get_assistant").prepare(account)
    between = through(lambda request: fate)
    begin = time.monotonic()
    from_env().warm_up()
    assert time.monotonic() - begin < 5  # Lambda gives an initialisation 10 seconds
    between.plan = lambda request: PASS
    assert attempt.act().status == 200


def test_a_refusal_at_the_start_is_no_hindrance(through: Through) -> None:
    through(lambda request: PASS)
    with patched_environment(TABLE_NAME="missing"):
        from_env().warm_up()
