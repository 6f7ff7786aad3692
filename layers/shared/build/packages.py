"""The packages that the layer ships, with their metadata and licences."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from build import SHARED

PYTHON = "3.13"
PLATFORMS = {"arm64": "manylinux2014_aarch64", "x86_64": "manylinux2014_x86_64"}

# This machine says how to reach an index, and the hashes make sure that each index gives the same packages. All other
# configuration of pip is left out.
REACHING = ("index-url", "proxy", "cert")

# `bin` names the Python of this machine. RECORD lists files that are changed or not there after the build.
UNTRUE = ("bin", "*.dist-info/RECORD")


def install(folder: Path) -> None:
    """Native modules carry the processor in their names, so those of both live side by side."""
    for platform in PLATFORMS.values():
        with TemporaryDirectory() as fresh:
            command = [sys.executable, "-I", "-m", "pip", "install", "--isolated", "--require-hashes"]
            command += [f"--requirement={SHARED / 'requirements.txt'}", f"--target={fresh}", "--no-compile", "--quiet"]
            command += [f"--platform={platform}", "--implementation=cp", f"--python-version={PYTHON}"]
            command += ["--only-binary=:all:", "--root-user-action=ignore", "--disable-pip-version-check"]
            for option in REACHING:
                if value := os.environ.get(f"PIP_{option.upper().replace('-', '_')}"):
                    command.append(f"--{option}={value}")
            subprocess.run(command, check=True)  # noqa: S603
            shutil.copytree(fresh, folder, dirs_exist_ok=True)


def remove_untrue_files(folder: Path) -> None:
    for pattern in UNTRUE:
        for path in [*folder.glob(pattern)]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
