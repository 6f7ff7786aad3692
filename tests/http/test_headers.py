import json
from http.client import HTTPConnection

import pytest

from tests.http.conftest import Api, Deployment
from tests.http.wire import LIST, MEBIBYTE, Headers, authorized, send


@pytest.mark.parametrize("name", ["authorization", "Authorization", "AUTHORIZATION", "aUtHoRiZaTiOn"])
def test_the_case_of_a_header_name_does_not_matter(api: Api, connection: HTTPConnection, name: str) -> None:
    assert send(connection, "GET", LIST, [(name, f"Bearer {api.token}")]).status == 200


@pytest.mark.parametrize("name", ["content-type", "CONTENT-TYPE"])
def test_the_case_of_a_refused_header_does_not_matter(
    api: Api, connection: HTTPConnection, assistant: str, name: str
) -> None:
    answer = send(connection, "PATCH", assistant, authorized(api, (name, "text/plain")), b"{}")
    assert (answer.status, answer.code) == (415, "unsupported_media_type")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_case_of_the_scheme_does_not_matter(api: Api, scheme: str) -> None:
    assert api.client.get(LIST, headers={"Authorization": f"{scheme} {api.token}"}).status_code == 200


def test_without_a_bearer_token_nothing_opens(api: Api, connection: HTTPConnection, deployment: Deployment) -> None:
    bearer = f"Bearer {api.token}"
    anonymous: list[Headers] = [
        [],
        [("Authorization", "")],
        [("Authorization", "Bearer")],
        [("Authorization", api.token)],
        [("Authorization", f"Basic {api.token}")],
        [("Authorization", f"Bearer {api.token[:-1]}")],
        [("Authorization", bearer), ("Authorization", bearer)],
        [("X-Authorization", bearer)],
        [("Cookie", f"Authorization={bearer}")],
    ]
    for headers in anonymous:
        answer = send(connection, "GET", LIST, headers)
        assert (answer.status, answer.code) == (401, "unauthenticated")
        name = "www-authenticate"
        if deployment.is_foreign and name not in answer.headers:
            name = "x-amzn-remapped-www-authenticate"  # what API Gateway may make of it
        assert answer.headers[name] == "Bearer"


def test_a_token_in_the_query_opens_nothing(api: Api, connection: HTTPConnection) -> None:
    assert send(connection, "GET", f"{LIST}?access_token={api.token}", []).code == "unauthenticated"


def test_an_unauthenticated_caller_learns_nothing_from_a_bad_body(connection: HTTPConnection, assistant: str) -> None:
    for body in (b"{", b"\xff", b" " * 2 * MEBIBYTE):
        assert send(connection, "PATCH", assistant, [("Content-Type", "text/plain")], body).code == "unauthenticated"


def test_every_answer_is_json_that_nobody_may_keep(api: Api, assistant: str) -> None:
    answers = [
        api.get(LIST),
        api.get(assistant),
        api.get("/api/assistants/x"),
        api.get("/nowhere"),
        api.client.get(LIST, headers={"Authorization": "none"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 400, 404, 401]
    for answer in answers:
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"


def test_every_request_has_an_id_of_its_own(api: Api, assistant: str) -> None:
    answers = [api.get(path) for path in (assistant, "/api/assistants/x", "/nowhere", LIST) for _ in range(5)]
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == 20


def test_a_caller_does_not_choose_the_request_id(api: Api) -> None:
    answer = api.client.get(LIST, headers={"X-Request-Id": "mine"})
    assert answer.headers["X-Request-Id"] != "mine"


def test_the_etag_of_one_answer_is_the_if_match_of_the_next_request(api: Api, assistant: str) -> None:
    body = {"accountSlug": api.slug, "name": "First"}
    read = {"If-Match": api.get(assistant).headers["ETag"]}
    assert api.client.patch(assistant, json=body, headers=read).headers["ETag"] == '"2"'
    late = api.client.patch(assistant, json=body | {"name": "Late"}, headers=read)
    assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")


@pytest.mark.parametrize("accepted", ["identity", None])
def test_a_client_that_did_not_ask_for_a_compressed_answer_gets_none(
    api: Api, connection: HTTPConnection, accepted: str | None
) -> None:
    headers = authorized(api, *([("Accept-Encoding", accepted)] if accepted else []))
    answer = send(connection, "GET", LIST, headers)
    assert (answer.status, answer.headers.get("content-encoding", "identity")) == (200, "identity")
    assert json.loads(answer.content)["success"] is True


def test_every_answer_says_how_a_browser_is_to_take_it(api: Api, assistant: str) -> None:
    answers = [
        api.get(LIST),
        api.get("/api/assistants/x"),
        api.get("/nowhere"),
        api.get("/docs"),
        api.get("/api/openapi.json"),
        api.client.put(assistant, json={}),
        api.client.head(assistant),
        api.client.get(LIST, headers={"Authorization": "none"}),
        api.client.post(LIST, content=b"x", headers={"Content-Type": "text/plain"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 400, 404, 200, 200, 405, 200, 401, 415]
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
