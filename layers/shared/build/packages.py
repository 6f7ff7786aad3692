"""The packages that the layer ships, without what only installers need."""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from build import SHARED

PYTHON = "3.13"
PLATFORMS = {"arm64": "manylinux2014_aarch64", "x86_64": "manylinux2014_x86_64"}
UNUSED = ("*.dist-info", "*.data", "bin", "**/tests", "**/*.pyi", "**/py.typed")


def install(folder: Path) -> None:
    """Native modules carry the processor in their names, so those of both live side by side."""
    for platform in PLATFORMS.values():
        with TemporaryDirectory() as fresh:
            command = [sys.executable, "-m", "pip", "install", f"--target={fresh}", "--no-deps", "--no-compile"]
            command += [f"--platform={platform}", "--implementation=cp", f"--python-version={PYTHON}"]
            command += ["--only-binary=:all:", f"--requirement={SHARED / 'requirements.txt'}", "--quiet"]
            command += ["--root-user-action=ignore", "--disable-pip-version-check"]
            subprocess.run(command, check=True)  # noqa: S603
            shutil.copytree(fresh, folder, dirs_exist_ok=True)


def remove_unused_files(folder: Path) -> None:
    for pattern in UNUSED:
        for path in [*folder.glob(pattern)]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
