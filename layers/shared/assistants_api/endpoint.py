"""An endpoint: from an API Gateway event to a call of a known caller.

Every endpoint answers in the same order: 401 for a token that can't be ours, then 413, 415 and 400, 401 for a key that
is not in use, 429, 403, then what its action says. Parsing needs no database and comes first, so that one read fetches
the API key together with the resource; a refusal that parsing found waits until the caller is known.
"""

import os
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic
from urllib.parse import unquote

from pydantic import MISSING
from typing_extensions import TypeVar

from assistants_api import auth, cold_start
from assistants_api.auth import Token
from assistants_api.errors import ApiError, BodyTooLarge, InvalidRequest, UnsupportedMediaType
from assistants_api.http import Event, Response, etag, handle, ok
from assistants_api.models.api_key import ApiKey
from assistants_api.models.parsing import NoQuery, OptionalAccountBody, parse_body, parse_query
from assistants_api.storage import api_keys, rate_limits
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.path_resource import PathResource
from assistants_api.storage.table import Table, from_env
from assistants_api.storage.values import ItemsByKey

MAX_BODY_BYTES = 1024 * 1024  # the longest valid body, every character of it escaped, is 0.8 MiB
JSON_TYPE = re.compile(r"application/(?:[\w.+-]+\+)?json\s*(?:;|$)", re.IGNORECASE)

__all__ = ["Call", "Endpoint", "Response", "endpoint", "etag", "ok"]

ResourceT = TypeVar("ResourceT", covariant=True, default=None)
BodyT = TypeVar("BodyT", covariant=True, default=None)
QueryT = TypeVar("QueryT", covariant=True, default=NoQuery)


@dataclass(frozen=True, slots=True)
class Request(Generic[BodyT, QueryT]):
    """What the caller sent: path parameters decoded, header names in lower case, body and query parsed.

    `resource_key` is the DynamoDB key of the resource that the path names, if the endpoint loads one.
    """

    path: Mapping[str, str]
    headers: Mapping[str, str]
    body: BodyT
    query: QueryT
    resource_key: PrimaryKey | None


@dataclass(frozen=True, slots=True)
class Call(Generic[ResourceT, BodyT, QueryT]):
    """A request of a known caller, with the resource that its path names, and the table."""

    path: Mapping[str, str]
    headers: Mapping[str, str]
    body: BodyT
    query: QueryT
    resource: ResourceT
    api_key: ApiKey
    token: Token
    table: Table

    @property
    def account_id(self) -> str:
        return self.api_key.account_id

    @property
    def cursor_secret(self) -> str:
        """What cursors are signed with: the caller's own token, over the path."""
        return " ".join([self.token.text, *self.path.values()])


@dataclass(frozen=True)
class Endpoint(Generic[ResourceT, BodyT, QueryT]):
    """A Lambda handler: who may call it, what it takes, what it loads beside the API key, and what it then does."""

    action: Callable[[Call[ResourceT, BodyT, QueryT]], Response]
    scope: str | None
    body: type[Any] | None
    query: type[Any]
    loads: PathResource[ResourceT] | None

    def __call__(self, event: Event, context: object) -> Response:
        return handle(event, self._respond)

    def _respond(self, event: Event) -> Response:
        token = auth.parse(event["headers"].get("authorization"))
        request = self._parse(event, token.account_id)  # or why it is refused, which only a known caller is told
        table = from_env().for_request()
        counting = rate_limits.Counting(table, token)
        items = table.read([api_keys.key(token), *_resource_keys(request)])
        stored = api_keys.get(items, token)
        usage = counting.usage(stored)
        api_key = auth.verify(stored, datetime.now(UTC))
        try:
            usage.check()
            request = self._authorize(api_key, request)
            response = self.action(self._call(request, items, api_key, token, table))
        except ApiError as error:
            error.headers = {**error.headers, **usage.headers}
            raise
        response["headers"] |= usage.headers
        return response

    def _parse(self, event: Event, account_id: str) -> "Request[BodyT, QueryT] | ApiError":
        """BodyTooLarge, UnsupportedMediaType, InvalidRequest and MalformedId are returned, not raised."""
        try:
            path = {name: unquote(value) for name, value in (event.get("pathParameters") or {}).items()}
            text = _body(event) if self.body else ""
            query = parse_query(self.query, event.get("queryStringParameters") or {})
            body: Any = parse_body(self.body, text) if self.body else None
            key = self.loads.key_in(account_id, path) if self.loads else None
            return Request(path, event["headers"], body, query, key)
        except ApiError as refusal:
            return refusal

    def _authorize(self, api_key: ApiKey, request: "Request[BodyT, QueryT] | ApiError") -> "Request[BodyT, QueryT]":
        """Raises what parsing found, MissingScope and AccountMismatch."""
        if isinstance(request, ApiError):
            raise request
        if self.scope is not None:
            auth.require_scope(api_key, self.scope)
        if isinstance(request.body, OptionalAccountBody) and request.body.account_slug is not MISSING:
            auth.require_account(api_key, request.body.account_slug)
        return request

    def _call(
        self,
        request: "Request[BodyT, QueryT]",
        items: ItemsByKey,
        api_key: ApiKey,
        token: Token,
        table: Table,
    ) -> Call[ResourceT, BodyT, QueryT]:
        """Raises NotFound when the resource doesn't exist."""
        resource: Any = None
        if self.loads and request.resource_key:
            resource = self.loads.resource(items[request.resource_key], request.path)
        return Call(request.path, request.headers, request.body, request.query, resource, api_key, token, table)


def endpoint(
    scope: str | None,
    *,
    body: type[BodyT] | None = None,
    query: type[QueryT] | None = None,
    loads: PathResource[ResourceT] | None = None,
) -> Callable[[Callable[[Call[ResourceT, BodyT, QueryT]], Response]], Endpoint[ResourceT, BodyT, QueryT]]:
    """Makes an Endpoint of a function from call to response.

    The caller's key needs `scope`; None means that any key will do. `body` and `query` are the models of what may be
    sent. The resource that `loads` names is read in the same round trip as the API key.
    """

    def decorate(action: Callable[[Call[ResourceT, BodyT, QueryT]], Response]) -> Endpoint[ResourceT, BodyT, QueryT]:
        if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
            from_env().warm_up()  # before the garbage collector is frozen: what it makes stays
        cold_start.end()
        takes: Any = query or NoQuery
        return Endpoint(action, scope, body, takes, loads)

    return decorate


def _resource_keys(request: "Request[Any, Any] | ApiError") -> list[PrimaryKey]:
    return [request.resource_key] if isinstance(request, Request) and request.resource_key else []


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
        raise InvalidRequest("The body is not UTF-8; encode it as UTF-8.") from None
