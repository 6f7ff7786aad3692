"""A stand-in for Twilio's API of phone numbers, as documented:
https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

import re
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from local.stack.carriers.account import StandIn, answer

LIST = re.compile(r"/2010-04-01/Accounts/(AC[0-9a-f]{32})/IncomingPhoneNumbers\.json")
ONE = re.compile(r"/2010-04-01/Accounts/(AC[0-9a-f]{32})/IncomingPhoneNumbers/(PN[0-9a-f]{32})\.json")
URLS = {"VoiceUrl": "voice_url", "VoiceFallbackUrl": "voice_fallback_url", "StatusCallback": "status_callback"}
METHODS = {
    "VoiceMethod": "voice_method",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallbackMethod": "status_callback_method",
}
SETTABLE = {**URLS, **METHODS, "VoiceApplicationSid": "voice_application_sid"}
DEMO_URL = "https://demo.twilio.com/welcome/voice/"  # of a number that was just bought
MAX_PAGE = 1_000


class Twilio(StandIn):
    """An account with phone numbers."""

    def __init__(self, sid: str, token: str) -> None:
        super().__init__()
        self._sid, self._token = sid, token
        self.numbers: dict[str, dict[str, Any]] = {}

    def reset(self) -> None:
        super().reset()
        self.numbers.clear()

    def add(self, phone_number: str, **fields: object) -> dict[str, Any]:
        """A number as it is after it was bought, but for the fields."""
        number: dict[str, Any] = {
            "sid": f"PN{len(self.numbers) + 1:032x}",
            "account_sid": self._sid,
            "friendly_name": f"({phone_number[2:5]}) {phone_number[5:8]}-{phone_number[8:]}",
            "phone_number": phone_number,
            "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
            "voice_application_sid": "",
            "trunk_sid": None,
            **dict.fromkeys(METHODS.values(), "POST"),
            **dict.fromkeys(URLS.values(), ""),
            "voice_url": DEMO_URL,
            **fields,
        }
        self.numbers[phone_number] = number
        return number

    def respond(self, request: Request) -> Response:
        login = request.authorization
        if login is None or (login.username, login.password) != (self._sid, self._token):
            return _error(401, 20003, "Authenticate")
        if (match := LIST.fullmatch(request.path)) and match[1] == self._sid and request.method == "GET":
            return self._page(request)
        if (match := ONE.fullmatch(request.path)) and match[1] == self._sid and request.method == "POST":
            return self._change(match[2], request)
        return _error(404, 20404, "The requested resource was not found")

    def _page(self, request: Request) -> Response:
        part = request.args.get("PhoneNumber", "").lstrip("+")  # which numbers have to contain
        size = min(int(request.args.get("PageSize", "50")), MAX_PAGE)
        sids = [it["sid"] for it in self.numbers.values()]
        start = sids.index(request.args["PageToken"][2:]) + 1 if "PageToken" in request.args else 0
        found = [it for it in list(self.numbers.values())[start:] if part in it["phone_number"]]
        page, query = found[:size], {"PageSize": size, "Page": int(request.args.get("Page", "0")) + 1}
        uri = f"{request.path}?{urlencode({**query, 'PageToken': 'PA' + page[-1]['sid']})}" if found[size:] else None
        return answer({"incoming_phone_numbers": page, "page_size": size, "next_page_uri": uri})

    def _change(self, sid: str, request: Request) -> Response:
        number = next((it for it in self.numbers.values() if it["sid"] == sid), None)
        if number is None:
            return _error(404, 20404, "The requested resource was not found")
        form = request.form.to_dict()
        if unknown := form.keys() - SETTABLE.keys():
            return _error(400, 20001, f"Unknown parameters {sorted(unknown)}")
        for name, value in form.items():
            if name in URLS and value and not value.startswith(("http://", "https://")):
                return _error(400, 21402, "Url is not a valid URL")
            if name in METHODS and value not in ("GET", "POST"):
                return _error(400, 21403, "Method is not valid")
        number |= {SETTABLE[name]: value for name, value in form.items()}
        return answer(number)


def _error(status: int, code: int, message: str) -> Response:
    return answer({"code": code, "message": message, "status": status}, status)
