"""The black-box tests, tests/http, against a deployment that is not quite AWS."""

import os
import subprocess
import sys
from collections.abc import Mapping

from local.stack.template import ROOT

SECONDS = 900


def run(base_url: str, token: str, unlike: Mapping[str, str], workers: int, **variables: str) -> bool:
    """Whether they pass, but for those about what is `unlike` AWS: how a test's id begins, and what is not the same.

    `variables` are more of what tests/http/conftest.py takes from its environment.
    """
    deselected = [f"--deselect=tests/http/{test}" for test in unlike]
    command = [sys.executable, "-m", "pytest", "-n", str(workers), "tests/http", *deselected]
    environment = os.environ | {"BASE_URL": base_url, "API_TOKEN": token, **variables}
    for test, reason in unlike.items():
        print(f"left out: {test}: {reason}", flush=True)
    return subprocess.run(command, cwd=ROOT, env=environment, timeout=SECONDS).returncode == 0  # noqa: S603
