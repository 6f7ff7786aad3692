"""HTTPS to a carrier's API: bounded in time and in size, TLS always verified, and no redirect followed.

What a carrier answers reaches neither log nor caller, but for the code of its error: it may quote credentials.
"""

import json
import os
import re
import ssl
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import ip_address
from socket import SHUT_RDWR, socket
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from assistants_api.errors import CarrierRefused, CarrierUnavailable

REQUEST_SECONDS = 8.0  # that all calls of a request to its carrier have together
CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0  # for each attempt, from its beginning
MAX_ANSWER_BYTES = 1024 * 1024
ERROR_CODE = re.compile("[0-9]{1,6}|[a-z_]{1,30}")
RETRYABLE = {500, 502, 503, 504}

Query = Mapping[str, str]


class CarrierAnswer(BaseModel):
    """What is used of an answer. What else it holds is ignored."""

    model_config = ConfigDict(hide_input_in_errors=True)


class _Error(CarrierAnswer):
    code: str | int = ""


class _Errors(_Error):
    errors: list[_Error] = []


AnswerT = TypeVar("AnswerT", bound=CarrierAnswer)


@dataclass(frozen=True)
class _Question:
    method: str
    target: str
    body: str = field(default="", repr=False)
    kind: str = ""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = field(repr=False)

    def error_code(self) -> str:
        """The code by which the carrier's own documentation knows its error, if it names one."""
        try:
            known = _Errors.model_validate_json(self.body)
        except ValidationError:
            return ""
        code = str(known.errors[0].code if known.errors else known.code)
        return f", code {code}" if ERROR_CODE.fullmatch(code) else ""


@dataclass(frozen=True)
class Client:
    """The API of a carrier for one request. The deadline is one of time.monotonic().

    `credentials` says in an error what to mend. With `is_public_only` it connects to no private address, also where a
    name leads to one.
    """

    carrier: str
    base_url: str
    headers: Mapping[str, str] = field(repr=False)
    credentials: str
    deadline: float
    is_public_only: bool = False

    def get(self, path: str, model: type[AnswerT], query: Query | None = None) -> AnswerT:
        """Attempted twice. Raises CarrierUnavailable, CarrierRefused."""
        return self._ask(_Question("GET", f"{path}?{urlencode(query)}" if query else path), model, attempts=2)

    def post_form(self, path: str, model: type[AnswerT], form: Mapping[str, str]) -> AnswerT:
        """Raises CarrierUnavailable, CarrierRefused."""
        return self._ask(_Question("POST", path, urlencode(form), "application/x-www-form-urlencoded"), model)

    def send_json(
        self, method: str, path: str, model: type[AnswerT], content: Mapping[str, object], attempts: int = 1
    ) -> AnswerT:
        """Raises CarrierUnavailable, CarrierRefused."""
        return self._ask(_Question(method, path, json.dumps(content), "application/json"), model, attempts)

    def _ask(self, question: _Question, model: type[AnswerT], attempts: int = 1) -> AnswerT:
        answer = self._answer(question, attempts)
        if answer.status in (401, 403):
            raise CarrierRefused(f"{self.carrier} refused the credentials of {self.credentials}")
        if answer.status == 429 or not (200 <= answer.status < 300 or 400 <= answer.status < 500):
            raise CarrierUnavailable(self.carrier, f"HTTP {answer.status}")
        if answer.status >= 400:
            raise CarrierRefused(
                f"{self.carrier} refused the request (HTTP {answer.status}{answer.error_code()}); look at the number "
                "there, then try again."
            )
        try:
            return model.model_validate_json(answer.body)
        except ValidationError as fault:
            (first, *_) = fault.errors()
            raise CarrierUnavailable(self.carrier, f"{model.__name__} {first['loc']} {first['type']}") from None

    def _answer(self, question: _Question, attempts: int) -> Answer:
        for _ in range(attempts - 1):
            with suppress(CarrierUnavailable):
                answer = self._exchange(question)
                if answer.status not in RETRYABLE:
                    return answer
        return self._exchange(question)

    def _exchange(self, question: _Question) -> Answer:
        """In a thread, since nothing else bounds the look-up of a name, or an answer that comes byte by byte."""
        seconds = min(READ_SECONDS, self.deadline - time.monotonic())
        if seconds <= 0:
            raise CarrierUnavailable(self.carrier, "no time was left")
        exchange = _Exchange(self, question, min(CONNECT_SECONDS, seconds))
        try:
            return _threads().submit(exchange.run).result(seconds)
        except TimeoutError:
            exchange.abandon()
            raise CarrierUnavailable(self.carrier, "timeout") from None
        except (OSError, HTTPException) as failure:
            raise CarrierUnavailable(self.carrier, type(failure).__name__) from None
        except UnicodeEncodeError:  # of a header, by credentials that were stored before this was refused
            raise CarrierRefused(f"{self.carrier} takes only ASCII as the credentials of {self.credentials}") from None


class _Exchange:
    """One request on a connection of its own, which no freeze of the process can have cut."""

    def __init__(self, client: Client, question: _Question, connect_seconds: float) -> None:
        self._client, self._question = client, question
        self._connection = _connection(client.base_url, connect_seconds)
        self._socket: socket | None = None

    def run(self) -> Answer:
        """Raises OSError, HTTPException."""
        with closing(self._connection) as connection:
            connection.connect()
            opened: socket = connection.sock
            self._socket = opened
            if self._client.is_public_only and not ip_address(opened.getpeername()[0]).is_global:
                raise ConnectionRefusedError
            opened.settimeout(READ_SECONDS)
            path = urlsplit(self._client.base_url).path.rstrip("/") + self._question.target
            connection.request(self._question.method, path, self._question.body.encode(), self._headers())
            response = connection.getresponse()
            return Answer(response.status, _read(response))

    def abandon(self) -> None:
        """Ends the thread that waits for an answer."""
        if self._socket:
            with suppress(OSError):
                self._socket.shutdown(SHUT_RDWR)

    def _headers(self) -> dict[str, str]:
        kind = {"content-type": self._question.kind} if self._question.kind else {}
        return {**self._client.headers, "accept": "application/json", **kind}


def check_certificate(base_url: str) -> None:
    """Raises ssl.SSLCertVerificationError for a certificate that is not trusted. What is out of reach has none."""
    with closing(_connection(base_url, CONNECT_SECONDS)) as connection:
        try:
            connection.connect()
        except ssl.SSLCertVerificationError:
            raise
        except OSError:
            return


def _connection(base_url: str, seconds: float) -> HTTPConnection:
    url = urlsplit(base_url)
    if url.scheme == "http":  # a stand-in on this machine, which the operator names; TLS is for all others
        return HTTPConnection(url.netloc, timeout=seconds)
    return HTTPSConnection(url.netloc, timeout=seconds, context=_tls(os.environ.get("AWS_CA_BUNDLE") or None))


@cache
def _tls(bundle: str | None) -> ssl.SSLContext:
    """With the authorities of the file, or those of the operating system: the layer has Amazon's alone."""
    return ssl.create_default_context(cafile=bundle)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=8)


def _read(response: HTTPResponse) -> bytes:
    """Raises HTTPException for more than MAX_ANSWER_BYTES."""
    body = response.read(MAX_ANSWER_BYTES + 1)
    if len(body) > MAX_ANSWER_BYTES:
        raise HTTPException("the answer is too large")
    return body
