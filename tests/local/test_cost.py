"""What requests and months cost, and whether the measured units are still those of the functions."""

import json
from typing import Any

import pytest

from local.cost import tables
from local.cost.months import month, users
from local.cost.prices import Price, cost, cost_beyond_free, prices
from local.cost.requests import billed, billed_ms
from local.cost.units import FILE, SIZES, Units, counting_writes, stored_bytes, units
from local.documents import DOCUMENTS, PLACE, TABLES, rendered
from local.stack.template import Template, document
from tests.conftest import Stored
from tests.cost.consumption import consumption, item_size
from tests.cost.requests import NAMES, ROUND_TRIPS, WITH_KEY, Author, prepare, prompt
from tests.harness import ROOT, Account

UNITS = Units(2, 4, round_trips=2, has_key=True, processor_ms=1, log_bytes=500, answer_bytes=1000)


@pytest.mark.usefixtures("real_engine")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", NAMES)
def test_the_recorded_units_are_those_of_a_request_now(account: Account, table: Any, name: str, size: int) -> None:
    author = Author(account.slug, account.id, account.token, account.key_id, prompt(size))
    act = prepare(name, author)
    with consumption(table) as consumed:
        act()
    recorded = units()[name][size]
    assert (consumed.read_units, consumed.write_units) == (recorded.read_units, recorded.write_units), MEASURE
    assert (recorded.round_trips, recorded.has_key) == (ROUND_TRIPS[name], name in WITH_KEY), MEASURE


MEASURE = "Run `make measure-cost`."
WATCHED = 25  # metrics, by the ten alarms: docs/operations.md


@pytest.mark.usefixtures("real_engine")
def test_what_a_write_takes_by_the_rules_is_what_the_engine_tells_where_it_tells_it(
    account: Account, table: Any, stored: Stored
) -> None:
    account.new_assistant(system_prompt=prompt(10))
    for item in stored.items():
        answer = table.client.put_item(TableName=table.name, Item=item, ReturnConsumedCapacity="TOTAL")
        assert answer["ConsumedCapacity"]["CapacityUnits"] == -(-item_size(item) // 1024), item["SK"]


def test_every_endpoint_and_every_size_is_measured() -> None:
    """The catalogue has every function: tests/unit/test_catalogue.py."""
    assert [*units()] == NAMES
    assert all([*by_size] == [*SIZES] for by_size in units().values())
    assert json.loads(FILE.read_text()).keys() == {"endpoints", "counting_writes_per_request", "stored_bytes"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_tables_of_a_document_are_what_the_programs_print(name: str) -> None:
    text = (ROOT / name).read_text()
    assert text == rendered(text), "Run `make documents`."


def test_every_table_is_in_a_document() -> None:
    placed = {name for document in DOCUMENTS for name in PLACE.findall((ROOT / document).read_text())}
    assert placed == TABLES.keys()


def test_every_price_has_its_source_at_aws_and_is_used() -> None:
    assert all(price.source.startswith("https://aws.amazon.com/") for price in prices().values())
    used = {item for user in users() for item in month(user, 2)}
    assert used == prices().keys()


# The arithmetic


def test_a_price_is_for_so_many_and_the_free_ones_cost_nothing() -> None:
    price = Price(what="x", usd=0.2, per=1_000_000, source="", free=1_000_000)
    assert price.cost(3_000_000) == pytest.approx(0.6)
    assert price.cost_beyond_free(3_000_000) == pytest.approx(0.4)
    assert price.cost_beyond_free(10) == 0


def test_a_request_is_billed_its_processor_time_by_its_share_of_a_processor_and_its_waiting() -> None:
    assert billed_ms(UNITS, memory=1769) == 11  # 1 and 2 x 5
    assert billed_ms(UNITS, memory=884) == 13
    assert billed_ms(UNITS, memory=10_000) == 11


def test_a_million_requests_cost_what_a_hand_computes() -> None:
    quantities = billed(UNITS, has_limit=False)
    expected = {"api_requests": 1.0, "lambda_requests": 0.2, "read_units": 0.25, "write_units": 2.5}
    for item, usd in expected.items():
        assert 1_000_000 * prices()[item].cost(quantities[item]) == pytest.approx(usd)
    memory = Template().functions["GetAssistant"].memory / 1024
    assert quantities["lambda_gb_seconds"] == pytest.approx(billed_ms(UNITS, int(memory * 1024)) / 1000 * memory)
    assert cost(quantities) > sum(expected.values()) / 1_000_000


def test_a_limit_costs_the_writes_that_count() -> None:
    with_limit, without = (billed(UNITS, has_limit=it) for it in (True, False))
    assert with_limit["write_units"] - without["write_units"] == pytest.approx(counting_writes())
    assert {item for item in without if with_limit[item] != without[item]} == {"write_units"}
    assert 0 < counting_writes() < 0.2
    public = units()["check_health"][2]
    assert billed(public, has_limit=True) == billed(public, has_limit=False)


def test_a_large_answer_is_several_requests_of_the_api() -> None:
    large = Units(**{**vars(UNITS), "answer_bytes": 512 * 1024 + 1})
    assert billed(large, has_limit=False)["api_requests"] == 2


@pytest.mark.parametrize("size", SIZES)
def test_a_month_has_its_requests_what_is_stored_and_what_stands(size: int) -> None:
    resources = document()["Resources"]
    kinds = [it["Type"] for it in resources.values()]
    for user in users():
        found = month(user, size)
        assert found["lambda_requests"] == sum(user.requests.values()) + 3 * user.calls
        assert found["stored_gb"] * 1024**3 == pytest.approx(
            user.assistants * stored_bytes("assistant", size)
            + user.versions * stored_bytes("version", size)
            + user.calls * 90 / (730 / 24) * stored_bytes("call", size)
        )
        assert found["kms_keys"] == kinds.count("AWS::KMS::Key")
        assert found["secrets"] == kinds.count("AWS::SecretsManager::Secret")
        assert found["alarms"] == WATCHED > kinds.count("AWS::CloudWatch::Alarm")
        assert cost_beyond_free(found) < cost(found)


def test_the_requests_of_users_are_of_endpoints_that_were_measured() -> None:
    assert {name for user in users() for name in user.all_requests} <= units().keys()


def test_the_table_of_requests_has_a_row_for_each_endpoint() -> None:
    rows = tables.of_requests().splitlines()[2:]
    assert [row.split(" | ")[0].strip("| `") for row in rows] == [*units()]
