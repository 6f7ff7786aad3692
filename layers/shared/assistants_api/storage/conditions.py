"""Conditions on an item, as DynamoDB's expressions have them. They combine with & and |.

`#name` stands for an attribute, `:name` for a value; whoever sends an expression declares both from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Condition:
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __and__(self, other: "Condition") -> "Condition":
        return Condition(f"({self.text} AND {other.text})", {**self.values, **other.values})

    def __or__(self, other: "Condition") -> "Condition":
        return Condition(f"({self.text} OR {other.text})", {**self.values, **other.values})


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


def below_attribute(name: str, other: str) -> Condition:
    return Condition(f"#{name} < #{other}")


def contains(name: str, part: str) -> Condition:
    return Condition(f"contains(#{name}, :{name}_contains)", {f":{name}_contains": part})


EXISTS = present("PK")
