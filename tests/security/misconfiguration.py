"""What the tests of API8 share: whom they try, a sample event as it is sent, and the lines of the log."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.catalogue import ENDPOINTS, Function
from tests.faults.scenarios import SCENARIOS
from tests.harness import Account, Reply, load_handler, sample

OVER_HTTP = [scenario for scenario in SCENARIOS if scenario.function in {endpoint.name for endpoint in ENDPOINTS}]
Output = Callable[[], str]
Change = Callable[[dict[str, Any]], object]

every_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS)
every_scenario = pytest.mark.parametrize("scenario", OVER_HTTP)


def send(caller: Account, function: Function, change: Change = lambda event: None) -> Reply:
    """The function's sample event as this caller's, changed."""
    event = sample(function.name)
    event["headers"]["authorization"] = f"Bearer {caller.token}"
    change(event)
    response = load_handler(function.name)(event, None)
    return Reply(response["statusCode"], response["headers"], response["body"])


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def at(output: str, *levels: str) -> list[dict[str, Any]]:
    return [line for line in lines(output) if line.get("level") in levels]
