"""A stand-in for LiveKit's API for SIP, as documented: https://docs.livekit.io/reference/telephony/sip-api/"""

import hmac
import json
import time
from base64 import urlsafe_b64decode
from typing import Any

from werkzeug.wrappers import Request, Response

from local.stack.carriers.account import Asked, StandIn, answer

SERVICE = "/twirp/livekit.SIP/"


class LiveKit(StandIn):
    """A project with inbound trunks and dispatch rules."""

    def __init__(self, api_key: str, api_secret: str) -> None:
        super().__init__()
        self._api_key, self._api_secret = api_key, api_secret
        self.trunks: dict[str, dict[str, Any]] = {}
        self.rules: dict[str, dict[str, Any]] = {}

    def reset(self) -> None:
        super().reset()
        self.trunks.clear()
        self.rules.clear()

    def changes(self) -> list[Asked]:
        return [it for it in self.asked if "/List" not in it.path]

    def respond(self, request: Request) -> Response:
        if not self._may(request.headers.get("authorization", "").removeprefix("Bearer ")):
            return _error(401, "unauthenticated")
        if request.method != "POST" or not request.path.startswith(SERVICE):
            return _error(404, "bad_route")
        content: dict[str, Any] = request.json
        match request.path.removeprefix(SERVICE):
            case "ListSIPInboundTrunk":
                return answer({"items": [*self.trunks.values()]})
            case "ListSIPDispatchRule":
                return answer({"items": [*self.rules.values()]})
            case "CreateSIPInboundTrunk":
                return self._create_trunk(content["trunk"])
            case "UpdateSIPInboundTrunk":
                return self._update_trunk(content["sip_trunk_id"], content["update"]["numbers"])
            case "DeleteSIPTrunk":
                return _found(self.trunks.pop(content["sip_trunk_id"], None))
            case "CreateSIPDispatchRule":
                return self._put_rule(f"SDR_{len(self.rules):06}", content["dispatch_rule"])
            case "UpdateSIPDispatchRule" if content["sip_dispatch_rule_id"] in self.rules:
                return self._put_rule(content["sip_dispatch_rule_id"], content["replace"])
            case "DeleteSIPDispatchRule":
                return _found(self.rules.pop(content["sip_dispatch_rule_id"], None))
        return _error(404, "not_found")

    def _may(self, token: str) -> bool:
        signed, _, signature = token.rpartition(".")
        expected = hmac.digest(self._api_secret.encode(), signed.encode(), "sha256")
        if not signed or not hmac.compare_digest(_decoded(signature), expected):
            return False
        header, claims = (json.loads(_decoded(part)) for part in signed.split("."))
        is_valid: bool = claims["nbf"] <= time.time() < claims["exp"] and claims["sip"]["admin"] is True
        return header["alg"] == "HS256" and claims["iss"] == self._api_key and is_valid

    def _create_trunk(self, trunk: dict[str, Any]) -> Response:
        taken = {number for other in self.trunks.values() for number in other["numbers"]}
        if not trunk["numbers"] or taken & set(trunk["numbers"]):
            return _error(400, "invalid_argument")
        new = {**trunk, "sip_trunk_id": f"ST_{len(self.trunks):06}"}
        self.trunks[new["sip_trunk_id"]] = new
        return answer(new)

    def _update_trunk(self, trunk_id: str, numbers: dict[str, list[str]]) -> Response:
        trunk = self.trunks.get(trunk_id)
        if trunk is None:
            return _error(404, "not_found")
        left = {*trunk["numbers"], *numbers.get("add", [])} - {*numbers.get("remove", [])}
        if not left or not numbers.keys() <= {"add", "remove"}:
            return _error(400, "invalid_argument")
        trunk["numbers"] = sorted(left)
        return answer(trunk)

    def _put_rule(self, rule_id: str, rule: dict[str, Any]) -> Response:
        if not set(rule["trunk_ids"]) <= self.trunks.keys():
            return _error(400, "invalid_argument")
        self.rules[rule_id] = {**rule, "sip_dispatch_rule_id": rule_id}
        return answer(self.rules[rule_id])


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _found(entry: dict[str, Any] | None) -> Response:
    return _error(404, "not_found") if entry is None else answer(entry)


def _error(status: int, code: str) -> Response:
    return answer({"code": code, "msg": code}, status)
