"""What tests share of phone numbers that are imported through a connection at Twilio."""

from typing import Any

from werkzeug.wrappers import Request, Response

from tests.carriers import twilio
from tests.harness import Account, Reply

NUMBER, NUMBER_ID = "+14155550101", "pn_14155550101"
TRUNK = f"TK{'1' * 32}"
BASE = "https://api.example.com/telephony/twilio"  # of the sample events


def import_through(account: Account, connection: object, number: str = NUMBER, **fields: object) -> Reply:
    query, headers = fields.pop("query", None), fields.pop("headers", None)
    body = {"accountSlug": account.slug, "phoneNumber": number, "connectionId": connection, **fields}
    return account.call("import_phone_number", body=body, query=query, headers=headers)  # type: ignore[arg-type]


def number_of(reply: Reply) -> dict[str, Any]:
    assert reply.status == 200, reply.text
    number: dict[str, Any] = reply.json["phone_number"]
    return number


def stored_number(account: Account) -> dict[str, Any]:
    return number_of(account.call("get_phone_number", NUMBER_ID))


def settings(connection: str) -> dict[str, str]:
    """Of a number whose calls come here."""
    voice, status = f"{BASE}/{connection}/voice", f"{BASE}/{connection}/status"
    urls = {"voice_url": voice, "voice_fallback_url": voice, "status_callback": status, "voice_application_sid": ""}
    return urls | dict.fromkeys(("voice_method", "voice_fallback_method", "status_callback_method"), "POST")


def at_twilio(connection: str) -> dict[str, str]:
    return {name: twilio.numbers[NUMBER][name] for name in settings(connection)}


def refuse_changes(request: Request) -> Response | None:
    return Response(status=500) if request.method == "POST" else None
