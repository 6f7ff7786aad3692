"""What ships is pinned twice: by version for people, and by hash, made of that, for the build."""

import re

from tests.harness import ROOT

SHARED = ROOT / "layers/shared"


def test_the_hashed_requirements_are_those_that_are_pinned() -> None:
    pinned = re.findall(r"^([\w.-]+==\S+)$", (SHARED / "requirements.in").read_text(), re.M)
    hashed = re.findall(
        r"^([\w.-]+==\S+) \\\n +--hash=sha256:[0-9a-f]{64}", (SHARED / "requirements.txt").read_text(), re.M
    )
    assert pinned
    assert hashed == pinned, "run `make lock-layer`"


def test_development_uses_the_versions_that_ship() -> None:
    locked = {line.replace("_", "-") for line in (ROOT / "local/lock.txt").read_text().splitlines()}
    shipped = re.findall(r"^[\w.-]+==\S+$", (SHARED / "requirements.in").read_text(), re.M)
    assert not {*shipped} - locked
