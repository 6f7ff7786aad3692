"""Signatures of Twilio's webhooks (https://www.twilio.com/docs/usage/webhooks/webhooks-security).

Twilio signs the URL that it requests, followed by each parameter's name and value, sorted by name: with the account's
auth token and HMAC-SHA1, or, if one of the account's webhook rules matches the URL, with a shared key and the algorithm
that a header names (https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys, a public beta of 2026).

Nothing separates names from values, and nothing says when the request was made. So who saw a signed request can move
the borders between them and send it again: read a parameter only if it has the form that it should have, and answer a
call that was answered before as before.
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence

from assistants_api.telephony.forms import Form

SIGNATURE_HEADER = "x-twilio-signature"
SETTINGS_HEADER = "x-twilio-webhooks-signature-settings"  # as `key=webhooks_sharedkey_...,algorithm=HMAC_SHA256`
ALGORITHMS = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
PORTS = {"http": "80", "https": "443"}
# A call's id is CA and 32 hexadecimal digits. A longer one has swallowed what follows it in the signed text.
CALL_ID_CHARACTERS = 34
ORIGIN = re.compile(r"(https?)://([^/?#]+?)(?::([0-9]+))?(?=[/?#]|$)")


def is_signed(
    headers: Mapping[str, str],
    urls: Iterable[str],
    form: Form,
    *,
    auth_tokens: Sequence[str],
    shared_keys: Sequence[str] = (),
) -> bool:
    """Whether Twilio signed this form for one of the URLs, under one of the secrets.

    Names of headers are in lower case. Several secrets are for the time in which one replaces another; a blank one
    accepts nothing.
    """
    settings = headers.get(SETTINGS_HEADER, "")
    algorithm = ALGORITHMS.get(_algorithm(settings))
    secrets = [secret for secret in (shared_keys if settings else auth_tokens) if secret]
    if algorithm is None:
        return False
    signature, parameters = headers.get(SIGNATURE_HEADER, "").encode(errors="replace"), _canonical(form)
    signed = [f"{url}{parameters}".encode() for url in urls]
    expected = [b64encode(hmac.digest(secret.encode(), text, algorithm)) for secret in secrets for text in signed]
    return any(hmac.compare_digest(each, signature) for each in expected)


def _algorithm(settings: str) -> str:
    for part in settings.split(","):
        name, _, value = part.partition("=")
        if name.strip() == "algorithm" and value.strip():
            return value.strip().upper()
    return "HMAC_SHA1"


def _canonical(form: Form) -> str:
    return "".join(name + value for name, value in sorted(set(form)))


def signed_urls(*, domain: str, stage: str, path: str, query: str, public_base_url: str = "") -> list[str]:
    """The URLs that Twilio may have requested, as API Gateway tells of the request.

    Twilio signs what it was told to request. API Gateway's path begins with the stage, if that has a name, also where
    a custom domain hides it. `public_base_url` is what the deployment says of a proxy before it, such as
    `https://calls.example.com/voice`; headers say nothing of it, since everybody can send them. A proxy may add to the
    query, so it also counts as signed without: whoever uses this reads nothing from the query. A port may be there or
    not, as Twilio is not consistent about it.
    """
    without_stage = path.removeprefix(f"/{stage}") if path.startswith(f"/{stage}/") else path
    bases = [f"https://{domain}{path}", f"https://{domain}{without_stage}"]
    if public_base_url:
        bases.insert(0, public_base_url.rstrip("/") + without_stage)
    urls = [base + rest for base in bases for rest in ([f"?{query}", ""] if query else [""])]
    return [*dict.fromkeys(variant for url in urls for variant in with_and_without_port(url))]


def with_and_without_port(url: str) -> list[str]:
    """`https://a.example/x` and `https://a.example:443/x`, given either of them; nothing of what is no such URL."""
    match = ORIGIN.match(url)
    if match is None:
        return []
    scheme, host, port = match.groups()
    rest = url[match.end() :]
    return [f"{scheme}://{host}{rest}", f"{scheme}://{host}:{port or PORTS[scheme]}{rest}"]
