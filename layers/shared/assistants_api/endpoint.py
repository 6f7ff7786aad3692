"""The way in: an API Gateway event becomes a call of a known caller.

Every endpoint answers in the same order: 401, then 413 and 415, then 400, then 403, then what its handler says. Parsing
needs no database and comes first, so that one read fetches the API key together with what the request is about; a
refusal found by parsing waits until the caller is known.
"""

import os
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import unquote

from pydantic import BaseModel

from assistants_api import auth
from assistants_api.auth import Token
from assistants_api.errors import ApiError, BodyTooLarge, InvalidRequest, UnsupportedMediaType
from assistants_api.http import Event, Handler, Response, edge, ok, with_etag
from assistants_api.models.api_key import ApiKey
from assistants_api.models.parsing import UNSENT, AccountBody, Body, Nothing, Query, parse_body, parse_query
from assistants_api.storage import api_keys, keys, rate_limits
from assistants_api.storage.keys import Key
from assistants_api.storage.table import ItemsByKey, Table, from_env

MAX_BODY_BYTES = 1024 * 1024  # the longest valid body, every character of it escaped, is 0.8 MiB
JSON_TYPE = re.compile(r"application/(?:[\w.+-]+\+)?json\s*(?:;|$)", re.IGNORECASE)

__all__ = [
    "Call",
    "Request",
    "Response",
    "endpoint",
    "ok",
    "the_api_key",
    "the_assistant",
    "the_phone_number",
    "with_etag",
]

Sent = TypeVar("Sent", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Request(Generic[Sent]):
    """What the caller sent: path parameters decoded, header names in lower case, `sent` the body or else the query."""

    path: Mapping[str, str]
    headers: Mapping[str, str]
    query: Any
    sent: Sent


@dataclass(frozen=True, slots=True)
class Call(Request[Sent]):
    """A request of a known caller, with the table and what the first read found in it."""

    token: Token
    key: ApiKey
    found: ItemsByKey
    table: Table

    @property
    def account_id(self) -> str:
        return self.key.account_id

    @property
    def signature(self) -> str:
        """What cursors are signed with: the caller's own secret, over the path."""
        return " ".join([self.token.text, *self.path.values()])


Reads = Callable[[str, Request[Sent]], Iterable[Key]]


def nothing(account_id: str, request: Request[Any]) -> Iterable[Key]:
    return ()


def the_assistant(account_id: str, request: Request[Any]) -> Iterable[Key]:
    """The assistant that the path names."""
    return [keys.assistant(account_id, request.path["assistantId"])]


def the_phone_number(account_id: str, request: Request[Any]) -> Iterable[Key]:
    """The phone number that the path names."""
    return [keys.phone_number(account_id, request.path["phoneNumberId"])]


def the_api_key(account_id: str, request: Request[Any]) -> Iterable[Key]:
    """The API key that the path names."""
    return [keys.api_key(account_id, request.path["apiKeyId"])]


def endpoint(
    scope: str | None, sends: type[Sent], reads: Reads[Sent] = nothing, query: type[Query] = Nothing
) -> Callable[[Callable[[Call[Sent]], Response]], Handler]:
    """Makes a Lambda handler of a function from call to response.

    The caller needs `scope`, unless it is None, and sends what the model `sends` describes: a Body, beside which there
    may be parameters of the model `query`, or a Query. What is stored under the keys that `reads` forms of the account
    and the request is read in the same round trip as the API key, and the request is counted beside it.
    """

    def decorate(action: Callable[[Call[Sent]], Response]) -> Handler:
        def respond(event: Event, headers: dict[str, str]) -> Response:
            token = auth.parse(event["headers"].get("authorization"))
            table = from_env().for_request()
            counting = rate_limits.Counting(table, token)
            wanted: list[Key] = []
            refused: ApiError | None = None
            try:
                request = _request(event, sends, query)
                wanted = list(reads(token.account_id, request))
            except ApiError as error:
                refused = error
            found = table.read([api_keys.key(token), *wanted])
            stored = api_keys.get(found, token)
            usage = counting.usage(stored)
            key = auth.verify(stored, datetime.now(UTC))
            headers |= usage.headers
            usage.check()
            if refused:
                raise refused
            if scope is not None:
                auth.require_scope(key, scope)
            if isinstance(request.sent, AccountBody) and request.sent.account_slug is not UNSENT:
                auth.require_account(key, request.sent.account_slug)
            return action(Call(request.path, request.headers, request.query, request.sent, token, key, found, table))

        if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
            # While Lambda initialises, which gives it more processor: 55 % of the first request's processor time.
            from_env().warm_up()
        handler = edge(respond)
        vars(handler).update(scope=scope, sends=sends, query=query)  # for local/openapi.py
        return handler

    return decorate


def _request(event: Event, sends: type[Sent], beside_body: type[Query]) -> Request[Sent]:
    """Raises BodyTooLarge, UnsupportedMediaType and InvalidRequest."""
    path = {name: unquote(value) for name, value in (event.get("pathParameters") or {}).items()}
    parameters = event.get("queryStringParameters") or {}
    if issubclass(sends, Body):
        text = _body(event)
        return Request(path, event["headers"], parse_query(beside_body, parameters), parse_body(sends, text))
    query = parse_query(sends, parameters)
    return Request(path, event["headers"], query, query)


def _body(event: Event) -> str:
    body = event.get("body") or ""
    raw = b64decode(body) if event["isBase64Encoded"] else body.encode()
    content_type = event["headers"].get("content-type")
    if raw and content_type is not None and not JSON_TYPE.match(content_type):
        raise UnsupportedMediaType('Send JSON, with the header "Content-Type: application/json".')
    if len(raw) > MAX_BODY_BYTES:
        raise BodyTooLarge(f"The body has {len(raw):,} bytes; at most {MAX_BODY_BYTES:,} are allowed.")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise InvalidRequest("The body is not UTF-8; encode it so.") from None
