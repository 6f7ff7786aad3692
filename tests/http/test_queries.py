from collections.abc import Callable
from http.client import HTTPConnection

import pytest

from tests.http.conftest import Api
from tests.http.wire import LIST, authorized, send


@pytest.mark.parametrize("query", ["limit=1&limit=1", "limit=1&limit=2", "limit=&limit=1", "limit=1&lim%69t=2"])
def test_a_query_parameter_sent_twice_is_refused(api: Api, query: str) -> None:
    answer = api.client.get(f"{LIST}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert answer.json()["details"] == [{"field": "?limit", "message": "is sent twice; send it once."}]


def test_a_cursor_sent_twice_is_refused(api: Api, new_number: Callable[[], str]) -> None:
    new_number()
    new_number()
    cursor = api.get(LIST, limit="1").json()["next_cursor"]
    answer = api.client.get(f"{LIST}?cursor={cursor}&cursor={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert answer.json()["details"] == [{"field": "?cursor", "message": "is sent twice; send it once."}]


@pytest.mark.parametrize("query", ["limit=1", "lim%69t=%31", "limit=1&"])
def test_a_query_is_decoded(api: Api, query: str) -> None:
    assert api.client.get(f"{LIST}?{query}").json()["limit"] == 1


@pytest.mark.parametrize("query", ["lim\u0131t=1", "limit%00=1", "%ff=1", "Limit=1", "limit[]=1"])
def test_an_unknown_query_parameter_is_refused(api: Api, query: str) -> None:
    answer = api.client.get(f"{LIST}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_a_question_mark_alone_asks_nothing(api: Api, connection: HTTPConnection) -> None:
    assert send(connection, "GET", f"{LIST}?", authorized(api)).status == 200


def test_a_caller_keeps_to_one_version_whether_the_plus_is_encoded_or_not(
    api: Api, assistant: str, new_number: Callable[[], str]
) -> None:
    api.patch(assistant, inbound_enabled=True).raise_for_status()
    number = new_number()
    api.assign(assistant, [number]).raise_for_status()
    halves = [{"version": 1, "weight": 50}, {"version": 2, "weight": 50}]
    api.client.patch(f"/api/phone-numbers/{number}", json={"versions": halves}).raise_for_status()
    api.patch(assistant, inbound_enabled=False).raise_for_status()
    path, reasons = f"/api/routes/{number.replace('pn_', '+')}", set[str]()
    for caller in range(14155550100, 14155550120):
        answers = [api.client.get(f"{path}?caller={plus}{caller}").json() for plus in ("+", "%2B", "")]
        assert answers == answers[:1] * 3
        reasons.add(answers[0]["reason"])
    assert reasons == {"routed", "inbound_disabled"}
