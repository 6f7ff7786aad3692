"""A carrier's webhook: from an API Gateway event to what a carrier says of a call.

    the request              its path names a connection; nothing signed, or of no form that a carrier sends: refused
    one read                 the connection, its account, and what the action needs beside them
    the signature            the login: refused unless the connection's carrier signed this request, 403
    the action

There is no API key, so nothing before the signature does more than this one read, of single items of one account. When
it cannot be read or decrypted, nobody knows who asks. A call is answered nevertheless: with what this process knows of
the connection, or else with a busy signal, which tells nobody anything.
"""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import get_args

from assistants_api import cold_start
from assistants_api.bodies import raw_body
from assistants_api.errors import ApiError, ItemUnreadable, NotSigned, Unavailable
from assistants_api.http import Event, Handler, LogFields, Response, error_response, handle
from assistants_api.models.account import Account
from assistants_api.models.fallback import Fallback
from assistants_api.models.ids import account_of_connection
from assistants_api.models.telephony_connection import SHARED_KEY, TelephonyConnection
from assistants_api.storage import accounts, credentials, keys, phone_numbers, telephony_connections
from assistants_api.storage.calls import IncomingCall
from assistants_api.storage.client import REQUEST_SECONDS
from assistants_api.storage.errors import RefusedByDynamoDB
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.table import Table, from_env
from assistants_api.storage.values import Item, ItemsByKey
from assistants_api.telephony import forms, instructions, markup, telnyx, twilio
from assistants_api.telephony.forms import Form
from assistants_api.telephony.markup import Carrier

# No attempt begins after it and none takes more than 3, so the carrier, which waits for 5, has its answer.
SECONDS = 1.5
SIGNATURE_HEADERS = {"twilio": twilio.SIGNATURE_HEADER, "telnyx": telnyx.SIGNATURE_HEADER}
MAX_KNOWN = 1_000  # connections


@dataclass(frozen=True, slots=True)
class Request:
    """What a carrier sent, not yet verified."""

    carrier: Carrier
    account_id: str
    connection_id: str
    body: bytes
    form: Form
    event: Event

    @property
    def connection_key(self) -> PrimaryKey:
        return keys.connection(self.account_id, self.connection_id)

    @property
    def account_key(self) -> PrimaryKey:
        return keys.account(self.account_id)

    @property
    def incoming(self) -> IncomingCall:
        """A parameter that is missing or sent twice is empty text, and so is an id that is none of Twilio's: what is
        signed for it is not clear."""
        call_id, from_number, to_number = (forms.only(self.form, name) for name in ("CallSid", "From", "To"))
        if self.carrier == "twilio" and len(call_id) > twilio.CALL_ID_CHARACTERS:
            call_id = ""
        return IncomingCall(self.account_id, self.connection_id, call_id, from_number, to_number)

    def is_signed(self, connection: TelephonyConnection, item: Item, deadline: float) -> bool:
        """Raises Unavailable."""
        if connection.provider != self.carrier:
            return False
        if self.carrier == "telnyx":
            key = connection.public_key or ""
            return telnyx.is_signed(self.event["headers"], self.body, public_key=key, now=datetime.now(UTC))
        tokens = telephony_connections.secrets(item, deadline).values()
        shared = telephony_connections.webhook_secrets(item, deadline).get(SHARED_KEY, "")
        return twilio.is_signed(
            self.event["headers"], self._urls(), self.form, auth_tokens=[*tokens], shared_keys=[shared]
        )

    def _urls(self) -> list[str]:
        context = self.event["requestContext"]
        return twilio.signed_urls(
            domain=context["domainName"],
            stage=context["stage"],
            path=self.event["rawPath"],
            query=self.event.get("rawQueryString") or "",
            public_base_url=os.environ.get("PUBLIC_BASE_URL", ""),
        )


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request that the connection's carrier signed, with what was read for it."""

    request: Request
    connection: TelephonyConnection
    connection_item: Item
    items: ItemsByKey
    table: Table
    log: LogFields

    @property
    def account(self) -> Account:
        return accounts.from_item(self.items[self.request.account_key])

    @property
    def fallback(self) -> Fallback:
        """The number's own, or else the connection's."""
        key = self.request.incoming.number_key
        item, own = self.items.get(key) if key else None, None
        with suppress(ItemUnreadable):
            own = phone_numbers.from_item(item).fallback if item else None
        return own or self.connection.fallback


