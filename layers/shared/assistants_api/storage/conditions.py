"""Conditions on an item, as DynamoDB's expressions have them. They combine with & and |.

`#name` stands for an attribute, `:name` for a value; whoever sends an expression declares both from it. Where two
conditions that are combined use one placeholder for two values, the second gets another placeholder.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from itertools import count
from operator import and_
from typing import Any


@dataclass(frozen=True)
class Condition:
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __and__(self, other: "Condition") -> "Condition":
        return self._combined("AND", other)

    def __or__(self, other: "Condition") -> "Condition":
        return self._combined("OR", other)

    def _combined(self, operator: str, other: "Condition") -> "Condition":
        other = other._renamed(self.values)
        return Condition(f"({self.text} {operator} {other.text})", {**self.values, **other.values})

    def _renamed(self, taken: Mapping[str, Any]) -> "Condition":
        """The same condition, without the placeholders that are taken."""
        clashes = taken.keys() & self.values.keys()
        if not clashes:
            return self
        in_use = taken.keys() | self.values.keys()
        free = {clash: next(name for n in count(2) if (name := f"{clash}_{n}") not in in_use) for clash in clashes}
        text = re.sub(r":\w+", lambda match: free.get(match[0], match[0]), self.text)
        return Condition(text, {free.get(name, name): value for name, value in self.values.items()})


def present(name: str) -> Condition:
    return Condition(f"attribute_exists(#{name})")


def absent(name: str) -> Condition:
    return Condition(f"attribute_not_exists(#{name})")


def equal(name: str, value: object) -> Condition:
    return Condition(f"#{name} = :{name}_equal", {f":{name}_equal": value})


def differs(name: str, value: object) -> Condition:
    """Also where the attribute is absent."""
    return Condition(f"#{name} <> :{name}_differs", {f":{name}_differs": value})


def above(name: str, value: object) -> Condition:
    return Condition(f"#{name} > :{name}_above", {f":{name}_above": value})


def below(name: str, value: object) -> Condition:
    return Condition(f"#{name} < :{name}_below", {f":{name}_below": value})


def below_attribute(name: str, other: str) -> Condition:
    return Condition(f"#{name} < #{other}")


def contains(name: str, part: str) -> Condition:
    return Condition(f"contains(#{name}, :{name}_contains)", {f":{name}_contains": part})


def unchanged(fields: Mapping[str, Any]) -> Condition:
    """That the attributes are as they were read; None stands for one that is absent."""
    return reduce(and_, [absent(name) if value is None else equal(name, value) for name, value in fields.items()])


EXISTS = present("PK")
