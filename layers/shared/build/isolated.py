"""Runs a program of this folder with nothing but the standard library and the layer, whatever this machine has set."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

PROGRAMS = Path(__file__).parent / "programs"


def run(program: str, layer: Path) -> str:
    """What the program prints."""
    with TemporaryDirectory() as home:  # without models, profiles and credentials of botocore
        environment = {
            "HOME": home,
            "PYTHONPATH": str(layer),
            "TABLE_NAME": "-",
            "CREDENTIALS_KEY": "-",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "-",
            "AWS_SECRET_ACCESS_KEY": "-",
        }
        command = [sys.executable, "-S", "-s", "-P", "-B", str(PROGRAMS / program)]
        return subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603
