"""Carriers' own APIs: which phone numbers an account has there, and where their calls go."""

import os
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace

from assistants_api.carriers import livekit, telnyx, twilio
from assistants_api.carriers.carrier import Carrier, Webhooks
from assistants_api.carriers.client import REQUEST_SECONDS, Client, check_certificate
from assistants_api.carriers.livekit import LiveKit
from assistants_api.carriers.telnyx import Telnyx
from assistants_api.carriers.twilio import Twilio
from assistants_api.models.telephony_connection import TelephonyConnection

WITH_API = frozenset({"twilio", "telnyx", "livekit"})


def carrier_of(connection: TelephonyConnection, secrets: Mapping[str, str], base_url: str) -> Carrier:
    """The carrier for one request. `base_url` is where it reaches this deployment."""
    webhooks = Webhooks.at(base_url, connection.provider, connection.id)
    match connection.provider:
        case "twilio":
            sid = connection.account_sid or ""
            login = b64encode(f"{sid}:{secrets['authToken']}".encode()).decode()
            return Twilio(_client(connection, "Twilio", _twilio_url(), f"Basic {login}"), sid, webhooks)
        case "telnyx":
            client = _client(connection, "Telnyx", _telnyx_url(), f"Bearer {secrets['apiKey']}")
            return Telnyx(client, connection.id, webhooks)
        case "livekit":
            bearer = livekit.token(secrets["apiKey"], secrets["apiSecret"], int(time.time()))
            client = _client(connection, "LiveKit", livekit.https(connection.url or ""), f"Bearer {bearer}")
            # The account names the host, so that a name of its own may lead into a private network.
            is_public_only = os.environ.get("ALLOW_PRIVATE_HOSTS") != "true"
            return LiveKit(replace(client, is_public_only=is_public_only), connection.id, connection.agent_name)
    raise ValueError(f"{connection.provider} has no API")


def check_certificates() -> None:
    """Raises ssl.SSLCertVerificationError for a carrier whose certificate is not trusted. One that is out of reach is
    not checked, nor is LiveKit, whose hosts the connections name."""
    for url in (_twilio_url(), _telnyx_url()):
        check_certificate(url)


def _twilio_url() -> str:
    return os.environ.get("TWILIO_API_URL") or twilio.URL


def _telnyx_url() -> str:
    return os.environ.get("TELNYX_API_URL") or telnyx.URL


def _client(connection: TelephonyConnection, name: str, url: str, authorization: str) -> Client:
    mend = (
        f"{connection.id}; send those that it shows with PATCH /api/telephony-connections/{connection.id}, with all of "
        f"{' and '.join(connection.credentials)}."
    )
    return Client(name, url, {"authorization": authorization}, mend, time.monotonic() + REQUEST_SECONDS)
