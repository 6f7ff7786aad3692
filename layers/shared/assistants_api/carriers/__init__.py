"""Carriers' own APIs: which phone numbers an account has there, and where their calls go."""

import os
import time
from base64 import b64encode
from collections.abc import Mapping

from assistants_api.carriers import twilio
from assistants_api.carriers.carrier import Carrier, Webhooks
from assistants_api.carriers.client import REQUEST_SECONDS, Client
from assistants_api.carriers.twilio import Twilio
from assistants_api.models.telephony_connection import TelephonyConnection

WITH_API = frozenset({"twilio"})


def carrier_of(connection: TelephonyConnection, secrets: Mapping[str, str], base_url: str) -> Carrier:
    """The carrier for one request. `base_url` is where it reaches this deployment."""
    webhooks = Webhooks.at(base_url, connection.provider, connection.id)
    match connection.provider:
        case "twilio":
            login = f"{connection.account_sid}:{secrets['authToken']}"
            client = _client(
                connection,
                "Twilio",
                os.environ.get("TWILIO_API_URL") or twilio.URL,
                f"Basic {b64encode(login.encode()).decode()}",
            )
            return Twilio(client, connection.account_sid or "", webhooks)
    raise ValueError(f"{connection.provider} has no API")


def _client(connection: TelephonyConnection, name: str, url: str, authorization: str) -> Client:
    mend = (
        f"{connection.id}; send those that it shows with PATCH /api/telephony-connections/{connection.id}, with all of "
        f"{' and '.join(connection.credentials)}."
    )
    return Client(name, url, {"authorization": authorization}, mend, time.monotonic() + REQUEST_SECONDS)
