"""A load that grows from nothing, second by second, until a ceiling refuses something or all of it is there.

Each ceiling that is a rate is a bucket: it holds the burst and what a second gives, and what is not used of a second is
lost but for the burst. So a load that rises slowly may pass where one that begins at once does not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from local.scale.ceilings import Ceiling, ceilings
from local.scale.demand import Demand, Load, demand, init_seconds

HOLD_SECONDS = 60  # that the whole load stays


@dataclass
class Bucket:
    """What there is left of a rate."""

    ceiling: Ceiling
    level: float = field(init=False)

    def __post_init__(self) -> None:
        self.level = self.ceiling.burst

    def takes(self, wanted: float) -> bool:
        """Whether there is so much of it in this second."""
        self.level += self.ceiling.per_second - wanted
        is_enough = self.level >= -1e-9
        self.level = min(max(self.level, 0), self.ceiling.burst)
        return is_enough


@dataclass(frozen=True)
class Refusal:
    """The first: which ceiling, in which second, at what share of the load."""

    ceiling: str
    second: int
    share: float


@dataclass(frozen=True)
class Outcome:
    """`used` is the share of each ceiling that the whole load takes for good, the fullest first."""

    refusal: Refusal | None
    used: dict[str, float]

    @property
    def bottleneck(self) -> str:
        return self.refusal.ceiling if self.refusal else next(iter(self.used))


def simulate(load: Load, ramp_seconds: int = 600) -> Outcome:
    """What happens when the load grows evenly for so many seconds, and then stays for a minute."""
    whole = demand(load)
    used = {name: whole.of[name] / it.height for name, it in ceilings().items() if name in whole.of}
    return Outcome(
        next(_refusals(whole, ramp_seconds), None), dict(sorted(used.items(), key=lambda it: it[1], reverse=True))
    )


def _refusals(whole: Demand, ramp_seconds: int) -> Iterator[Refusal]:
    known = ceilings()
    buckets = {name: Bucket(it) for name, it in known.items() if it.per_second}
    before = 0.0
    for second in range(1, max(ramp_seconds, 1) + HOLD_SECONDS + 1):
        share = min(1.0, second / max(ramp_seconds, 1))
        now = whole.times(share)
        wanted = dict(now.of)
        # Processes that are new are busy with their init besides, and so more are needed meanwhile.
        new = max(0.0, now.busiest - before)
        wanted["new_processes"], before = new, max(before, now.busiest)
        wanted["concurrency"] += new * init_seconds()
        for name, ceiling in known.items():
            is_refused = wanted[name] > ceiling.at_once if ceiling.at_once else not buckets[name].takes(wanted[name])
            if is_refused:
                yield Refusal(name, second, share)
