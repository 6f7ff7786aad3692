"""What the stub has stored, and the events that are sent: one account, its API key, of all else one."""

import hmac
import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from assistants_api import auth, templates
from assistants_api.models.account import Account
from assistants_api.models.api_key import PREFIX_LENGTH, ApiKey
from assistants_api.models.assistant_requests import NewAssistant
from assistants_api.models.phone_number_requests import NewPhoneNumber
from assistants_api.models.telephony_connection import OWN
from assistants_api.models.telephony_connection_requests import NewTelephonyConnection
from assistants_api.storage import api_keys, assistants, keys, telephony_connections
from assistants_api.storage.values import pack, pack_key
from local.stack.template import LOCAL_VALUES

EVENTS = Path(__file__).parents[2] / "events"
ACCOUNT_ID = "acct_01jd5xexamp1e0000000000000"
TOKEN, LIMITED = (  # the same in every process
    text + auth.check(text, LOCAL_VALUES["TOKEN_SECRET"])
    for text in (f"tk_{kind}_{ACCOUNT_ID[5:]}{'0' * 32}" for kind in ("test", "live"))
)
CARRIER_SECRETS = {"authToken": "0" * 32}
OLD_FIELD = {"account_slug": "my-team"}  # which peers and builds of before look for in the API key
ITEMS_PER_PAGE = 20  # that a Query finds


def items() -> dict[str, Any]:
    """An item in DynamoDB's JSON by the sort key that asks for it, or by its prefix."""
    key = ApiKey(
        id=f"key_{auth.digest(TOKEN)}",
        account_id=ACCOUNT_ID,
        name="bench",
        key_prefix=TOKEN[:PREFIX_LENGTH],
        environment="test",
        scopes=["*"],
        created_at="2024-01-15T10:00:00Z",
    )
    limited = key.model_copy(update={"id": f"key_{auth.digest(LIMITED)}", "rate_limit_per_hour": 1_000_000})
    account = Account(id=ACCOUNT_ID, slug="my-team", name="My Team", created_at="2024-01-15T10:00:00Z")
    wanted = NewAssistant(account_slug="my-team", name="Q1 Outbound Setter", template_id="outbound-setter")
    assistant = wanted.to_assistant(ACCOUNT_ID, templates.load("outbound-setter")["configuration"])
    number = NewPhoneNumber(account_slug="my-team", phone_number="+14155550101").to_phone_number()
    answering = wanted.to_assistant(ACCOUNT_ID, templates.load("inbound-support")["configuration"])
    called = number.model_copy(update={"assistant_id": answering.id})
    answering = answering.model_copy(update={"inbound_enabled": True, "phone_number_ids": [called.id]})
    connection = NewTelephonyConnection.model_validate(
        {
            "accountSlug": "my-team",
            "provider": "twilio",
            "accountSid": f"AC{'0' * 32}",
            **CARRIER_SECRETS,
            "media": {"kind": "stream", "url": "wss://bots.example.com/ws"},
        }
    ).to_write(ACCOUNT_ID)
    sealed = {OWN: {"B": b64encode(b"what the stub decrypts").decode()}}
    return {
        keys.phone_number(ACCOUNT_ID, called.id)[1]: pack(called.model_dump()),
        keys.assistant(ACCOUNT_ID, answering.id)[1]: pack(assistants.to_item(answering)),
        keys.CONNECTION: pack(telephony_connections.to_item(ACCOUNT_ID, connection.connection)) | sealed,
        keys.ACCOUNT_ITEM: pack(account.model_dump()),
        keys.API_KEY: pack(api_keys.to_item(key) | OLD_FIELD),
        api_keys.to_item(limited)["SK"]: pack(api_keys.to_item(limited) | OLD_FIELD),
        keys.ASSISTANT: pack(assistants.to_item(assistant)),
        keys.PHONE_NUMBER: pack(number.model_dump()) | pack_key(keys.phone_number(ACCOUNT_ID, number.id)),
    }


def event(function: str, token: str = TOKEN) -> bytes:
    """The function's sample event, sent by the holder of the token, or signed by the carrier."""
    content = json.loads((EVENTS / f"{function}.json").read_text())
    headers = content.get("headers", {})
    if "authorization" in headers:
        headers["authorization"] = f"Bearer {token}"
    if "x-twilio-signature" in headers:
        headers["x-twilio-signature"] = _signature(content)
    return json.dumps(content).encode()


def _signature(content: dict[str, Any]) -> str:
    """https://www.twilio.com/docs/usage/security#validating-requests"""
    url = f"https://{content['requestContext']['domainName']}{content['rawPath']}"
    form = sorted(parse_qsl(b64decode(content["body"]).decode(), keep_blank_values=True))
    signed = url + "".join(name + value for name, value in form)
    return b64encode(hmac.digest(CARRIER_SECRETS["authToken"].encode(), signed.encode(), "sha1")).decode()
