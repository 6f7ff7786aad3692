import gzip
import json
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from tests.http.conftest import Api, Connect
from tests.http.wire import MEBIBYTE, authorized, renaming, send


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
