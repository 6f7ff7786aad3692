"""What a scenario is, and what scenarios share."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from tests.catalogue import WITH_TABLE, Sample
from tests.harness import Account, Reply, admin


@dataclass(frozen=True)
class Attempt:
    """`done` says whether what `act` asks for has happened; of what only reads, it always has."""

    act: Callable[[], Reply]
    done: Callable[[], bool] = lambda: True


@dataclass(frozen=True, kw_only=True)
class Scenario(Sample):
    """A call of the function, or the action of AdminFunction, with this name in tests/catalogue.py."""

    function: str
    prepare: Callable[[Account], Attempt]


SCENARIOS: list[Scenario] = []
_round_trips = {sample.name: sample.round_trips for sample in WITH_TABLE}
_digits = count()


def scenario(
    function: str, case: str = "", round_trips: tuple[str, ...] = ()
) -> Callable[[Callable[[Account], Attempt]], None]:
    """The usual case, or another one with its own round trips."""

    def add(prepare: Callable[[Account], Attempt]) -> None:
        name, made = f"{function} {case}".strip(), round_trips or _round_trips[function]
        SCENARIOS.append(Scenario(name=name, round_trips=made, function=function, prepare=prepare))

    return add


def fresh_number() -> str:
    return f"+1415{next(_digits):07}"


def api_keys(account: Account) -> dict[str, dict[str, object]]:
    return {key["id"]: key for key in admin("list_api_keys", slug=account.slug)["api_keys"]}
