"""What a load asks of each ceiling, from the units that were measured."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from local.cost.requests import assumptions, billed_ms
from local.cost.units import SIZES, Units, units
from local.stack.template import Template

# What requests one thing of each kind makes; those of a call are in assumptions.toml.
EDIT = {"update_assistant": 1, "get_assistant": 1}
SEAT = {"get_assistant": 0.02, "list_assistants": 0.01}  # a second, of a person who looks and edits nothing
LIST_WRITES = 4  # units of the item by which calls are listed, when a call is answered and when it ends
COUNT_WRITES = 2  # units that the end of a call takes of the count of a day: a transaction doubles one


@dataclass(frozen=True)
class Load:
    """A second of it. Accounts share it evenly, and so do the assistants and the API keys of an account."""

    calls: float = 0
    edits: float = 0
    seats: float = 0
    prompt_kb: float = SIZES[0]
    accounts: float = 1
    assistants: float = 20  # of an account, that calls reach
    keys: float = 1  # of an account, that edits and seats use
    is_grown: bool = False  # whether the table has had this load for a while: it has grown, and split where it can

    @property
    def requests(self) -> Mapping[str, float]:
        """By endpoint."""
        total = defaultdict[str, float](float)
        for count, made in ((self.calls, assumptions()["call"]), (self.edits, EDIT), (self.seats, SEAT)):
            for name, each in made.items():
                total[name] += count * each
        return {name: count for name, count in total.items() if count}


@dataclass(frozen=True)
class Demand:
    """Of a second, by the name of the ceiling. Of `concurrency` it is what goes on at once."""

    of: Mapping[str, float]
    busiest: float  # the processes of the function that needs the most

    def times(self, factor: float) -> "Demand":
        return Demand({name: it * factor for name, it in self.of.items()}, self.busiest * factor)


def demand(load: Load) -> Demand:
    found = {name: (count, consumed(name, load.prompt_kb)) for name, count in load.requests.items()}
    reads = sum(count * it.read_units for count, it in found.values())
    writes = sum(count * it.write_units for count, it in found.values())
    memory = Template().functions["GetAssistant"].memory
    busy = {name: count * billed_ms(it, memory) / 1000 for name, (count, it) in found.items()}
    with_key = sum(count for count, it in found.values() if it.has_key)
    # A call reads its assistant once to be answered, and as a version to be prepared; a look reads it once.
    called = load.calls * assistant_reads(load.prompt_kb) / load.accounts / load.assistants
    return Demand(
        {
            "api_requests": sum(count for count, _ in found.values()),
            "concurrency": sum(busy.values()),
            "table_reads": 0 if load.is_grown else reads,
            "table_writes": 0 if load.is_grown else writes,
            "account_reads": 0 if load.is_grown else reads / load.accounts,
            "account_writes": 0 if load.is_grown else writes / load.accounts,
            "api_key_reads": with_key / load.accounts / load.keys,
            "assistant_reads": called,
            "call_list_writes": load.calls * LIST_WRITES / load.accounts,
            "call_count_writes": load.calls * COUNT_WRITES / load.accounts / load.assistants,
        },
        busiest=max(busy.values(), default=0),
    )


def consumed(name: str, prompt_kb: float) -> Units:
    """Between the sizes that were measured, and beyond them, what a request takes grows with the prompt."""
    small, large = (units()[name][size] for size in SIZES)
    share = (prompt_kb - SIZES[0]) / (SIZES[1] - SIZES[0])

    def at(field: str) -> float:
        low, high = float(getattr(small, field)), float(getattr(large, field))
        return max(0.0, low + (high - low) * share)

    return Units(
        read_units=at("read_units"),
        write_units=at("write_units"),
        round_trips=small.round_trips,
        has_key=small.has_key,
        processor_ms=at("processor_ms"),
        log_bytes=round(at("log_bytes")),
        answer_bytes=round(at("answer_bytes")),
    )


def assistant_reads(prompt_kb: float) -> float:
    """Read units of one assistant: those of `get_assistant` without the API key."""
    return consumed("get_assistant", prompt_kb).read_units - 1


def init_seconds() -> float:
    return float(assumptions()["request"]["init_ms"]) / 1000
