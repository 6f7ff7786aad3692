"""A stand-in for Telnyx's APIs of phone numbers and TeXML applications, as documented:
https://developers.telnyx.com/api-reference
"""

import re
from collections.abc import Sequence
from typing import Any

from werkzeug.wrappers import Request, Response

from local.stack.carriers.account import StandIn, answer

NUMBER = re.compile(r"/v2/phone_numbers/([0-9]+)")
APPLICATION = re.compile(r"/v2/texml_applications/([0-9]+)")
METHODS = ("voice_method", "status_callback_method")
URLS = ("voice_url", "voice_fallback_url", "status_callback")
SETTABLE = {*METHODS, *URLS, "friendly_name", "active"}
MAX_PAGE = 250


class Telnyx(StandIn):
    """An account with phone numbers and TeXML applications."""

    def __init__(self, api_key: str) -> None:
        super().__init__()
        self._api_key = api_key
        self.numbers: dict[str, dict[str, Any]] = {}
        self.applications: dict[str, dict[str, Any]] = {}

    def reset(self) -> None:
        super().reset()
        self.numbers.clear()
        self.applications.clear()

    def add(self, phone_number: str, **fields: object) -> dict[str, Any]:
        """A number as it is after it was bought, but for the fields."""
        number: dict[str, Any] = {
            "id": str(1293384261075731000 + len(self.numbers)),
            "record_type": "phone_number",
            "phone_number": phone_number,
            "status": "active",
            "connection_id": None,
            "connection_name": None,
            "customer_reference": None,
            **fields,
        }
        self.numbers[phone_number] = number
        return number

    def respond(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {self._api_key}":
            return _error(401, "10009", "Authentication failed")
        if request.path == "/v2/phone_numbers" and request.method == "GET":
            digits = request.args.get("filter[phone_number]", "")
            if digits and not digits.isdigit():
                return _page([], request)
            return _page([it for it in self.numbers.values() if digits in it["phone_number"]], request)
        if request.path == "/v2/texml_applications":
            return self._applications(request)
        if (match := NUMBER.fullmatch(request.path)) and request.method == "PATCH":
            return self._assign(match[1], request)
        if (match := APPLICATION.fullmatch(request.path)) and request.method == "PATCH":
            return self._change(self.applications.get(match[1]), request)
        return _error(404, "10005", "Resource not found")

    def _applications(self, request: Request) -> Response:
        if request.method == "GET":
            part = request.args.get("filter[friendly_name]", "")
            return _page([it for it in self.applications.values() if part in it["friendly_name"]], request)
        new = {"id": str(2293384261075731000 + len(self.applications)), "record_type": "texml_application"}
        if not {"friendly_name", "voice_url"} <= request.json.keys():
            return _error(422, "10015", "A required field is missing")
        return self._change(new | {"active": True, "voice_method": "post", "status_callback_method": "post"}, request)

    def _change(self, application: dict[str, Any] | None, request: Request) -> Response:
        if application is None:
            return _error(404, "10005", "Resource not found")
        sent: dict[str, Any] = request.json
        is_valid = sent.keys() <= SETTABLE and all(sent.get(name, "post") in ("get", "post") for name in METHODS)
        if not is_valid or not all(sent.get(name, "https://").startswith(("http://", "https://")) for name in URLS):
            return _error(422, "10015", "The field is invalid")
        self.applications[application["id"]] = application | sent
        return answer({"data": application | sent}, 201 if request.method == "POST" else 200)

    def _assign(self, number_id: str, request: Request) -> Response:
        number = next((it for it in self.numbers.values() if it["id"] == number_id), None)
        if number is None:
            return _error(404, "10005", "Resource not found")
        connection = request.json["connection_id"]
        if connection and connection not in self.applications:
            return _error(422, "10015", "The connection does not exist")
        number["connection_id"] = connection or None
        return answer({"data": number})


def _page(entries: Sequence[dict[str, Any]], request: Request) -> Response:
    size = min(int(request.args.get("page[size]", "20")), MAX_PAGE)
    page = int(request.args.get("page[number]", "1"))
    meta = {"total_pages": -(-len(entries) // size), "total_results": len(entries), "page_number": page}
    return answer({"data": entries[(page - 1) * size : page * size], "meta": meta | {"page_size": size}})


def _error(status: int, code: str, title: str) -> Response:
    return answer({"errors": [{"code": code, "title": title, "detail": title}]}, status)
