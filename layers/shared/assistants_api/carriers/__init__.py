"""Carriers' own APIs: which phone numbers an account has there, and where their calls go."""

import os
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace

from assistants_api.carriers import livekit, telnyx, twilio
from assistants_api.carriers.carrier import Carrier, Webhooks
from assistants_api.carriers.client import REQUEST_SECONDS, Client
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
            sid, url = connection.account_sid or "", os.environ.get("TWILIO_API_URL") or twilio.URL
            login = b64encode(f"{sid}:{secrets['authToken']}".encode()).decode()
            return Twilio(_client(connection, "Twilio", url, f"Basic {login}"), sid, webhooks)
        case "telnyx":
            url = os.environ.get("TELNYX_API_URL") or telnyx.URL
            return Telnyx(_client(connection, "Telnyx", url, f"Bearer {secrets['apiKey']}"), connection.id, webhooks)
        case "livekit":
            bearer = livekit.token(secrets["apiKey"], secrets["apiSecret"], int(time.time()))
            client = _client(connection, "LiveKit", livekit.https(connection.url or ""), f"Bearer {bearer}")
            # The account names the host, so that a name of its own may lead into a private network.
            is_public_only = os.environ.get("ALLOW_PRIVATE_HOSTS") != "true"
            return LiveKit(replace(client, is_public_only=is_public_only), connection.id, connection.agent_name)
    raise ValueError(f"{connection.provider} has no API")


def _client(connection: TelephonyConnection, name: str, url: str, authorization: str) -> Client:
    mend = (
        f"{connection.id}; send those that it shows with PATCH /api/telephony-connections/{connection.id}, with all of "
        f"{' and '.join(connection.credentials)}."
    )
    return Client(name, url, {"authorization": authorization}, mend, time.monotonic() + REQUEST_SECONDS)
