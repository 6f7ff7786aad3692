"""An endpoint: from an API Gateway event to a call of a known caller.

Every endpoint answers in the same order: 401 for a token that this deployment did not issue or a key that is not in
use, 429, then 415, 413 and 400, 403, 404, and what its action says. Parsing needs no database and comes first, so that
one read fetches the API key together with the resource; a refusal that parsing found waits until the caller is known.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic
from urllib.parse import unquote

from pydantic import MISSING, BaseModel
from pydantic_core import to_json
from typing_extensions import TypeVar

from assistants_api import auth, bodies, cold_start, metrics
from assistants_api.answers import Answer
from assistants_api.errors import ApiError, InternalError
from assistants_api.http import Event, LogFields, Response, handle, ok, public_base_url
from assistants_api.models.account import Account
from assistants_api.models.api_key import ApiKey, Environment
from assistants_api.models.idempotency import parse_idempotency_key
from assistants_api.models.parsing import (
    ChangeQuery,
    NoQuery,
    OptionalAccountBody,
    Query,
    parse_body,
    parse_query,
)
from assistants_api.models.preconditions import NONE, Precondition, parse_if_match
from assistants_api.storage import accounts, api_keys, keys, rate_limits
from assistants_api.storage.commits import Commit, DryRun, Write
from assistants_api.storage.idempotency import IdempotentWrite
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.resources import BodyResource, PathResource
from assistants_api.storage.table import Table, from_env
from assistants_api.storage.values import ItemsByKey

__all__ = ["Call", "Endpoint", "Response", "endpoint", "ok"]

ResourceT = TypeVar("ResourceT", covariant=True, default=None)
BodyT = TypeVar("BodyT", covariant=True, default=None)
QueryT = TypeVar("QueryT", covariant=True, default=NoQuery)
BesideT = TypeVar("BesideT", covariant=True, default=None)
ResultT = TypeVar("ResultT", default=Response)


class PathParameters(dict[str, str]):
    """Those of the event. One that the route has and the event lacks is an InternalError."""

    def __missing__(self, name: str) -> str:
        raise InternalError(f"the event has no path parameter {name}")


@dataclass(frozen=True, slots=True)
class Request(Generic[BodyT, QueryT]):
    """What the caller sent: path parameters decoded, body, query and headers parsed.

    `resource_keys` are the DynamoDB keys of what the endpoint loads, None where the body names nothing. `commit` is how
    its write is to be done, `base_url` where carriers reach this deployment.
    """

    path: Mapping[str, str]
    body: BodyT
    query: QueryT
    resource_keys: list[PrimaryKey | None]
    precondition: Precondition
    commit: Commit | None
    base_url: str


@dataclass(frozen=True, slots=True)
class Call(Generic[ResourceT, BodyT, QueryT, BesideT]):
    """A request of a known caller, with the resource that its path names, and the table.

    `beside` is what else the path names, such as a version of the assistant. `precondition` holds for the resource as
    it was read; a write binds itself to it. `log` holds what the log line of the request says; an action adds what it
    did. `base_url` is where carriers reach this deployment.
    """

    path: Mapping[str, str]
    body: BodyT
    query: QueryT
    resource: ResourceT
    beside: BesideT
    precondition: Precondition
    account: Account
    api_key: ApiKey
    table: Table
    log: LogFields
    _commit: Commit | None
    base_url: str

    @property
    def account_id(self) -> str:
        return self.api_key.account_id

    def mint(self, environment: Environment) -> str:
        """A token for a new API key, which a retry under an idempotency key is shown again."""
        if isinstance(self._commit, IdempotentWrite):
            return self._commit.mint(environment)
        return auth.mint(self.account_id, environment)

    @property
    def cursor_secret(self) -> str:
        """What cursors are signed with, so that one is good for this list of this account, with any of its keys."""
        return " ".join([auth.deployment_secret(), self.account_id, *self.path.values()])


@dataclass(frozen=True)
class Endpoint(Generic[ResourceT, BodyT, QueryT, BesideT]):
    """A Lambda handler: who may call it, what it takes, what it loads beside the API key, and what it then does.

    The action of one that changes something gives the result of the change, from which `answer` makes the answer.
    """

    action: Callable[[Call[ResourceT, BodyT, QueryT, BesideT]], Any]
    answer: Callable[[Any], Answer] | None
    scope: str | None
    body: type[Any] | None
    query: type[Any]
    loads: PathResource[ResourceT] | BodyResource[ResourceT] | None
    loads_beside: PathResource[BesideT] | None

    @property
    def changes(self) -> bool:
        """Whether it may change something; a POST that renders a prompt does not."""
        return self.answer is not None

    @property
    def is_conditional(self) -> bool:
        """Whether `If-Match` binds it to the state of the resource that its path names."""
        return self.changes and isinstance(self.loads, PathResource)

    @property
    def _named(self) -> "list[PathResource[Any] | BodyResource[Any]]":
        return [it for it in (self.loads, self.loads_beside) if it]

    def __call__(self, event: Event, context: object) -> Response:
        return handle(event, self._respond)

    def _respond(self, event: Event, log: LogFields) -> Response:
        token = auth.parse(event["headers"].get("authorization"))
        request = self._parse(event, token)  # or why it is refused, which only a known caller is told
        table, own_key = from_env().for_request(), keys.api_key(token.account_id, token.key_id)
        account_key = keys.account(token.account_id)
        items = table.read([own_key, account_key, *self._keys_beside(request)])
        stored = items[own_key] if items[account_key] else None  # in an account that is gone, no key opens anything
        api_key = auth.verify(api_keys.from_item(stored) if stored else None, datetime.now(UTC))
        log |= {"account_id": api_key.account_id, "api_key_id": api_key.id}
        account = accounts.from_item(items[account_key])
        account.check_in_use()
        usage = rate_limits.count(table, api_key)
        if usage.failure:
            metrics.note_not_counted(usage.failure)
        try:
            if usage.refusal:
                raise usage.refusal
            request = self._authorize(api_key, account, request)
            response = self._act(request, items, api_key, account, table, log)
        except ApiError as error:
            error.headers = {**error.headers, **usage.headers}
            raise
        response["headers"] |= usage.headers
        return response

    def _parse(self, event: Event, token: auth.Token) -> "Request[BodyT, QueryT] | ApiError":
        """BodyTooLarge, UnsupportedMediaType, InvalidRequest and MalformedId are returned, not raised."""
        try:
            path = PathParameters({name: unquote(value) for name, value in (event.get("pathParameters") or {}).items()})
            text = bodies.json_text(event) if self.body else ""
            query = parse_query(self.query, event.get("queryStringParameters") or {}, event.get("rawQueryString") or "")
            body: Any = parse_body(self.body, text) if self.body else None
            names = [it.primary_key(token.account_id, path, body) for it in self._named]
            precondition = parse_if_match(event["headers"].get("if-match")) if self.is_conditional else NONE
            commit = self._commit(event, token, query, body)
            return Request(path, body, query, names, precondition, commit, public_base_url(event))
        except ApiError as refusal:
            return refusal

    def _commit(self, event: Event, token: auth.Token, query: object, body: object) -> Commit | None:
        """How the request is to be done, if the endpoint changes something. Raises InvalidRequest for an
        `Idempotency-Key` that is none."""
        if self.answer is None:
            return None
        key, if_match = parse_idempotency_key(event["headers"].get("idempotency-key")), event["headers"].get("if-match")
        if isinstance(query, ChangeQuery) and query.dry_run:
            return DryRun(self.answer)
        if key is None:
            return Write(self.answer)
        what = to_json([event["requestContext"].get("routeKey"), event.get("pathParameters"), query, body, if_match])
        return IdempotentWrite(token.account_id, token.key_id, key, auth.fingerprints(what.decode()), self.answer)

    def _keys_beside(self, request: "Request[BodyT, QueryT] | ApiError") -> Iterator[PrimaryKey]:
        """Of what is read together with API key and account: single items of the account that the token is of."""
        if isinstance(request, Request):
            yield from filter(None, request.resource_keys)
            if isinstance(request.commit, IdempotentWrite):
                yield request.commit.key

    def _authorize(
        self, api_key: ApiKey, account: Account, request: "Request[BodyT, QueryT] | ApiError"
    ) -> "Request[BodyT, QueryT]":
        """Raises what parsing found, MissingScope and AccountMismatch."""
        if isinstance(request, ApiError):
            raise request
        slugs = [it.account_slug for it in (request.body, request.query) if isinstance(it, OptionalAccountBody | Query)]
        auth.authorize(api_key, self.scope, account.slug, *(slug for slug in slugs if slug is not MISSING))
        return request

    def _act(
        self,
        request: "Request[BodyT, QueryT]",
        items: ItemsByKey,
        api_key: ApiKey,
        account: Account,
        table: Table,
        log: LogFields,
    ) -> Response:
        commit = request.commit
        acting = table.committing(commit) if commit else table

        def act() -> Any:
            return self.action(self._call(request, items, api_key, account, acting, log))

        if commit is None:
            response: Response = act()
            return response
        answer = commit.run(act, acting, items)
        log |= {"dry_run": True} if not commit.writes else {"replayed": True} if answer.is_replayed else {}
        return answer.to_response()

    def _call(
        self,
        request: "Request[BodyT, QueryT]",
        items: ItemsByKey,
        api_key: ApiKey,
        account: Account,
        table: Table,
        log: LogFields,
    ) -> Call[ResourceT, BodyT, QueryT, BesideT]:
        """Raises NotFound when the resource doesn't exist, and PreconditionFailed."""
        if isinstance(request.body, BaseModel):
            log["fields"] = sorted(request.body.model_fields_set - {"account_slug"})
        found: list[Any] = []
        for it, key in zip(self._named, request.resource_keys, strict=True):
            found.append(it.load(items[key] if key else None, request.path))
            if named := it.named(request.path):
                log["resource"] = "/".join(named)
        resource: Any = found[0] if found else None
        beside: Any = found[1] if len(found) > 1 else None
        request.precondition.check(resource)
        return Call(
            request.path,
            request.body,
            request.query,
            resource,
            beside,
            request.precondition,
            account,
            api_key,
            table,
            log,
            request.commit,
            request.base_url,
        )


def endpoint(
    scope: str | None,
    *,
    body: type[BodyT] | None = None,
    query: type[QueryT] | None = None,
    loads: PathResource[ResourceT] | BodyResource[ResourceT] | None = None,
    loads_beside: PathResource[BesideT] | None = None,
    answer: Callable[[ResultT], Answer] | None = None,
) -> Callable[
    [Callable[[Call[ResourceT, BodyT, QueryT, BesideT]], ResultT]], Endpoint[ResourceT, BodyT, QueryT, BesideT]
]:
    """Makes an Endpoint of a function from call to response or, with `answer`, to the result that this answers.

    The caller's key needs `scope`; None means that any key will do. `body` and `query` are the models of what may be
    sent. What `loads` and `loads_beside` name is read in the same round trip as the API key and the account.
    """

    def decorate(
        action: Callable[[Call[ResourceT, BodyT, QueryT, BesideT]], ResultT],
    ) -> Endpoint[ResourceT, BodyT, QueryT, BesideT]:
        if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
            from_env().warm_up()  # before the garbage collector is frozen: what it makes stays
        cold_start.end()
        takes: Any = query or (ChangeQuery if answer else NoQuery)
        return Endpoint(action, answer, scope, body, takes, loads, loads_beside)

    return decorate
