"""The tables that `make scale` prints, and that docs/scale.md shows."""

from local.cost.tables import table
from local.scale.ceilings import ceilings
from local.scale.demand import Load, demand
from local.scale.simulation import simulate

EXAMPLES = {
    "20 calls a second to 20 assistants of one account, 200 people who look": Load(calls=20, seats=200),
    "150 calls a second": Load(calls=150),
    "150 calls a second, for a while": Load(calls=150, is_grown=True),
    "300 calls a second, for a while": Load(calls=300, is_grown=True),
    "250 calls a second to one assistant with 60 KB, for a while": Load(
        calls=250, prompt_kb=60, assistants=1, is_grown=True
    ),
    "40 edits a second": Load(edits=40),
    "10 edits a second with 60 KB": Load(edits=10, prompt_kb=60),
    "100,000 people who look, with one API key, for a while": Load(seats=100_000, is_grown=True),
    "1,000 calls a second over 50 accounts": Load(calls=1_000, accounts=50),
    "1,000 calls a second over 50 accounts, for a while": Load(calls=1_000, accounts=50, is_grown=True),
    "5,000 calls a second over 500 accounts, for a while": Load(calls=5_000, accounts=500, is_grown=True),
}


def of_ceilings() -> str:
    rows = [
        [f"[{it.what}]({it.source})", it.of, f"{it.height:,.0f}", f"{it.burst:,.0f}" if it.burst else "", it.past]
        for it in ceilings().values()
    ]
    return table(["ceiling", "of", "height", "and at once", "past it"], rows)


def of_examples() -> str:
    return table(["load", "first bottleneck", "share of it", "goes wrong"], [_example(*it) for it in EXAMPLES.items()])


def _example(name: str, load: Load) -> list[str]:
    outcome = simulate(load)
    used = outcome.used.get(outcome.bottleneck, 0)
    refusal = outcome.refusal
    wrong = f"at {refusal.share:.0%} of the load" if refusal else "nothing"
    return [name, ceilings()[outcome.bottleneck].what, f"{used:.0%}", wrong]


def of_load(load: Load, ramp_seconds: int) -> str:
    """Each ceiling, the fullest first: what is asked of it, and when it refuses something first, if it does."""
    outcome, asked = simulate(load, ramp_seconds), demand(load).of
    rows = [
        [ceilings()[name].what, f"{asked[name]:,.1f}", f"{ceilings()[name].height:,.0f}", f"{share:.0%}"]
        for name, share in outcome.used.items()
    ]
    return table(["ceiling", "asked", "height", "used"], rows)


def verdict(load: Load, ramp_seconds: int) -> str:
    outcome = simulate(load, ramp_seconds)
    ceiling, refusal = ceilings()[outcome.bottleneck], outcome.refusal
    if refusal is None:
        share = outcome.used[outcome.bottleneck]
        return f"Nothing is refused. The first bottleneck is at {1 / share:,.1f} times this load: {ceiling.what}."
    when = f"in second {refusal.second}, at {refusal.share:.0%} of the load"
    return f"The first bottleneck: {ceiling.what}, of {ceiling.of}; {when}.\nWhat to do: {ceiling.past}."
