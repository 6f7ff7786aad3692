"""Requests just as a test words them, and the answers: what shows only between a client and a server."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse

from tests.http.conftest import Api

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


def renaming(api: Api, name: str) -> bytes:
    return json.dumps({"accountSlug": api.slug, "name": name}).encode()
