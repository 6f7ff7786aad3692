"""Stands for pip: it notes what it is told to install, and does what PIP says."""

import os
import sys
from pathlib import Path

CALLS = Path(os.environ["CALLS"])

with CALLS.open("a") as file:
    file.write(" ".join(sys.argv[1:]) + "\n")
sys.stdout.write("Collecting boto3<1.45,>=1.44 (from -c lock.txt (line 1))\nInstalling collected packages: boto3\n")
sys.stdout.flush()
if os.environ.get("PIP") == "hangs":
    CALLS.with_suffix(".hangs").touch()
    os.execlp("sleep", "sleep", "60")  # noqa: S606, S607
sys.exit(os.environ.get("PIP") == "fails")
