"""What shows only between a client and a server: names, paths, bodies and connections as they are on the wire."""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse

import pytest

from tests.http.conftest import Api, Connect, Deployment

LIST = "/api/phone-numbers"
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def code(self) -> str:
        """The code of a refusal, which has the whole envelope or it is none of ours."""
        body = json.loads(self.content)
        assert body.keys() - {"details"} == {"success", "error", "code", "request_id"}
        assert body["success"] is False
        assert body["request_id"] == self.headers["x-request-id"]
        return str(body["code"])


Headers = list[tuple[str, str | bytes]]


def send(connection: HTTPConnection, method: str, target: str, headers: Headers, body: bytes | None = None) -> Answer:
    """Sends just this: no header is added but Host, no path mended, no header merged."""
    connection.putrequest(method, target, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    with suppress(BrokenPipeError, ConnectionResetError):  # who refuses early may stop to listen
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
    return received(connection.getresponse())


def received(response: HTTPResponse) -> Answer:
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, response.read())


def authorized(api: Api, *more: tuple[str, str | bytes]) -> Headers:
    return [("Authorization", f"Bearer {api.token}"), *more]


@pytest.fixture
def connection(connect: Connect) -> HTTPConnection:
    return connect()


# Headers


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


# Paths


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
        "/", "/api", "/api/", "/api/nowhere", "/api/assistants/", "/api/phone-numbers/", "/api/routes", "/api/routes/",
        "/API/phone-numbers", "/api/Phone-Numbers", "/api/phone-numbers.json",
        "/api/phone_numbers", "/v1/api/phone-numbers", "/api/./phone-numbers", "/favicon.ico", "/.env", "/%00",
    ],
)  # fmt: skip
def test_an_unknown_path_is_not_found(api: Api, connection: HTTPConnection, path: str) -> None:
    answer = send(connection, "GET", path, authorized(api))
    assert (answer.status, answer.code) == (404, "route_not_found")


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
    "/api/routes/+14155550101": "GET, HEAD",
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


# Query parameters


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


# Bodies


def renaming(api: Api, name: str) -> bytes:
    return json.dumps({"accountSlug": api.slug, "name": name}).encode()


def test_a_chunked_body_is_read(api: Api, assistant: str) -> None:
    body = renaming(api, "In pieces")
    pieces: Iterator[bytes] = (body[place : place + 7] for place in range(0, len(body), 7))
    answer = api.client.patch(assistant, content=pieces, headers={"Content-Type": "application/json"})
    assert "content-length" not in answer.request.headers
    assert (answer.status_code, answer.json()["assistant"]["name"]) == (200, "In pieces")


def test_a_body_may_wait_for_100_continue(api: Api, connection: HTTPConnection, assistant: str) -> None:
    headers = authorized(api, ("Content-Type", "application/json"), ("Expect", "100-continue"))
    assert send(connection, "PATCH", assistant, headers, renaming(api, "Patient")).status == 200
    assert api.assistant(assistant)["name"] == "Patient"


@pytest.mark.parametrize(
    "content_type", [None, "application/json", "APPLICATION/JSON; charset=utf-8", "application/merge-patch+json"]
)
def test_json_is_read_under_each_of_its_names_and_under_none(
    api: Api, connection: HTTPConnection, assistant: str, content_type: str | None
) -> None:
    headers = authorized(api, *([("Content-Type", content_type)] if content_type else []))
    assert send(connection, "PATCH", assistant, headers, renaming(api, "Grüße")).status == 200
    assert api.assistant(assistant)["name"] == "Grüße"


@pytest.mark.parametrize("body", [b"", None])
def test_a_body_that_is_empty_or_missing_is_refused(
    api: Api, connection: HTTPConnection, assistant: str, body: bytes | None
) -> None:
    for headers in (authorized(api), authorized(api, ("Content-Type", "application/json"))):
        answer = send(connection, "PATCH", assistant, headers, body)
        assert (answer.status, answer.code) == (400, "invalid_request")
        assert b"The body is empty" in answer.content


