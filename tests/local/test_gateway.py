import json
from base64 import b64decode, b64encode
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from local.stack.gateway import MAX_BODY_BYTES as LIMIT, Gateway


def echo(event: dict[str, Any]) -> dict[str, Any]:
    """Answers with the event itself."""
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(event)}


ROUTES = {
    "GET /things": echo,
    "POST /things": echo,
    "GET /things/{thingId}": echo,
    "GET /things/special": echo,
    "PATCH /things/{thingId}/parts/{partId}": echo,
    "$default": echo,
}


def event(path: str, method: str = "GET", **request: Any) -> dict[str, Any]:
    response = Client(Gateway(ROUTES), use_cookies=False).open(path, method=method, **request)
    assert response.status_code == 200
    answer: dict[str, Any] = json.loads(response.data)
    return answer


def result(value: Any, method: str = "GET") -> TestResponse:
    """The response to a function that returns this value."""
    return Client(Gateway({"$default": lambda _: value})).open("/", method=method)


def test_a_route_is_chosen_by_method_and_path() -> None:
    assert event("/things")["routeKey"] == "GET /things"
    assert event("/things", "POST")["routeKey"] == "POST /things"
    assert event("/things", "DELETE")["routeKey"] == "$default"


@pytest.mark.parametrize("path", ["/", "/things/", "/things//parts/1", "/things/1/parts", "/Things", "/things/1/2"])
def test_a_path_of_no_route_goes_to_the_default_route(path: str) -> None:
    found = event(path)
    assert (found["routeKey"], found["rawPath"]) == ("$default", path)
    assert "pathParameters" not in found


def test_without_a_default_route_an_unknown_path_is_not_found() -> None:
    response = Client(Gateway({"GET /things": echo})).get("/nothing")
    assert (response.status_code, response.json) == (404, {"message": "Not Found"})


def test_each_parameter_is_one_segment() -> None:
    found = event("/things/1/parts/2", "PATCH")
    assert found["routeKey"] == "PATCH /things/{thingId}/parts/{partId}"
    assert found["pathParameters"] == {"thingId": "1", "partId": "2"}


def test_a_literal_segment_wins_over_a_parameter() -> None:
    assert event("/things/special")["routeKey"] == "GET /things/special"
    assert event("/things/other")["routeKey"] == "GET /things/{thingId}"


def test_a_percent_encoded_slash_stays_inside_its_parameter() -> None:
    found = event("/things/a%2Fb")
    assert found["pathParameters"] == {"thingId": "a/b"}
    assert found["rawPath"] == "/things/a/b"


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("+14155550101", "+14155550101"),
        ("%2B14155550101", "+14155550101"),
        ("a%20b", "a b"),
        ("%C3%A4", "ä"),
        ("%252F", "%2F"),
    ],
)
def test_a_parameter_is_decoded_once_and_a_plus_stays_a_plus(sent: str, seen: str) -> None:
    found = event(f"/things/{sent}")
    assert found["pathParameters"] == {"thingId": seen}
    assert found["rawPath"] == found["requestContext"]["http"]["path"] == f"/things/{seen}"


def test_the_query_is_given_raw_and_decoded_with_repeated_parameters_joined() -> None:
    found = event("/things?tag=a%20b&tag=c&empty=&limit=5")
    assert found["rawQueryString"] == "tag=a%20b&tag=c&empty=&limit=5"
    assert found["queryStringParameters"] == {"tag": "a b,c", "empty": "", "limit": "5"}


def test_what_was_not_sent_is_absent() -> None:
    assert not {"queryStringParameters", "pathParameters", "cookies", "body"} & event("/things").keys()
    assert event("/things")["rawQueryString"] == ""


def test_header_names_are_lower_case() -> None:
    headers = event("/things", headers={"X-Tag": "A", "Authorization": "Bearer t"})["headers"]
    assert (headers["x-tag"], headers["authorization"]) == ("A", "Bearer t")
    assert all(name == name.lower() for name in headers)


def test_cookies_have_a_field_of_their_own() -> None:
    found = event("/things", headers={"Cookie": "a=1; b=2"})
    assert found["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in found["headers"]


def test_the_request_context_describes_the_request() -> None:
    context = event("/things/1?secret=1", headers={"User-Agent": "curl/8"})["requestContext"]
    assert context["http"] == {
        "method": "GET",
        "path": "/things/1",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "curl/8",
    }
    assert (context["routeKey"], context["stage"]) == ("GET /things/{thingId}", "$default")
    assert {"accountId", "apiId", "domainName", "domainPrefix", "requestId", "time", "timeEpoch"} <= context.keys()


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "text/plain", "application/xml"]
)
def test_the_body_of_a_text_type_is_text(content_type: str) -> None:
    found = event("/things", "POST", data='{"ä": 1}'.encode(), content_type=content_type)
    assert (found["body"], found["isBase64Encoded"]) == ('{"ä": 1}', False)


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "application/octet-stream", None])
def test_the_body_of_another_type_is_base64(content_type: str | None) -> None:
    found = event("/things", "POST", data=b"{}", content_type=content_type)
    assert (b64decode(found["body"]), found["isBase64Encoded"]) == (b"{}", True)


