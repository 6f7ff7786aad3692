"""What holds for the query parameters of every endpoint."""

import pytest

from tests.catalogue import ENDPOINTS, Function
from tests.harness import Account


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_unknown_query_parameter_is_refused_by_name(account: Account, endpoint: Function) -> None:
    reply = account.call(endpoint.name, query={"verbose": "1"})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, "?verbose")


@pytest.mark.parametrize("endpoint", [endpoint for endpoint in ENDPOINTS if endpoint.query])
def test_the_query_parameters_of_the_sample_event_are_accepted(account: Account, endpoint: Function) -> None:
    assert account.call(endpoint.name, query=endpoint.query).status in (200, 404)
