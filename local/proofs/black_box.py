"""Runs the black-box tests, tests/http, against a deployment that differs from AWS in known ways."""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping

from local.stack.template import ROOT

SECONDS = 900


def run(base_url: str, token: str, differences: Mapping[str, str], workers: int, **variables: str) -> bool:
    """Whether the tests pass, without those about `differences` from AWS.

    The differences map the beginning of a test's id to the reason; one that begins no id is a failure too. `variables`
    are further environment variables that tests/http/conftest.py reads.
    """
    if stale := _stale(differences):
        print("no test begins with:", *stale, sep="\n", flush=True)
        return False
    deselected = [f"--deselect=tests/http/{test}" for test in differences]
    command = [sys.executable, "-m", "pytest", "-n", str(workers), "tests/http", *deselected]
    environment = os.environ | {"BASE_URL": base_url, "API_TOKEN": token, **variables}
    for test, reason in differences.items():
        print(f"left out: {test}: {reason}", flush=True)
    return subprocess.run(command, cwd=ROOT, env=environment, timeout=SECONDS).returncode == 0  # noqa: S603


def _stale(differences: Iterable[str]) -> list[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "tests/http"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=True)  # noqa: S603
    ids = done.stdout.splitlines()
    return [test for test in differences if not any(each.startswith(f"tests/http/{test}") for each in ids)]
