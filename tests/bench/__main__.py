"""`make bench`: cold and warm starts of what `sam build` made, against the same API in its usual forms.

SAMPLES (15) processes of each variant, one of each in a round and in random order, so that the noise of the machine
hits all alike; WARM (40) requests that count in each; FUNCTIONS (get_assistant update_assistant answer_call), or all;
LATENCY_MS of the stub DynamoDB (5), which speaks TLS as the real one does; BUILD (.aws-sam/build), the folder with
what is measured; BEFORE, that folder of another checkout, to measure in the same run. The results go to
tests/bench/results, but to .aws-sam/bench/results if there are fewer than 15 samples or a BEFORE, since nobody could
measure them again.
"""

import json
import os
import random
import sys
from collections import defaultdict
from pathlib import Path

from tests.bench import report
from tests.bench.emulator import Sample, interpreter, measure, stub
from tests.bench.machine import machine
from tests.bench.packages import BEFORE, FOLDER, MEASURED, BenchError, Variant, functions, outdated, variants
from tests.bench.startup import instructions, profiled, warm_instructions

RESULTS = Path(__file__).with_name("results")
ENOUGH = 15  # samples, for results worth keeping


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> int:
    rounds, warm = int(os.environ.get("SAMPLES") or ENOUGH), int(os.environ.get("WARM") or 40)
    wanted = os.environ.get("FUNCTIONS", " ".join(MEASURED)).split()
    latency = float(os.environ.get("LATENCY_MS") or 5)
    try:
        if sys.version_info[:2] != (3, 13):
            raise BenchError("The functions run on Python 3.13, and so must this: put python3.13 on the PATH.")
        if stale := outdated():
            say(f"Not as it was built, so `make build` first to measure it: {', '.join(stale)}")
        found = variants(functions() if wanted == ["all"] else wanted)
        facts = machine()
        counts, warm_counts = instructions(found), warm_instructions(found)
        with stub(latency / 1000) as database:
            samples: dict[Variant, list[Sample]] = defaultdict(list)
            for number in range(rounds):
                say(f"Round {number + 1} of {rounds}, load {os.getloadavg()[0]:.1f}")
                for variant in random.Random(number).sample(found, len(found)):  # noqa: S311
                    samples[variant].append(measure(variant, database, warm))
            artefact = next(variant for variant in found if variant.is_artefact)
            profile = profiled(artefact, database)
    except BenchError as error:
        say(str(error))
        return 1
    facts["load_at_the_end"] = [round(load, 2) for load in os.getloadavg()]
    starts: dict[tuple[object, ...], list[Sample]] = defaultdict(list)
    for variant in found:
        starts[variant.package] += samples[variant]
    results = {
        (it.function, it.label): report.metrics(
            it, samples[it], starts[it.package], counts.get(it, 0.0), warm_counts.get(it, 0.0)
        )
        for it in found
    }
    met = report.targets(results, artefact.label)
    caption = f"{facts['date']}, {facts['machine']}, {rounds} processes each, DynamoDB answers after {latency:g} ms"
    text = "\n\n".join([caption, report.tables(results, artefact.label), report.listed(met)])
    sys.stdout.write(f"{text}\n")
    folder = RESULTS if rounds >= ENOUGH and BEFORE is None else FOLDER / "results"
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        **facts,
        "samples": rounds,
        "warm": warm,
        "latency_ms": latency,
        "interpreter": ["python3.13", *interpreter()[1:]],
        "artefact": artefact.label,
        "variants": report.as_json(results),
        "targets": [{"target": it.text, "ratio": round(it.ratio, 4), "most": it.most, "met": it.is_met} for it in met],
    }
    (folder / "bench.json").write_text(json.dumps(content, indent=1) + "\n")
    (folder / "bench.md").write_text(f"{text}\n")
    (folder / "bench.svg").write_text(report.picture(results, artefact.label, caption))
    (folder / "init.txt").write_text(profile)
    say(f"Written to {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
