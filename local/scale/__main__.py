"""`make scale`: finds the first bottleneck of a load.

    make scale CALLS=100 EDITS=2 SEATS=50 PROMPT_KB=60 ACCOUNTS=1 ASSISTANTS=20 KEYS=1 GROWN=1 RAMP=600

CALLS and EDITS are those of a second, SEATS people who look, ASSISTANTS and KEYS those of an account. GROWN=1 is for a
table that has had the load for a while, RAMP says in how many seconds the load grows from nothing.
"""

import os
import sys

from local.scale.demand import Load
from local.scale.tables import of_load, verdict

NAMES = {
    "CALLS": "calls",
    "EDITS": "edits",
    "SEATS": "seats",
    "PROMPT_KB": "prompt_kb",
    "ACCOUNTS": "accounts",
    "ASSISTANTS": "assistants",
    "KEYS": "keys",
}
COUNTS = {"PROMPT_KB", "ACCOUNTS", "ASSISTANTS", "KEYS", "RAMP"}  # from 1
MAX = 1_000_000
OF_MAKE = {"PYTHON", "VENV"}
DEFAULTS = {"CALLS": "10", "RAMP": "600", "GROWN": "0"}


def main(names: list[str]) -> int:
    """`names` are those of environment variables, which hold the values."""
    given = DEFAULTS | {name: os.environ[name] for name in names if name not in OF_MAKE}
    try:
        numbers = {name: _number(name, text) for name, text in given.items()}
        ramp, is_grown = round(numbers.pop("RAMP")), bool(numbers.pop("GROWN"))
        load = Load(**{NAMES[name]: number for name, number in numbers.items()}, is_grown=is_grown)
    except KeyError as unknown:
        return _fail(f"{unknown.args[0]} is not known here; there are {', '.join(NAMES)}, GROWN and RAMP.")
    except ValueError as fault:
        return _fail(str(fault))
    if not load.requests:
        return _fail("There is no load: give CALLS, EDITS or SEATS, such as CALLS=10.")
    print(of_load(load, ramp), verdict(load, ramp), sep="\n\n")
    return 0


def _number(name: str, text: str) -> float:
    least = 1 if name in COUNTS else 0
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{name}={text} is no number; write it as {name}=10.") from None
    if not least <= number <= MAX:
        raise ValueError(f"{name}={text} is out of range: it is a number from {least} to {MAX:,}, such as {name}=10.")
    return number


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
