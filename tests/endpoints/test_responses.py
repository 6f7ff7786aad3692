"""What holds for the responses of every endpoint."""

import pytest

from tests.catalogue import ENDPOINTS, Function
from tests.harness import Account


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_response_carries_the_request_id(account: Account, endpoint: Function) -> None:
    good, bad = account.call(endpoint.name), account.call(endpoint.name, headers={"authorization": None})
    assert good.headers["x-request-id"] == bad.headers["x-request-id"] == bad.json["request_id"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_refusal_holds_an_error_a_code_and_the_request_id_alone(account: Account, endpoint: Function) -> None:
    reply = account.call(endpoint.name, headers={"authorization": None})
    assert reply.json.keys() == {"success", "error", "code", "request_id"}
    assert reply.json["success"] is False
