import json
from collections.abc import Callable
from http.client import HTTPConnection

import pytest

from tests.http.conftest import Api
from tests.http.wire import LIST, authorized, send


def test_a_plus_in_a_path_may_be_percent_encoded(api: Api, new_number: Callable[[], str]) -> None:
    number = new_number().removeprefix("pn_")
    answers = [api.client.get(f"/api/routes/{plus}{number}").json() for plus in ("+", "%2B", "%2b")]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["phone_number"]["phone_number"] == f"+{number}"


def test_an_id_may_be_percent_encoded(api: Api, connection: HTTPConnection, assistant: str) -> None:
    answer = send(connection, "GET", assistant.replace("asst_", "%61sst%5F"), authorized(api))
    assert json.loads(answer.content)["assistant"] == api.assistant(assistant)


@pytest.mark.parametrize("collection", ["/api/assistants", "/api/routes"])
@pytest.mark.parametrize(
    "segment",
    [
        ".", "..", "%2e%2e", "../assistants", "..%2F..%2Fetc%2Fpasswd", "a%2Fb", "%2F", "%5C", "%00", "%0A",
        "%0d%0aX:1", "%20", "%", "%zz", "%ff", "%C3%28", "%F0%9F%A6%84", "%E2%80%AE", "%23", "%3F", "%25", "%2500",
        "*", "'", "%22", "{assistantId}", "undefined", "null", "0", "-1", ";x=1", "@",
        "asst_01jd5xexamp1e0000000000000%00", "x" * 5_000,
    ],
)  # fmt: skip
def test_a_hostile_segment_of_a_path_is_refused(
    api: Api, connection: HTTPConnection, collection: str, segment: str
) -> None:
    answer = send(connection, "GET", f"{collection}/{segment}", authorized(api))
    assert (answer.status, answer.code) in [(400, "malformed_id"), (404, "route_not_found")]
    assert len(answer.content) < 1_000


@pytest.mark.parametrize(
    "path",
    [
        "/api", "/api/", "/api/nowhere", "/health/", "/api/assistants/", "/api/phone-numbers/", "/api/routes",
        "/api/routes/",
        "/API/phone-numbers", "/api/Phone-Numbers", "/api/phone-numbers.json",
        "/api/phone_numbers", "/v1/api/phone-numbers", "/api/./phone-numbers", "/favicon.ico", "/.env", "/%00",
    ],
)  # fmt: skip
def test_an_unknown_path_is_not_found(api: Api, connection: HTTPConnection, path: str) -> None:
    answer = send(connection, "GET", path, authorized(api))
    assert (answer.status, answer.code) == (404, "route_not_found")


@pytest.mark.parametrize("path", ["/", "/docs/"])
def test_who_looks_for_the_documentation_finds_it(api: Api, path: str) -> None:
    answer = api.client.get(path, headers={"Authorization": ""}, follow_redirects=False)
    assert (answer.status_code, answer.json()["docs"], answer.json()["openapi"]) == (302, "/docs", "/api/openapi.json")
    page = api.client.get(path, headers={"Authorization": ""}, follow_redirects=True)
    assert (page.status_code, page.url.path) == (200, "/docs")
    assert page.headers["content-type"].startswith("text/html")


def test_a_monitor_needs_no_token(api: Api) -> None:
    answer = api.client.get("/health", headers={"Authorization": ""})
    assert answer.json() == {"success": True, "docs": "/docs", "openapi": "/api/openapi.json"}


def test_a_trailing_slash_makes_another_path(api: Api, assistant: str) -> None:
    for path in (f"{assistant}/", f"{assistant}/telephony", f"{assistant}/telephony/phone-numbers/"):
        answer = api.patch(path, name="Renamed", phoneNumberIds=[])
        assert (answer.status_code, answer.json()["code"]) == (404, "route_not_found")
    assert api.assistant(assistant)["version"] == 1


ALLOWED = {
    "/api/assistants": "GET, HEAD, POST",
    "{assistant}": "DELETE, GET, HEAD, PATCH",
    "{assistant}/telephony/phone-numbers": "GET, HEAD, PATCH",
    LIST: "GET, HEAD, POST",
    "/api/routes/+14155550101": "GET, HEAD, POST",
    "/api/openapi.json": "GET, HEAD",
    "/docs": "GET, HEAD",
}
METHODS = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest.mark.parametrize(
    ("method", "path"),
    [(method, path) for path, allowed in ALLOWED.items() for method in METHODS if method not in allowed],
)
def test_a_method_that_a_path_does_not_have_is_refused_and_those_it_has_are_named(
    api: Api, assistant: str, method: str, path: str
) -> None:
    before = api.assistant(assistant)
    body = {"accountSlug": api.slug, "name": "Renamed"}
    answer = api.client.request(method, path.format(assistant=assistant), json=body)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == ALLOWED[path]
    assert f"does not take {method}; it takes {ALLOWED[path]}." in answer.json()["error"]
    assert api.assistant(assistant) == before


def test_head_is_answered_as_get_without_its_body(api: Api, connection: HTTPConnection, assistant: str) -> None:
    of_each_answer = {"x-request-id", "date", "content-length", "connection", "apigw-requestid"}
    headers = authorized(api)
    for path, sent, status in [
        (LIST, headers, 200),
        (f"{LIST}?limit=1", headers, 200),
        (assistant, headers, 200),
        ("/api/openapi.json", [], 200),
        ("/docs", [], 200),
        (assistant, [], 401),
        (f"{LIST}?limit=0", headers, 400),
        ("/api/assistants/asst_01jd5xexamp1e0000000000000", headers, 404),
        ("/nowhere", headers, 404),
    ]:
        head, get = (send(connection, method, path, sent) for method in ("HEAD", "GET"))
        assert (head.status, head.content, get.status) == (status, b"", status)
        assert {name: value for name, value in head.headers.items() if name not in of_each_answer} == {
            name: value for name, value in get.headers.items() if name not in of_each_answer
        }
        assert get.content
