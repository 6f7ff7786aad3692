"""The workers of examples/ with the real packages that they are made of, in .venv-workers: `make test-workers`.

That has nothing of what the rest of the tests need, so these share none of their fixtures.
"""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "examples/pipecat_worker"), str(ROOT / "examples/livekit_worker")]

KEYS = ("_KEY", "_KEY_ID", "_REGION", "_ENDPOINT", "_CREDENTIALS", "_BASE_URL")


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the shell that runs the tests knows of providers."""
    for name in [name for name in os.environ if name.endswith(KEYS)]:
        monkeypatch.delenv(name)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("filterwarnings", "ignore::DeprecationWarning")  # of the packages among each other
