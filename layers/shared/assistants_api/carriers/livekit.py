"""LiveKit's API for SIP (https://docs.livekit.io/reference/telephony/sip-api/): JSON to its Twirp service.

Nobody is asked when a call arrives: an inbound trunk has the numbers, and a dispatch rule names the agent. Each
connection has one of both, by its name; imports at the same time may make more, and all of them are its own. A number
has no owner there, so that it is in such a trunk is all there is to see.
"""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from assistants_api.carriers.carrier import Line, Lines
from assistants_api.carriers.client import AnswerT, CarrierAnswer, Client
from assistants_api.errors import CarrierRefused

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


@dataclass(frozen=True)
class Project:
    """What was there when it was listed. `own` are the trunks and rules of the connection, by their ids."""

    trunks: Sequence[Trunk]
    own: Sequence[Trunk]
    own_rules: Sequence[Rule]

    def trunk_with(self, number: str) -> Trunk | None:
        return next((trunk for trunk in self.own if number in trunk.numbers), None)

    def trunk_for(self, number: str) -> Trunk | None:
        """The one that the number is in, or else the one that it would join."""
        return self.trunk_with(number) or next(iter(self.own), None)

    def rule_of(self, trunk: Trunk) -> Rule | None:
        return next((rule for rule in self.own_rules if trunk.sip_trunk_id in rule.trunk_ids), None)

    def rule_for(self, trunk: Trunk) -> Rule | None:
        """That of the trunk, or else one whose trunk is gone."""
        ids = {it.sip_trunk_id for it in self.own}
        free = (rule for rule in self.own_rules if ids.isdisjoint(rule.trunk_ids))
        return self.rule_of(trunk) or next(free, None)

    def obstacle(self, number: str) -> str | None:
        for trunk in self.trunks:
            if number in trunk.numbers and trunk not in self.own:
                return f"{number} is in the inbound trunk {trunk.sip_trunk_id} at LiveKit; remove it from there first."
        return None


@dataclass(frozen=True)
class LiveKit:
    """The project of a connection. It is listed anew for each call, since others change it at the same time."""

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
        return self._line(self._project(), phone_number)

    def page(self, limit: int, after: str | None) -> Lines:
        project = self._project()
        numbers = sorted({number for trunk in project.trunks for number in trunk.numbers if number > (after or "")})
        page = numbers[:limit]
        return [self._line(project, number) for number in page], page[-1] if numbers[limit:] else None

    def connect(self, line: Line) -> None:
        project = self._project()
        trunk = project.trunk_for(line.phone_number)
        if trunk is None:
            new = {"trunk": {"name": self._name, "numbers": [line.phone_number]}}
            trunk = self._change("CreateSIPInboundTrunk", Trunk, new)
        elif line.phone_number not in trunk.numbers:
            self._change_numbers(trunk, "add", line.phone_number)
        wanted, rule = self._wanted_rule(trunk), project.rule_for(trunk)
        if rule is None:
            self._change("CreateSIPDispatchRule", Rule, {"dispatch_rule": wanted})
        elif not rule.dispatches(self._agents, trunk.sip_trunk_id):
            replaced = {"sip_dispatch_rule_id": rule.sip_dispatch_rule_id, "replace": wanted}
            self._change("UpdateSIPDispatchRule", Rule, replaced)

    def release(self, line: Line) -> bool:
        try:
            return self._take_out(line.phone_number)
        except CarrierRefused:  # the last number of a trunk stays, and the others may have left meanwhile
            self._take_out(line.phone_number)
            return True

    def _take_out(self, number: str) -> bool:
        """A trunk without numbers takes calls of every number, so the last number takes trunk and rule along: the trunk
        first, right after it was listed, since a number that joins it in between is lost."""
        project = self._project()
        trunk = project.trunk_with(number)
        if trunk is None:
            return False
        if trunk.numbers != [number]:
            self._change_numbers(trunk, "remove", number)
            return True
        self._change("DeleteSIPTrunk", CarrierAnswer, {"sip_trunk_id": trunk.sip_trunk_id})
        if rule := project.rule_of(trunk):
            self._change("DeleteSIPDispatchRule", Rule, {"sip_dispatch_rule_id": rule.sip_dispatch_rule_id})
        return True

    def _change_numbers(self, trunk: Trunk, how: str, number: str) -> None:
        update = {"sip_trunk_id": trunk.sip_trunk_id, "update": {"numbers": {how: [number]}}}
        self._change("UpdateSIPInboundTrunk", Trunk, update)

    def _change(self, method: str, model: type[AnswerT], content: Mapping[str, object]) -> AnswerT:
        return self.client.send_json("POST", SERVICE + method, model, content)

    def _list(self, method: str, model: type[AnswerT]) -> AnswerT:
        return self.client.send_json("POST", SERVICE + method, model, {}, attempts=2)

    def _project(self) -> Project:
        """The rules come first: a trunk is made before its rule, so no rule here lacks one that is there."""
        rules = self._list("ListSIPDispatchRule", Rules).items
        trunks = sorted(self._list("ListSIPInboundTrunk", Trunks).items, key=lambda trunk: trunk.sip_trunk_id)
        own_rules = sorted((it for it in rules if it.name == self._name), key=lambda it: it.sip_dispatch_rule_id)
        return Project(trunks, [trunk for trunk in trunks if trunk.name == self._name], own_rules)

    def _wanted_rule(self, trunk: Trunk) -> dict[str, object]:
        return {
            "name": self._name,
            "trunk_ids": [trunk.sip_trunk_id],
            "rule": {"dispatch_rule_individual": {"room_prefix": ROOM_PREFIX}},
            "room_config": {"agents": [{"agent_name": name} for name in self._agents]},
        }

    def _line(self, project: Project, number: str) -> Line:
        rule_text = f"a room for each call, with {self.agent_name or 'any agent'}"
        trunk = project.trunk_for(number)
        rule = project.rule_of(trunk) if trunk else None
        is_in = trunk is not None and number in trunk.numbers
        is_dispatched = trunk is not None and rule is not None and rule.dispatches(self._agents, trunk.sip_trunk_id)
        settings = {"trunk": self._name if is_in else "", "dispatch_rule": rule_text if is_dispatched else ""}
        wanted = {"trunk": self._name, "dispatch_rule": rule_text}
        return Line(number, number, "", settings, wanted, project.obstacle(number))
