"""How many calls to DynamoDB each endpoint makes, and which. The counting of requests runs beside them."""

import pytest

from tests.catalogue import QUERY, READ, TRANSACT, WITH_BODY, WITH_SCOPE, Function
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.harness import Account, Reply, new_key, new_key_without

NUMBER = "pn_14155550101"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_call_that_succeeds_makes_just_its_round_trips(
    account: Account, calls: list[str], scenario: Scenario
) -> None:
    attempt = scenario.prepare(account)
    calls.clear()
    assert attempt.act().status == 200
    assert tuple(calls) == scenario.round_trips


@pytest.mark.parametrize("endpoint", WITH_SCOPE)
def test_a_missing_scope_is_refused_after_one_round_trip(
    account: Account, calls: list[str], endpoint: Function
) -> None:
    weak = new_key_without(endpoint.scope, account)
    calls.clear()
    assert weak.call(endpoint.name).status == 403
    assert calls == [READ]


@pytest.mark.parametrize("endpoint", WITH_BODY)
def test_a_malformed_body_is_refused_after_one_round_trip(
    account: Account, calls: list[str], endpoint: Function
) -> None:
    assert account.call(endpoint.name, raw="{").status == 400
    assert calls == [READ]


# Other cases


@pytest.fixture
def assistant(account: Account) -> str:
    return str(account.new_assistant()["id"])


def check(reply: Reply, calls: list[str], *expected: str) -> None:
    assert reply.status == 200, reply.text
    assert calls == list(expected)


def test_a_change_without_if_match_needs_two_round_trips(account: Account, assistant: str, calls: list[str]) -> None:
    check(account.update(assistant, inbound_enabled=True), calls, READ, TRANSACT)


def test_an_assignment_without_reassign_needs_two_round_trips(
    account: Account, assistant: str, calls: list[str]
) -> None:
    account.new_number()
    calls.clear()
    check(account.assign(assistant, [NUMBER]), calls, READ, TRANSACT)


def test_a_filtered_list_needs_two_round_trips(account: Account, assistant: str, calls: list[str]) -> None:
    check(account.call("list_assistants", query={"name": "x", "type": "custom"}), calls, READ, QUERY)


def test_the_deletion_of_an_assistant_without_numbers_needs_two_round_trips(
    account: Account, assistant: str, calls: list[str]
) -> None:
    check(account.call("delete_assistant", assistant), calls, READ, TRANSACT)


def test_the_import_of_a_number_that_the_account_has_needs_a_third_where_something_changes(
    account: Account, calls: list[str]
) -> None:
    account.new_number(label="Old")
    calls.clear()
    check(account.call("import_phone_number"), calls, READ, TRANSACT, TRANSACT)
    calls.clear()
    check(account.call("import_phone_number"), calls, READ, TRANSACT)


def test_the_route_of_a_number_that_no_assistant_holds_needs_one_round_trip(account: Account, calls: list[str]) -> None:
    account.new_number()
    calls.clear()
    check(account.call("route_call"), calls, READ)


def test_the_deletion_of_ones_own_key_reads_whether_another_can_manage_keys(account: Account, calls: list[str]) -> None:
    new_key(account.slug, account.id)
    calls.clear()
    check(account.call("delete_api_key", account.key_id), calls, READ, QUERY, TRANSACT)


def test_the_forced_deletion_of_ones_own_key_needs_two_round_trips(account: Account, calls: list[str]) -> None:
    check(account.force("delete_api_key", account.key_id), calls, READ, TRANSACT)
