"""Each request is one line and few metrics; what they cost is known."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, get_args
from xml.etree import ElementTree

import pytest

from assistants_api import metrics
from assistants_api.errors import ApiError
from assistants_api.metrics import CALL_ROUTES, Use
from assistants_api.models.call import CallReason
from assistants_api.models.phone_number import RouteReason
from assistants_api.storage.table import Table
from local.stack.template import Template
from tests.faults import injection
from tests.faults.injection import ALWAYS, injected
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.harness import ROOT, Account
from tests.observability import load
from tests.observability.definitions import alarms, queries, widgets
from tests.observability.drawing import draw, lines
from tests.observability.metrics import Metrics, Series
from tests.observability.recording import recorded
from tests.webhooks import ring

STATUSES = (200, 204, 302, 400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429, 500, 503)
OPERATIONS = (
    "BatchGetItem",
    "Query",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "TransactWriteItems",
    "Encrypt",
    "Decrypt",
)
COUNTS = ("Retries", "Throttles", "Conflicts", "NotCounted", "ColdStarts")
NO_ASSISTANT = {"rate_limited", "phone_number_not_found"}  # outcomes below 500 by which a call is not routed
PRICE = 0.30  # USD a month of a metric, in us-east-1

Output = Callable[[], str]
ROUTES = Template().routes
BEHIND_ROUTES = {it.app.parent.name for name, it in Template().functions.items() if name in ROUTES.values()}
OPERATIONS_DOCUMENT = (ROOT / "docs" / "operations.md").read_text()


def failures(kind: type[ApiError] = ApiError) -> Iterator[type[ApiError]]:
    for each in kind.__subclasses__():
        yield each
        yield from failures(each)


FAILURES = {each.code for each in failures() if getattr(each, "status", 0) >= 500}
REASONS = (
    {*get_args(RouteReason), *get_args(CallReason)} - {"routed"} | NO_ASSISTANT | FAILURES - {"carrier_unavailable"}
)


def counted(output: str) -> set[Series]:
    found = Metrics()
    for line in output.splitlines():
        if line.startswith('{"_aws"'):
            found.add_line(json.loads(line))
    return set(found.values)


def documented() -> dict[str, int]:
    """How many metrics there are of each name at most, as docs/operations.md has it."""
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|[^|]*\| (\d+) \|", OPERATIONS_DOCUMENT, re.MULTILINE)
    return {names: int(count) for names, count in rows}


def test_requests_are_24_metrics() -> None:
    found = Metrics()
    for route in ROUTES:
        for status in STATUSES:
            found.add_line(json.loads(metrics.line(route, "-", status, Use(), {})))
    requests = [it for it in found.values if it[1] == "Requests"]
    assert len(requests) == documented()["`Requests`"] == 24


def test_all_metrics_are_as_many_as_documented() -> None:
    table = documented()
    assert table["`Failures`"] == len(FAILURES)
    assert table["`UnroutedCalls`"] == 1 + len(REASONS)
    assert table[", ".join(f"`{name}`" for name in OPERATIONS)] == len(OPERATIONS)
    assert table[", ".join(f"`{name}`" for name in COUNTS)] == len(COUNTS)
    most = sum(table.values())
    assert f"at most {most} metrics, {most * PRICE:.2f} USD a month" in OPERATIONS_DOCUMENT


def test_alarms_read_as_many_metrics_as_documented() -> None:
    read = sum(len(_read(alarm)) for alarm in alarms().values())
    assert f"each of the {read} metrics that alarms read, {read / 10:.2f} USD" in " ".join(OPERATIONS_DOCUMENT.split())


def test_every_alarm_names_a_query_that_there_is() -> None:
    for alarm in alarms().values():
        (named,) = re.findall(r"Ask the query ([a-z-]+)", alarm["AlarmDescription"])
        assert named in queries()


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_each_endpoint_has_its_group(route: str) -> None:
    assert metrics.group_of(route) in get_args(metrics.Group)
    part = route.partition("/api/")[2].partition("/")[0]
    if part in ("assistants", "phone-numbers", "api-keys"):
        assert metrics.group_of(route) == part.replace("-", "_")


def test_calls_arrive_by_routes_that_exist() -> None:
    assert ROUTES.keys() >= CALL_ROUTES


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda it: it.function)
def test_every_function_writes_one_line_and_nothing_but_documented_metrics(
    account: Account, table: Table, output: Output, scenario: Scenario
) -> None:
    attempt = scenario.prepare(account)
    output()
    attempt.act()
    told = output()
    assert told.count('{"_aws"') == int(scenario.function in BEHIND_ROUTES)
    known = {name for names in documented() for name in re.findall(r"\w+", names)}
    assert {name for _, name, _ in counted(told)} <= known


@pytest.mark.parametrize("status", [200, 404, 429, 503])
@pytest.mark.parametrize("route", sorted(CALL_ROUTES))
def test_a_call_is_routed_or_not_by_its_reason(route: str, status: int) -> None:
    fields = {"routed": "routed"} if status == 200 else {}
    line = json.loads(metrics.line(route, "some_code", status, Use(), fields))
    routed = (1, 0) if status == 200 else (0, 1)
    assert (line["RoutedCalls"], line["UnroutedCalls"]) == routed
    assert line["routed"] == ("routed" if status == 200 else "some_code")


@pytest.mark.parametrize("status", sorted(metrics.NO_CALL))
def test_what_is_refused_or_malformed_is_no_call(status: int) -> None:
    line = json.loads(metrics.line("GET /api/routes/{phoneNumber}", "-", status, Use(), {}))
    assert "UnroutedCalls" not in line


def test_a_busy_signal_counts_as_unavailable(account: Account, table: Table, output: Output) -> None:
    connection = account.new_connection()
    output()
    with injected(table.client, injection.lost_request(), ALWAYS, "BatchGetItem"):
        assert ring(connection).status == 200
    (line,) = (json.loads(text) for text in output().splitlines() if text.startswith('{"_aws"'))
    assert (line["class"], line["outcome"], line["Failures"]) == ("server_error", "unavailable", 1)
    assert (line["routed"], line["UnroutedCalls"]) == ("unavailable", 1)


def test_the_dashboard_and_the_alarms_read_metrics_that_are_written(account: Account, table: Table) -> None:
    """All of our own, whatever the load: each is one of those that `line` can write."""
    known = {name for names in documented() for name in re.findall(r"\w+", names)}
    read = {it["MetricName"] for alarm in alarms().values() for it in _read(alarm) if it["Namespace"] == "Assistants"}
    assert read <= known
    with recorded(table) as recording:
        customer = load.new_customer(account)
        for number in recording.minutes(5):
            load.minute(recording, customer, number)
    shown = {
        it["properties"]["title"]: lines(recording, it["properties"]) for it in widgets() if it["type"] == "metric"
    }
    requests = dict(shown["Requests by class"])
    assert requests.keys() == set(get_args(metrics.Class))
    assert sum(value or 0 for value in requests["ok"]) > 10
    assert {label for label, _ in shown["Calls that were not routed, by reason"]} == REASONS
    assert {label for label, _ in shown["Failures by outcome"]} == FAILURES
    picture = ElementTree.fromstring(draw(recording))  # noqa: S314  our own
    texts = {each.text for each in picture.iter() if each.tag.endswith("text")}
    assert texts >= shown.keys()


def _read(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    if "Metrics" not in alarm:
        return [alarm]
    return [it["MetricStat"]["Metric"] for it in alarm["Metrics"] if "MetricStat" in it]
