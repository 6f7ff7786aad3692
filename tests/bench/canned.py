"""What the stub DynamoDB has stored, and the events that are sent: one account, its API key, of all else one."""

import json
from pathlib import Path
from typing import Any

from assistants_api import auth, templates
from assistants_api.models.api_key import PREFIX_LENGTH, ApiKey
from assistants_api.models.assistant_requests import NewAssistant
from assistants_api.models.phone_number import NewPhoneNumber
from assistants_api.storage import api_keys, assistants, keys
from assistants_api.storage.values import pack
from local.stack.template import LOCAL_VALUES

EVENTS = Path(__file__).parents[2] / "events"
ACCOUNT_ID = "acct_01jd5xexamp1e0000000000000"
TOKEN, LIMITED = (  # the same in every process
    text + auth.check(text, LOCAL_VALUES["TOKEN_SECRET"])
    for text in (f"tk_{kind}_{ACCOUNT_ID[5:]}{'0' * 32}" for kind in ("test", "live"))
)
ITEMS_PER_PAGE = 20  # that a Query finds


def items() -> dict[str, Any]:
    """An item in DynamoDB's JSON by the sort key that asks for it, or by its prefix."""
    key = ApiKey(
        id=f"key_{auth.digest(TOKEN)}",
        account_id=ACCOUNT_ID,
        account_slug="my-team",
        name="bench",
        key_prefix=TOKEN[:PREFIX_LENGTH],
        environment="test",
        scopes=["*"],
        created_at="2024-01-15T10:00:00Z",
    )
    limited = key.model_copy(update={"id": f"key_{auth.digest(LIMITED)}", "rate_limit_per_hour": 1_000_000})
    wanted = NewAssistant(account_slug="my-team", name="Q1 Outbound Setter", template_id="outbound-setter")
    assistant = wanted.to_assistant(ACCOUNT_ID, templates.load("outbound-setter")["configuration"])
    number = NewPhoneNumber(account_slug="my-team", phone_number="+14155550101").to_phone_number()
    return {
        keys.API_KEY: pack(api_keys.to_item(key)),
        api_keys.to_item(limited)["SK"]: pack(api_keys.to_item(limited)),
        keys.ASSISTANT: pack(assistants.to_item(assistant)),
        keys.PHONE_NUMBER: pack(number.model_dump()),
    }


def event(function: str, token: str = TOKEN) -> bytes:
    """The function's sample event, sent by the holder of the token."""
    content = json.loads((EVENTS / f"{function}.json").read_text())
    if "authorization" in content.get("headers", {}):
        content["headers"]["authorization"] = f"Bearer {token}"
    return json.dumps(content).encode()
