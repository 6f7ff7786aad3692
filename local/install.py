"""`python local/install.py VENV GROUP [options of pip]` installs a dependency group of pyproject.toml.

It makes the virtual environment if there is none. One whose last installation did not end, because it was interrupted
or failed, may hold half a package: it is made anew. When all is installed it touches VENV/.GROUP, a stamp for make.

It needs nothing but Python, and runs before anything is installed.
"""

import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
VENV = ("-m", "venv")
# pip would compile every module, Python compiles those that it imports.
PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--no-compile", "--no-input")
STEP = re.compile(r"Collecting ([\w.-]+)|(Installing) collected packages")


class InstallError(Exception):
    """Why nothing can be installed, and what to do about it."""


def main(arguments: list[str]) -> int:
    folder, group, *options = arguments
    try:
        with one_at_a_time():
            install(Path(folder), group, options)
    except InstallError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; the same command starts again.", file=sys.stderr)
        return 130
    return 0


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Waits while another process installs from this checkout."""
    with Path(__file__).open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another installation to end ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install(folder: Path, group: str, options: list[str]) -> None:
    """Raises InstallError."""
    python, unfinished = folder / "bin/python", folder / ".unfinished"
    if unfinished.exists() or not python.exists():
        make_environment(folder)
    unfinished.touch()
    say(f"Installing what {group!r} needs into {folder}:")
    if run_pip([str(python), *PIP, *options, *requirements(group)]):
        raise InstallError(
            f"pip could not install what {group!r} needs. It takes a package index, so the first time the network; "
            "the same command starts again."
        )
    (folder / f".{group}").touch()
    unfinished.unlink()


def make_environment(folder: Path) -> None:
    """Raises InstallError."""
    if missing := [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise InstallError(
            f"{sys.executable} has no {missing[0]}, which makes {folder}. "
            f"On Debian and Ubuntu: apt-get install python{version}-venv"
        )
    say(f"Making {folder} with Python {sys.version.split()[0]} ...")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / ".unfinished").touch()
    if subprocess.run([sys.executable, *VENV, str(folder)], stdout=sys.stderr).returncode:  # noqa: S603
        raise InstallError(f"{sys.executable} -m venv {folder} failed.")


def requirements(group: str) -> list[str]:
    """The requirements of the group and of those that it includes."""
    groups: dict[str, list[Any]] = tomllib.loads(PYPROJECT.read_text("utf-8"))["dependency-groups"]
    found: list[str] = []
    for entry in groups[group]:
        found += [entry] if isinstance(entry, str) else requirements(entry["include-group"])
    return found


def run_pip(command: list[str]) -> int:
    """Prints a line for each package that pip collects, and its errors; its exit code."""
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:  # noqa: S603
        for line in process.stdout or ():
            if step := STEP.match(line):
                say(f"  {step[1] or 'and unpacking all of them'}")
    return process.returncode


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
