"""What a release needs, looked at before any request reaches it: read, and never written.

Each check answers what is wrong and which parameter mends it, or an empty text.
"""

import os
import ssl
import time
from collections.abc import Callable

from assistants_api import carriers
from assistants_api.custom_resource import Refused
from assistants_api.errors import Unavailable
from assistants_api.storage import credentials
from assistants_api.storage.client import REQUEST_SECONDS
from assistants_api.storage.errors import RefusedByDynamoDB
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.table import from_env

# A new role's rights take some seconds until every service knows of them. An attempt takes at most 26 seconds, so all
# end before the function's timeout.
ATTEMPTS, PAUSE_SECONDS = 3, 10.0

READ: PrimaryKey = ("ACCOUNT#-", "-")  # a key that no item has, and IAM allows
CONTEXT = {"account": "-", "connection": "-"}
OPERATING_SYSTEM = "/etc/pki/tls/certs/ca-bundle.crt"
WORDS = {
    "EndpointConnectionError": "nothing answers",
    "ConnectTimeoutError": "nothing answers",
    "ConnectionClosedError": "what answers is no service of AWS",
    "ReadTimeoutError": "what answers is no service of AWS",
    "HTTPClientError": "what answers is no service of AWS",
    "ResourceNotFoundException": "there is none of this name",
    "AccessDeniedException": "the function may not read it",
    "KMS NotFoundException": "there is no such key",
    "KMS AccessDeniedException": "its key policy does not let the functions encrypt",
    "KMS DisabledException": "it is disabled",
    "KMS KMSInvalidStateException": "it is disabled, or will be deleted",
}
SECRETS = {"TOKEN_SECRET": "TokenSecretArn", "PREVIOUS_TOKEN_SECRET": "PreviousTokenSecretArn"}
ENDPOINTS = {"DynamoDBEndpoint": "AWS_ENDPOINT_URL_DYNAMODB", "KmsEndpoint": "AWS_ENDPOINT_URL_KMS"}


def check() -> None:
    """Raises Refused, with all that is wrong."""
    faults = _found(check_bundle, check_secrets) or _settled(check_table, check_credentials_key, check_carriers)
    if faults:
        raise Refused(" ".join(faults))


def _settled(*checks: Callable[[], str]) -> list[str]:
    """What they find at the last attempt; nothing, at the first one that finds nothing."""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(PAUSE_SECONDS)
        if not (faults := _found(*checks)):
            break
    return faults


def _found(*checks: Callable[[], str]) -> list[str]:
    return [fault for check in checks if (fault := check())]


def check_bundle() -> str:
    bundle = _bundle() or None
    hint = f"leave it empty, or name one that has, such as {OPERATING_SYSTEM}."
    try:
        ssl.create_default_context(cafile=bundle)
    except FileNotFoundError:
        return f"CaBundle: the functions have no file {bundle} with authorities; {hint}"
    except OSError:  # ssl.SSLError is one
        return f"CaBundle: the file {bundle} has no authorities that can be read; {hint}"
    return ""


def check_secrets() -> str:
    """They are texts by now; without one every key is refused."""
    for name, parameter in SECRETS.items():
        value = os.environ.get(name, "")
        if value.startswith("{{resolve:") or (name == "TOKEN_SECRET" and not value):
            return f"{parameter}: the secret has no text; name one that has a SecretString."
    return ""


def check_table() -> str:
    what = f"the table {os.environ['TABLE_NAME']}"
    try:
        from_env().for_request().read([READ])
    except Unavailable as unavailable:
        return _fault(what, "DynamoDBEndpoint", unavailable.cause)
    except RefusedByDynamoDB as refusal:
        return _fault(what, "DynamoDBEndpoint", str(refusal))
    return ""


def check_credentials_key() -> str:
    """Encrypts what is thrown away: KMS keeps nothing of it."""
    try:
        credentials.from_env().encrypt({}, CONTEXT, time.monotonic() + REQUEST_SECONDS)
    except Unavailable as unavailable:
        return _fault(f"the key {os.environ['CREDENTIALS_KEY']}", "KmsEndpoint", unavailable.cause)
    return ""


def check_carriers() -> str:
    """A carrier that is down is no fault of the release."""
    try:
        carriers.check_certificates()
    except ssl.SSLCertVerificationError:
        hint = "leave it empty for those of the operating system" if _bundle() else "name a file that has the right one"
        return (
            f"CaBundle: no authority in {_bundle() or 'the operating system'} signed a carrier's certificate; {hint}."
        )
    return ""


def _fault(what: str, parameter: str, cause: str) -> str:
    endpoint = os.environ.get(ENDPOINTS[parameter])
    if cause == "SSLError":
        hint = f"name a file that has the one of {endpoint}" if endpoint else "leave it empty for Amazon's, which did"
        place = _bundle() or "the layer"
        return f"CaBundle: no authority in {place} signed the certificate that {what} is behind; {hint}."
    reason = WORDS.get(cause, cause)
    if endpoint:
        return f"{parameter}: {what} is out of reach at {endpoint}: {reason}; leave it empty for that of the region."
    return f"{what[0].upper()}{what[1:]} is out of reach: {reason}."


def _bundle() -> str:
    return os.environ.get("AWS_CA_BUNDLE", "")
