"""What holds the initialisation of a function back: a digest of its imports, and where its time goes."""

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench.canned import event
from tests.bench.emulator import Stub, environment, interpreter, stub
from tests.bench.packages import BenchError, Variant

IMPORT = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| +(\S+)")
RUNS = 7  # of which the least time counts: others use the machine too
START, PROFILE = (str(Path(__file__).with_name("programs") / name) for name in ("start.py", "profile_start.py"))
SHOWN = 30
COUNTER = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
FEW, MANY = 20, 60  # requests: what the many execute beside the few is that of warm ones
COUNT = re.compile(r"I +refs: +([\d,]+)")


def profiled(variant: Variant, database: Stub) -> str:
    """As text. The profilers cost time themselves: only shares and order count."""
    title = f"{variant.function}, {variant.label}: import of app.py by itself"
    return "\n\n".join([title, _imports(variant, database), _run(variant, database, PROFILE).stdout])


def instructions(found: Sequence[Variant]) -> dict[Variant, float]:
    """Millions that a process executes until its init ends: where valgrind is installed, a number without noise.

    Raises BenchError."""
    if not shutil.which(COUNTER[0]):
        return {}
    one_each = list({variant.package: variant for variant in found}.values())
    with ThreadPoolExecutor(os.cpu_count()) as several:
        counts = dict(zip((variant.package for variant in one_each), several.map(_count, one_each), strict=True))
    return {variant: counts[variant.package] for variant in found}


def warm_instructions(found: Sequence[Variant]) -> dict[Variant, float]:
    """Millions of a warm request of a key without a limit, of the artefact and what was before: where valgrind is
    installed, a number without noise.

    Raises BenchError."""
    wanted = [it for it in found if (it.is_artefact or it.name == "before") and not it.limited]
    if not shutil.which(COUNTER[0]):
        return {}
    with ThreadPoolExecutor(os.cpu_count()) as several:
        return dict(zip(wanted, several.map(_count_warm, wanted), strict=True))


def _count_warm(variant: Variant) -> float:
    return (_count(variant, MANY) - _count(variant, FEW)) / (MANY - FEW)


def _count(variant: Variant, requests: int = 0) -> float:
    """A warm-up gives up when its time is over, which can happen under the counter on a busy machine. So only a start
    counts that calls DynamoDB as often as one without the counter."""
    with stub(0) as database:

        def calls() -> int:
            return len(database.calls())

        def start(counter: Sequence[str] = ()) -> str:
            sent = event(variant.function).decode()
            return _run(variant, database, START, str(requests), counter=counter, sent=sent).stderr

        expected = max((start(), calls())[1] for _ in range(3))
        for _ in range(RUNS):
            log = start(COUNTER)
            if calls() == expected:
                match = COUNT.search(log)
                assert match, log
                return int(match[1].replace(",", "")) / 1e6
    raise BenchError(f"{variant.label}: no warm-up was done within its time; the machine is too busy to count.")


def _imports(variant: Variant, database: Stub) -> str:
    own: dict[str, int] = {}
    whole: dict[str, int] = {}
    for _ in range(RUNS):
        log = _run(variant, database, "-X", "importtime", "-c", "import app").stderr
        for self, with_imports, name in IMPORT.findall(log):
            own[name] = min(int(self), own.get(name, int(self)))
            whole[name] = min(int(with_imports), whole.get(name, int(with_imports)))
    packages: Counter[str] = Counter()
    for name, time in own.items():
        packages[name.partition(".")[0]] += time
    lines = [f"{len(own)} modules in {sum(own.values()) / 1000:.1f} ms, the least of {RUNS} runs for each."]
    for title, times in (
        ("Packages by their own time in ms ('app' is what it does beside: the client)", packages),
        ("Modules by their own time", Counter(own)),
        ("Modules by their time with what they import", Counter(whole)),
    ):
        lines += ["", f"{title}:", *(f"{time / 1000:8.1f}  {name}" for name, time in times.most_common(SHOWN))]
    return "\n".join(lines)


def _run(
    variant: Variant, database: Stub, *arguments: str, counter: Sequence[str] = (), sent: str = ""
) -> "subprocess.CompletedProcess[str]":
    variables = {**environment(variant, database.endpoint), "PYTHONHASHSEED": "0"}
    return subprocess.run(  # noqa: S603
        [*counter, *interpreter(), *arguments],
        cwd=variant.task,
        env=variables,
        check=True,
        input=sent,
        capture_output=True,
        text=True,
    )
