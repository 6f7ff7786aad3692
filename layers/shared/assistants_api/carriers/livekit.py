"""LiveKit's API for SIP (https://docs.livekit.io/reference/telephony/sip-api/): JSON to its Twirp service.

Nobody is asked when a call arrives: an inbound trunk has the numbers, and a dispatch rule names the agent. Each
connection has one of both, by its name. A number has no owner there, so that it is in the trunk is all there is to see.
"""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from assistants_api.carriers.carrier import Line, Lines
from assistants_api.carriers.client import AnswerT, CarrierAnswer, Client

SERVICE = "/twirp/livekit.SIP/"
TOKEN_SECONDS = 60
ROOM_PREFIX = "call-"


class TwirpAnswer(CarrierAnswer):
    """Names are as in the protocol or in camel case: JSON of protocol buffers has either."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, hide_input_in_errors=True
    )


class Trunk(TwirpAnswer):
    sip_trunk_id: str
    name: str = ""
    numbers: list[str] = []


class Trunks(TwirpAnswer):
    items: list[Trunk] = []


class Agent(TwirpAnswer):
    agent_name: str = ""


class RoomConfiguration(TwirpAnswer):
    agents: list[Agent] = []


class Individual(TwirpAnswer):
    room_prefix: str = ""


class Kind(TwirpAnswer):
    dispatch_rule_individual: Individual | None = None


class Rule(TwirpAnswer):
    sip_dispatch_rule_id: str
    name: str = ""
    rule: Kind = Kind()
    trunk_ids: list[str] = []
    room_config: RoomConfiguration | None = None

    def dispatches(self, agents: Sequence[str], trunk_id: str) -> bool:
        """Whether each call of the trunk gets a room of its own, with these agents."""
        named = [agent.agent_name for agent in self.room_config.agents] if self.room_config else []
        return self.rule.dispatch_rule_individual is not None and self.trunk_ids == [trunk_id] and named == [*agents]


class Rules(TwirpAnswer):
    items: list[Rule] = []


def token(api_key: str, api_secret: str, now: int) -> str:
    """A JSON Web Token that may change trunks and rules for a minute. `now` are seconds since 1970."""
    claims = {"iss": api_key, "nbf": now - TOKEN_SECONDS, "exp": now + TOKEN_SECONDS, "sip": {"admin": True}}
    signed = ".".join(_base64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{signed}.{_base64(hmac.digest(api_secret.encode(), signed.encode(), 'sha256'))}"


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def https(url: str) -> str:
    """Where the API of the server is."""
    return "https://" + url.partition("://")[2].partition("?")[0]


@dataclass
class LiveKit:
    """The project of a connection, for one request."""

    client: Client
    connection_id: str
    agent_name: str | None

    @property
    def _name(self) -> str:
        return f"assistants {self.connection_id}"

    @property
    def _agents(self) -> list[str]:
        return [self.agent_name] if self.agent_name else []

    def find(self, phone_number: str) -> Line:
        return self._line(phone_number)

    def page(self, limit: int, after: str | None) -> Lines:
        numbers = sorted({number for trunk in self._trunks for number in trunk.numbers if number > (after or "")})
        page = numbers[:limit]
        return [self._line(number) for number in page], page[-1] if numbers[limit:] else None

    def connect(self, line: Line) -> None:
        trunk = self._trunk
        if trunk is None:
            new = {"trunk": {"name": self._name, "numbers": [line.phone_number]}}
            trunk = self._change("CreateSIPInboundTrunk", Trunk, new)
        elif line.phone_number not in trunk.numbers:
            self._change_numbers(trunk, "add", line.phone_number)
        wanted = self._wanted_rule(trunk)
        if self._rule is None:
            self._change("CreateSIPDispatchRule", Rule, {"dispatch_rule": wanted})
        elif not self._rule.dispatches(self._agents, trunk.sip_trunk_id):
            rule_id = self._rule.sip_dispatch_rule_id
            self._change("UpdateSIPDispatchRule", Rule, {"sip_dispatch_rule_id": rule_id, "replace": wanted})

    def release(self, line: Line) -> bool:
        """A trunk without numbers takes calls of every number, so the last number takes trunk and rule along."""
        trunk = self._trunk
        if trunk is None or line.phone_number not in trunk.numbers:
            return False
        if trunk.numbers != [line.phone_number]:
            self._change_numbers(trunk, "remove", line.phone_number)
            return True
        if self._rule:
            self._change("DeleteSIPDispatchRule", Rule, {"sip_dispatch_rule_id": self._rule.sip_dispatch_rule_id})
        self._change("DeleteSIPTrunk", CarrierAnswer, {"sip_trunk_id": trunk.sip_trunk_id})
        return True

    def _change_numbers(self, trunk: Trunk, how: str, number: str) -> None:
        update = {"sip_trunk_id": trunk.sip_trunk_id, "update": {"numbers": {how: [number]}}}
        self._change("UpdateSIPInboundTrunk", Trunk, update)

    def _change(self, method: str, model: type[AnswerT], content: Mapping[str, object]) -> AnswerT:
        return self.client.send_json("POST", SERVICE + method, model, content)

    def _list(self, method: str, model: type[AnswerT]) -> AnswerT:
        return self.client.send_json("POST", SERVICE + method, model, {}, attempts=2)

    @cached_property
    def _trunks(self) -> list[Trunk]:
        return self._list("ListSIPInboundTrunk", Trunks).items

    @cached_property
    def _rule(self) -> Rule | None:
        found = self._list("ListSIPDispatchRule", Rules).items
        return min((it for it in found if it.name == self._name), key=lambda it: it.sip_dispatch_rule_id, default=None)

    @property
    def _trunk(self) -> Trunk | None:
        """That of the connection; of several, which requests at the same time have made, always the same."""
        own = (trunk for trunk in self._trunks if trunk.name == self._name)
        return min(own, key=lambda trunk: trunk.sip_trunk_id, default=None)

    def _wanted_rule(self, trunk: Trunk) -> dict[str, object]:
        return {
            "name": self._name,
            "trunk_ids": [trunk.sip_trunk_id],
            "rule": {"dispatch_rule_individual": {"room_prefix": ROOM_PREFIX}},
            "room_config": {"agents": [{"agent_name": name} for name in self._agents]},
        }

    def _line(self, number: str) -> Line:
        own, rule = self._trunk, f"a room for each call, with {self.agent_name or 'any agent'}"
        is_in, is_dispatched = False, False
        if own:
            is_in = number in own.numbers
            is_dispatched = self._rule is not None and self._rule.dispatches(self._agents, own.sip_trunk_id)
        settings = {"trunk": self._name if is_in else "", "dispatch_rule": rule if is_dispatched else ""}
        wanted = {"trunk": self._name, "dispatch_rule": rule}
        return Line(number, number, "", settings, wanted, self._obstacle(number))

    def _obstacle(self, number: str) -> str | None:
        for trunk in self._trunks:
            if number in trunk.numbers and trunk is not self._trunk:
                return f"{number} is in the inbound trunk {trunk.sip_trunk_id} at LiveKit; remove it from there first."
        return None
