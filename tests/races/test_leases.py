"""One limited API key, used by 64 clients over 8 processes at once."""

import os
import re
import subprocess
import sys

from tests.harness import ROOT
from tests.http.conftest import Invoke

LIMIT = 1_000
PROCESSES = 8


def test_the_limit_is_never_exceeded_and_nearly_all_of_it_is_usable(
    invoke: Invoke, real_engine: str, table_name: str
) -> None:
    key = {"slug": "my-team", "name": "storm", "environment": "test", "scopes": ["*"], "rate_limit_per_hour": LIMIT}
    token = invoke("AdminFunction", {"action": "create_api_key", **key})["full_key"]
    variables = {"API_TOKEN": token, "TABLE_NAME": table_name, "AWS_ENDPOINT_URL_DYNAMODB": real_engine}
    environment = os.environ | variables | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'layers/shared'}"}
    command = [sys.executable, "-m", "tests.races.programs.spend"]
    started = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603
        for _ in range(PROCESSES)
    ]
    outputs = [process.communicate(timeout=300)[0] for process in started]
    assert [process.returncode for process in started] == [0] * PROCESSES
    answered = sum(int(match[1]) for output in outputs for match in re.finditer(r"^(\d+) answered$", output, re.M))
    assert LIMIT * 0.95 <= answered <= LIMIT