def test_a_body_that_is_not_utf8_is_base64() -> None:
    found = event("/things", "POST", data=b"\xff", content_type="application/json")
    assert (found["body"], found["isBase64Encoded"]) == (b64encode(b"\xff").decode(), True)


@pytest.mark.parametrize(("size", "status"), [(LIMIT, 200), (LIMIT + 1, 413)])
@pytest.mark.parametrize("has_length", [True, False])
def test_a_body_may_have_10_mebibytes(size: int, status: int, has_length: bool) -> None:
    length = {"content_length": size} if has_length else {"environ_base": {"wsgi.input_terminated": True}}
    gateway = Gateway({"$default": lambda event: {"length": len(event["body"])}})
    response = Client(gateway).post("/", input_stream=BytesIO(b"a" * size), content_type="text/plain", **length)
    expected = {"length": LIMIT} if status == 200 else {"message": "Request Entity Too Large"}
    assert (response.status_code, response.json) == (status, expected)


def test_the_body_of_a_declared_size_that_is_too_large_is_not_read() -> None:
    stream = BytesIO(b"abc")
    length = {"CONTENT_LENGTH": str(LIMIT + 1)}
    response = Client(Gateway(ROUTES)).post("/things", input_stream=stream, environ_overrides=length)
    assert (response.status_code, stream.tell()) == (413, 0)


def test_headers_of_less_than_10240_bytes_pass() -> None:
    assert Client(Gateway(ROUTES)).get("/things", headers={"X-Long": "a" * 9_000}).status_code == 200


def test_headers_of_more_than_10240_bytes_are_a_431() -> None:
    response = Client(Gateway(ROUTES)).get("/things", headers={"X-Long": "a" * 10_300})
    assert (response.status_code, response.json) == (431, {"message": "Request Header Fields Too Large"})


def test_a_result_becomes_a_response_with_its_headers_and_cookies() -> None:
    response = result(
        {"statusCode": 201, "headers": {"X-Request-Id": "r", "X-Count": 3}, "body": "ä", "cookies": ["a=1", "b=2"]}
    )
    assert (response.status_code, response.text) == (201, "ä")
    assert (response.headers["x-request-id"], response.headers["x-count"]) == ("r", "3")
    assert response.headers.getlist("set-cookie") == ["a=1", "b=2"]
    assert response.headers["apigw-requestid"]


def test_a_base64_result_is_decoded() -> None:
    assert result({"statusCode": 200, "isBase64Encoded": True, "body": "/w=="}).data == b"\xff"


@pytest.mark.parametrize(("value", "body"), [({"a": 1}, b'{"a": 1}'), ("hello", b"hello")])
def test_a_result_without_a_status_code_is_the_body(value: Any, body: bytes) -> None:
    response = result(value)
    assert (response.status_code, response.mimetype, response.data) == (200, "application/json", body)


@pytest.mark.parametrize(
    "nonsense",
    [
        None,
        3,
        {"statusCode": "many"},
        {"statusCode": 99},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "body": "\ud800"},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "headers": {"x": "a\r\nb: c"}},
        {"statusCode": 200, "isBase64Encoded": True, "body": "no base64"},
    ],
)
def test_a_result_of_no_use_is_an_internal_server_error(nonsense: Any) -> None:
    response = result(nonsense)
    assert (response.status_code, response.json) == (500, {"message": "Internal Server Error"})


def test_a_function_that_raises_is_an_internal_server_error_and_its_traceback_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(event: dict[str, Any]) -> None:
        raise RuntimeError("what went wrong")

    response = Client(Gateway({"GET /things": broken})).get("/things")
    assert (response.status_code, response.json) == (500, {"message": "Internal Server Error"})
    assert "RuntimeError: what went wrong" in caplog.text


def test_a_length_that_a_function_claims_is_not_believed() -> None:
    response = result({"statusCode": 200, "headers": {"Content-Length": "100", "Connection": "close"}, "body": "abc"})
    assert response.headers["content-length"] == "3"
    assert "connection" not in response.headers


def test_the_answer_to_head_has_no_body() -> None:
    response = result({"statusCode": 200, "body": "abc"}, method="HEAD")
    assert (response.data, response.headers["content-length"]) == (b"", "3")


def test_the_log_has_the_route_and_the_status_and_nothing_of_the_request(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="local"):
        event("/things/+14155550101?token=secret", headers={"Authorization": "Bearer secret"})
        event("/elsewhere/secret", "POST")
    assert caplog.messages == ["GET /things/{thingId} 200", "POST $default 200"]
