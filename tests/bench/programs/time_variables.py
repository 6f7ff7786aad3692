"""Prints what scanning, checking and rendering a prompt cost, in milliseconds of CPU time, the least of 5.

    PYTHONPATH=layers/shared .venv/bin/python tests/bench/programs/time_variables.py

Fails where a hostile prompt of 64,000 characters takes over 20 ms, or rendering a usual one of 60 KB over 2 ms. Run by
hand, on a machine that does nothing else.
"""

import sys
import time
from collections.abc import Callable

from assistants_api.models.variables import render, scan
from assistants_api.models.warnings import prompt_warnings

REPEATED = 5
SIZE = 64_000
MAX_HOSTILE_MS, MAX_USUAL_MS = 20.0, 2.0
HOSTILE = [
    *("{{", "}}", "{{a", "{{{{", "{{a|", "{", "{{{", "\n{{", "{{a}}", "{{}}", "{{a|b}}", "{{{a}}}"),
    *("{{contact.fist_name}}", "{{contact.first_name|" + "x" * 1_000, "{{contact.custom." + "a" * 90 + "}}"),
]
NAMES = [f"contact.custom.key_{index}" for index in range(200)]
USUAL = "".join("Say this in a sentence or two. " * 9 + f"{{{{{name}|none}}}}\n" for name in NAMES)
VALUES = dict.fromkeys(NAMES[::2], "a value of some words")


def least_ms(call: Callable[[], object]) -> float:
    found = []
    for _ in range(REPEATED):
        start = time.process_time()
        call()
        found.append((time.process_time() - start) * 1_000)
    return min(found)


def costs(text: str) -> list[float]:
    texts = {"system_prompt": text}
    return [
        least_ms(call) for call in (lambda: scan(text), lambda: prompt_warnings(texts), lambda: render(texts, VALUES))
    ]


def main() -> None:
    rows = {unit[:24].replace("\n", "\\n"): costs((unit * SIZE)[:SIZE]) for unit in HOSTILE}
    opened, usual = "{{" * (SIZE // 4) + "}}" * (SIZE // 4), f"usual, {len(USUAL):,} characters"
    rows |= {"{{ 16,000 times, then }}": costs(opened), usual: costs(USUAL)}
    for name, row in rows.items():
        sys.stdout.write(f"{name:32}" + "".join(f"{cost:10.2f}" for cost in row) + "\n")
    slow = [name for name, row in rows.items() if max(row) > MAX_HOSTILE_MS]
    if rows[usual][2] > MAX_USUAL_MS:
        slow.append(usual)
    if slow:
        sys.exit(f"Too slow: {', '.join(slow)}")


if __name__ == "__main__":
    sys.stdout.write(f"{'':32}{'scan':>10}{'warnings':>10}{'render':>10}\n")
    main()