HOSTILE = {
    "invalid UTF-8": b'{"name": "\xff"}',
    "half a character": '{"name": "é"}'.encode()[:-3],
    "overlong UTF-8": b'{"name": "\xc0\xaf"}',
    "a surrogate as UTF-8": b'{"name": "\xed\xa0\x80"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "UTF-32": '{"name": "x"}'.encode("utf-32"),
    "Latin-1": '{"name": "Grüße"}'.encode("latin-1"),
    "binary": bytes(range(256)),
    "NUL": b"\x00" * 100,
    "deep arrays": b"[" * 100_000,
    "deep arrays that are closed": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"name":' * 100_000,
    "a deep value": b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "many unknown fields": json.dumps(dict.fromkeys(map(str, range(20_000)), 1)).encode(),
    "one long string": b'{"name": "' + b"x" * 900_000 + b'"}',
    "one long number": b'{"max_tokens": ' + b"9" * 900_000 + b"}",
    "one long name": b'{"' + b"x" * 900_000 + b'": 1}',
    "a form": b"name=x&accountSlug=my-team",
    "two requests": b'{"name": "x"}\r\n\r\nGET / HTTP/1.1\r\n\r\n',
}


@pytest.mark.parametrize("body", HOSTILE)
def test_a_hostile_body_is_refused_briefly_and_changes_nothing(
    api: Api, connection: HTTPConnection, assistant: str, body: str
) -> None:
    headers = authorized(api, ("Content-Type", "application/json"))
    answer = send(connection, "PATCH", assistant, headers, HOSTILE[body])
    assert (answer.status, answer.code) == (400, "invalid_request")
    assert len(answer.content) < 5_000
    assert api.assistant(assistant)["version"] == 1


def test_a_compressed_body_is_refused(api: Api, connection: HTTPConnection, assistant: str) -> None:
    headers = authorized(api, ("Content-Type", "application/json"), ("Content-Encoding", "gzip"))
    answer = send(connection, "PATCH", assistant, headers, gzip.compress(renaming(api, "Small")))
    assert (answer.status, answer.code) in [(400, "invalid_request"), (415, "unsupported_media_type")]
    assert api.assistant(assistant)["version"] == 1


@pytest.mark.parametrize("mebibytes", [2, 5])
def test_a_body_that_is_too_large_is_refused_in_our_words(
    api: Api, connection: HTTPConnection, assistant: str, mebibytes: int
) -> None:
    headers = authorized(api, ("Content-Type", "application/json"))
    answer = send(connection, "PATCH", assistant, headers, b" " * mebibytes * MEBIBYTE)
    assert (answer.status, answer.code) == (413, "body_too_large")


@pytest.mark.parametrize("size", [10 * MEBIBYTE, 10 * MEBIBYTE + 1, 20 * MEBIBYTE])
def test_a_body_at_and_beyond_what_api_gateway_takes_is_too_large_too(
    api: Api, connect: Connect, assistant: str, size: int
) -> None:
    """In our words or in API Gateway's, {"message": ...}; Lambda itself takes 6 MB."""
    headers = authorized(api, ("Content-Type", "application/json"))
    answer = send(connect(), "PATCH", assistant, headers, b" " * size)
    assert answer.status == 413
    assert json.loads(answer.content).keys() in ({"message"}, {"success", "error", "code", "request_id"})
    assert api.assistant(assistant)["version"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "Hi 👋🏽, I'm 👩🏽‍💼🏳️‍🌈 from 🇩🇪",
        "مرحباً {{contact.first_name}}، كيف حالك؟",
        "שלום \u202eabc\u202c עולם",
        "नमस्ते ทดสอบ 안녕하세요 こんにちは 你好",
        "e\u0301 is not \u00e9",
        "\u2028 \u2029 \ufeff \u00a0 \u200b \ufffd",
        "\U0001f984\U0010ffff\U00010000",
        "</script><b>&amp;'%s{0}${x}`",
    ],
)
def test_text_of_any_script_comes_back_byte_for_byte(api: Api, assistant: str, text: str) -> None:
    body = json.dumps({"accountSlug": api.slug, "first_message": text, "system_prompt": text}, ensure_ascii=False)
    sent = api.client.patch(assistant, content=body.encode(), headers={"Content-Type": "application/json"})
    for answer in (sent, api.get(assistant)):
        assert answer.content.count(text.encode()) == 2
        assert answer.json()["assistant"]["system_prompt"] == text


