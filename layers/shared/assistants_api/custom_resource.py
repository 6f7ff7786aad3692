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
OF_PERMISSIONS = ("TableArn", "CredentialsKeyArn")  # properties that functions may use once they were checked

Answer = dict[str, object]


class Refused(Exception):
    """The update must not go on. The text says why, to whoever deploys."""


def custom_resource(check: Callable[[], None]) -> Callable[[Event, object], Answer]:
    """Makes a Lambda handler of a function that raises Refused.

    CloudFormation gets the name of the properties as the attribute `Name`, and those of OF_PERMISSIONS as they are. The
    physical id is that name and the one before it, `<name>/<name before>`. A rollback asks with the id of what failed
    and the properties of before: to go back to either name is no check, and never refused. Another id makes
    CloudFormation delete the old one in the end, which does nothing. Whoever else invokes the function gets the check,
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
    """Whether nobody needs a name any more, or it was checked already."""
    if event.get("RequestType") == "Delete":
        return True
    return name_of(event.get("ResourceProperties", {})) in event.get("PhysicalResourceId", "").split("/")


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
    properties = event["ResourceProperties"]
    own = name_of(properties)
    stays = error or event["RequestType"] == "Delete"
    return {
        "Status": "FAILED" if error else "SUCCESS",
        "Reason": error,
        "PhysicalResourceId": event.get("PhysicalResourceId", own) if stays else _id_after(event, own),
        "Data": {"Name": own} | {name: properties[name] for name in OF_PERMISSIONS if name in properties},
        **{field: event[field] for field in ("StackId", "RequestId", "LogicalResourceId")},
    }


def _id_after(event: Event, own: str) -> str:
    id_before: str = event.get("PhysicalResourceId", own)
    name, _, before = id_before.partition("/")
    if own == name:
        return id_before
    return own if own == before else f"{own}/{name}"  # what failed is no name to go back to


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
