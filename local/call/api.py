"""What a call needs of the API: an account, a number that an assistant holds, and a connection of the carrier."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from local.call.carrier import Carrier
from local.call.errors import CallError
from local.stack.admin import invoke

NAME = "make call"
PATIENCE = 30  # seconds, for an answer
FALLBACK = {"kind": "say", "text": "Nobody answers this call."}


class Api:
    """Sends requests with a token: of an API key, or of a call."""

    def __init__(self, url: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=PATIENCE, trust_env=False)

    def send(self, method: str, path: str, **body: object) -> Any:
        """The answer. Raises CallError and httpx.HTTPError."""
        response = self._client.request(method, path, json=body or None)
        answer = response.json()
        if not response.is_success:
            raise CallError(f"{method} {path}: {answer.get('error', answer)}")
        return answer


@contextmanager
def account(url: str, slug: str) -> Iterator[Api]:
    """With an API key that is gone afterwards. Raises CallError."""
    made = invoke({"action": "create_api_key", "slug": slug, "name": NAME, "scopes": ["*"]}, None)
    if not made["ok"]:
        raise CallError(made["error"])
    api = Api(url, made["full_key"])
    try:
        yield api
    finally:
        api.send("DELETE", f"/api/api-keys/{made['api_key']['id']}")


def ensure_assistant(api: Api, slug: str, number: str) -> None:
    """Gives the number a new assistant if it has none. Raises CallError."""
    number_id = number.replace("+", "pn_")
    if api.send("GET", f"/api/phone-numbers/{number_id}")["phone_number"]["assistant_id"]:
        return
    new = {"name": "Receptionist", "templateId": "inbound-support", "inbound_enabled": True}
    assistant = api.send("POST", "/api/assistants", accountSlug=slug, **new)["assistant"]["id"]
    path = f"/api/assistants/{assistant}/telephony/phone-numbers"
    api.send("PATCH", path, accountSlug=slug, phoneNumberIds=[number_id])


@contextmanager
def connection(api: Api, slug: str, carrier: Carrier, media_url: str) -> Iterator[str]:
    """The path of a webhook of the carrier's connection, which is gone afterwards."""
    media = {"kind": "stream", "url": media_url}
    login = {"provider": "twilio", "accountSid": carrier.account_sid, "authToken": carrier.auth_token}
    path = "/api/telephony-connections"
    made = api.send("POST", path, accountSlug=slug, media=media, fallback=FALLBACK, **login)["telephony_connection"]
    try:
        yield f"/telephony/twilio/{made['id']}"
    finally:
        api.send("DELETE", f"{path}/{made['id']}")


def why_nobody_answers(api: Api, number: str) -> str:
    """Of a call that was not routed."""
    return str(api.send("GET", f"/api/routes/{number}")["reason"])