def test_escaped_text_is_the_same_text(api: Api, assistant: str) -> None:
    text = '👋🏽 "quoted" \\ / \b\f\n\r\t\x00\x1f'
    assert api.patch(assistant, system_prompt=text).json()["assistant"]["system_prompt"] == text
    body = f'{{"accountSlug": {json.dumps(api.slug)}, "system_prompt": "\\ud83d\\udc4b\\u002F"}}'
    assert api.client.patch(assistant, content=body).json()["assistant"]["system_prompt"] == "👋/"


# Connections


def test_a_connection_outlives_its_refusals(api: Api, connection: HTTPConnection, assistant: str) -> None:
    as_json = ("Content-Type", "application/json")
    requests: list[tuple[int, str, str, Headers, bytes | None]] = [
        (200, "GET", assistant, authorized(api), None),
        (401, "GET", assistant, [], None),
        (401, "PATCH", assistant, [as_json], b"{" * 1_000),
        (405, "PUT", assistant, authorized(api), b"ignored"),
        (404, "POST", "/nowhere", authorized(api, as_json), b"GET / HTTP/1.1\r\n\r\n"),
        (400, "PATCH", assistant, authorized(api, as_json), b"[" * 100_000),
        (415, "PATCH", assistant, authorized(api, ("Content-Type", "text/plain")), b"name=x"),
        (413, "PATCH", assistant, authorized(api, as_json), b" " * 2 * MEBIBYTE),
        (200, "HEAD", assistant, authorized(api), None),
        (404, "HEAD", "/nowhere", authorized(api), None),
        (405, "OPTIONS", assistant, authorized(api), None),
        (200, "GET", LIST, authorized(api), b'{"a body": "that nobody asked for"}'),
        (200, "PATCH", assistant, authorized(api, as_json), renaming(api, "Still here")),
    ]
    sockets = set()
    for status, method, target, headers, body in requests:
        assert send(connection, method, target, headers, body).status == status
        sockets.add(connection.sock)
    assert len(sockets) == 1
    assert None not in sockets


def test_one_client_sees_its_own_writes_at_once(api: Api, assistant: str) -> None:
    for count in range(10):
        name = f"Version {count}"
        assert api.patch(assistant, name=name).status_code == 200
        assert api.assistant(assistant)["name"] == name


def test_many_connections_at_once_are_served(api: Api, connect: Connect) -> None:
    connections = [connect() for _ in range(16)]
    for connection in connections:
        connection.putrequest("GET", LIST)
        connection.putheader("Authorization", f"Bearer {api.token}")
        connection.endheaders()
    assert [received(connection.getresponse()).status for connection in connections] == [200] * 16


def test_a_client_that_gives_up_halfway_harms_nobody(api: Api, connect: Connect, assistant: str) -> None:
    broken = connect()
    broken.putrequest("PATCH", assistant)
    broken.putheader("Authorization", f"Bearer {api.token}")
    broken.putheader("Content-Length", "1000")
    broken.endheaders(b'{"accountSlug": ')
    broken.close()
    assert api.patch(assistant, name="Whole").status_code == 200
    assert api.assistant(assistant)["version"] == 2


def test_a_client_may_ask_for_its_connection_to_be_closed(api: Api, connection: HTTPConnection) -> None:
    answer = send(connection, "GET", LIST, authorized(api, ("Connection", "close")))
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert connection.sock is None