Needs = Callable[[Request], Iterable[PrimaryKey]]  # the keys of what an action reads beside the connection


def answers_call(action: Callable[[Webhook], str]) -> Handler:
    """Makes a Lambda handler of a function from the webhook of a new call to markup. Whatever fails, a call that may be
    a carrier's is answered with 200 and markup."""

    def respond(event: Event, log: LogFields) -> Response:
        request = parse(event)
        webhook = None
        try:
            webhook = _receive(request, log, lambda request: request.incoming.keys)
            return _document(action(webhook))
        except (Unavailable, ItemUnreadable, RefusedByDynamoDB) as failure:
            log |= _logged(failure)
            return _document(instructions.fall_back(_fallback(request, webhook)))

    _get_ready()
    return lambda event, context: handle(event, respond, _busy)


def _logged(failure: ApiError | RefusedByDynamoDB) -> LogFields:
    if isinstance(failure, ApiError):
        return {"outcome": failure.code, **failure.logged}
    return {"outcome": "unavailable", "cause": str(failure)}


def takes_status(action: Callable[[Webhook], None]) -> Handler:
    """Makes a Lambda handler of what follows from a carrier's word about a call."""

    def respond(event: Event, log: LogFields) -> Response:
        action(_receive(parse(event), log, lambda request: request.incoming.known_as, REQUEST_SECONDS))
        return {"statusCode": 204, "headers": {}, "body": ""}

    _get_ready()
    return lambda event, context: handle(event, respond)


def _get_ready() -> None:
    """Does what the first request would wait for."""
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        from_env().warm_up()
        credentials.from_env()
    cold_start.end()


def parse(event: Event) -> Request:
    """Raises NotSigned, BodyTooLarge and InvalidRequest."""
    path = event.get("pathParameters") or {}
    carrier, connection_id = path.get("carrier", ""), path.get("connectionId", "")
    account_id = account_of_connection(connection_id)
    if carrier not in get_args(Carrier) or account_id is None or SIGNATURE_HEADERS[carrier] not in event["headers"]:
        raise NotSigned
    body = raw_body(event)
    return Request(carrier, account_id, connection_id, body, forms.parse(body), event)


def _receive(request: Request, log: LogFields, needs: Needs, seconds: float = SECONDS) -> Webhook:
    """Raises NotSigned, Unavailable and RefusedByDynamoDB."""
    log |= {"account_id": request.account_id, "resource": request.connection_id}
    table, key = from_env().for_request(seconds), request.connection_key
    items = table.read([key, request.account_key, *needs(request)])
    item = items[key]
    if item is None:
        raise NotSigned
    connection = telephony_connections.from_item(item)
    _remember(request.connection_id, item)
    if not request.is_signed(connection, item, table.deadline):
        raise NotSigned
    return Webhook(request, connection, item, items, table, log)


@cache
def _known() -> dict[str, Item]:
    """The connections that this process has read, by their ids, the last one last."""
    return {}


def _remember(connection_id: str, item: Item) -> None:
    known = _known()
    known.pop(connection_id, None)
    known[connection_id] = item
    if len(known) > MAX_KNOWN:
        del known[next(iter(known))]


def _fallback(request: Request, webhook: Webhook | None) -> Fallback:
    """That of the webhook, or of the connection as this process last read it, or a busy signal."""
    if webhook:
        return webhook.fallback
    item = _known().get(request.connection_id)
    return telephony_connections.from_item(item).fallback if item else Fallback(kind="reject")


def _busy(error: ApiError, request_id: str) -> Response:
    """A refusal is answered as one. A failure of ours is a busy signal, not an error that the caller would hear."""
    return error_response(error, request_id) if error.status < 500 else _document(markup.reject())


def _document(text: str) -> Response:
    headers = {"content-type": "text/xml; charset=utf-8", "cache-control": "no-store"}
    return {"statusCode": 200, "headers": headers, "body": text}
