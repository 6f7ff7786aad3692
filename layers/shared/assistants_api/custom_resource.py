"""Custom resources of the stack: CloudFormation's requests, and the answers that it waits for."""

import json
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing
from hashlib import sha256
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from assistants_api import cold_start
from assistants_api.http import Event, logger

ANSWER_SECONDS = 10.0
OF_CLOUDFORMATION = {"ServiceToken", "ServiceTimeout"}  # properties that say how to ask, and not what

Answer = dict[str, object]


class Refused(Exception):
    """The update must not go on. The text says why, to whoever deploys."""


def custom_resource(check: Callable[[], None]) -> Callable[[Event, object], Answer]:
    """Makes a Lambda handler of a function that raises Refused.

    The resource is named by its properties, so one with others is another one to CloudFormation. Going back to a name
    that stands, as a rollback does, is no check, and never refused. Whoever else invokes the function gets the check,
    and the answer `{"ok": true}` or `{"ok": false, "code", "error"}`.
    """

    def handler(event: Event, context: object) -> Answer:
        error = "The check itself failed; the log of the stack says why."
        try:
            error = "" if _is_settled(event) else _refusal(check)
        finally:  # without an answer CloudFormation waits for its timeout
            if "ResponseURL" in event:
                _send(event["ResponseURL"], _response(event, error))
        return {"ok": False, "code": "release_refused", "error": error} if error else {"ok": True}

    cold_start.end()
    return handler


def _is_settled(event: Event) -> bool:
    """Whether a name goes that nobody needs any more, or one stays."""
    name = event.get("PhysicalResourceId")
    return event.get("RequestType") == "Delete" or (name is not None and name == name_of(event["ResourceProperties"]))


def _refusal(check: Callable[[], None]) -> str:
    """Why the check refuses; empty if it does not."""
    try:
        check()
    except Refused as refused:
        logger.warning("release_refused", reason=str(refused))
        return str(refused)
    logger.info("release_checked")
    return ""


def name_of(properties: Mapping[str, Any]) -> str:
    """`configuration-` and 16 hexadecimal digits that stand for the properties."""
    named = {name: value for name, value in properties.items() if name not in OF_CLOUDFORMATION}
    return f"configuration-{sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()[:16]}"


def _response(event: Event, error: str) -> Answer:
    own = name_of(event["ResourceProperties"])
    name = event.get("PhysicalResourceId", own) if error or event["RequestType"] == "Delete" else own
    return {
        "Status": "FAILED" if error else "SUCCESS",
        "Reason": error,
        "PhysicalResourceId": name,
        **{field: event[field] for field in ("StackId", "RequestId", "LogicalResourceId")},
    }


def _send(response_url: str, response: Answer) -> None:
    """To a URL that S3 has signed, without a content type."""
    url = urlsplit(response_url)
    with closing(_connection(url.scheme, url.netloc)) as connection:
        connection.request("PUT", f"{url.path}?{url.query}", json.dumps(response).encode(), {"content-type": ""})
        status = connection.getresponse().status
    if status != 200:
        raise ConnectionError(f"CloudFormation's URL answered {status}")


def _connection(scheme: str, host: str) -> HTTPConnection:
    if scheme == "http":  # an emulator's
        return HTTPConnection(host, timeout=ANSWER_SECONDS)
    # With the authorities of the operating system, whatever CaBundle names: it may be what is wrong.
    return HTTPSConnection(host, timeout=ANSWER_SECONDS, context=ssl.create_default_context())
