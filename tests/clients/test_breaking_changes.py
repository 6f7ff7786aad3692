"""What was released goes on working until the version says otherwise: `make test-clients`."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from local.openapi.document import DOCUMENT
from tests.harness import ROOT

OASDIFF = "github.com/oasdiff/oasdiff@v1.37.0"
RELEASED = ROOT / "local/openapi/released.json"
# A bound of what is answered may rise, such as the length of a page: no client has to change for it.
SEVERITIES = ROOT / "local/openapi/severities.txt"


def breaks(released: Path, document: Path) -> list[str]:
    """What a client of the released API could trip over, a line for each."""
    options = ["--severity-levels", str(SEVERITIES), "--format", "json"]
    command = ["go", "run", OASDIFF, "breaking", str(released), str(document), *options]
    done = subprocess.run(command, env=os.environ | {"GOTOOLCHAIN": "auto"}, capture_output=True, text=True)  # noqa: S603
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout or "[]")
    return [f"{it['operation']} {it['path']}: {it['text']}" for it in found if it["level"] == 3]


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def compatible_with(version: str) -> list[str]:
    """The part of a version that a break has to raise: the major one, and before 1.0.0 the minor one."""
    major, minor, _ = version.split(".")
    return [major, minor] if major == "0" else [major]


def test_a_break_has_raised_the_version() -> None:
    released, now = (read(path)["info"]["version"] for path in (RELEASED, DOCUMENT))
    assert compatible_with(released) != compatible_with(now) or breaks(RELEASED, DOCUMENT) == []


def test_a_break_is_found(tmp_path: Path) -> None:
    document, broken = read(DOCUMENT), tmp_path / "broken.json"
    answered = document["components"]["schemas"]["PhoneNumber"]
    del answered["properties"]["label"]
    answered["required"].remove("label")
    document["components"]["schemas"]["ImportPhoneNumber"]["required"].append("label")
    broken.write_text(json.dumps(document), "utf-8")
    found = [line for line in breaks(DOCUMENT, broken) if "POST /api/phone-numbers:" in line]
    assert len(found) == 2
    assert all("label" in line for line in found)
