"""`python local/install.py VENV GROUP [options of pip]` installs a dependency group of pyproject.toml.

A group with a section in lock.txt is installed as that says, any other as pip resolves it. It makes the virtual
environment if there is none. One whose last installation did not end, because it was interrupted or failed, may hold
half a package: it is made anew. When all is installed it touches VENV/.GROUP, a stamp for make.

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
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
LOCK = Path(__file__).with_name("lock.txt")
# pip would compile every module, Python compiles those that it imports.
INSTALL = ("install", "--disable-pip-version-check", "--no-compile", "--no-input")
# pip works on one core, mostly on what package indexes list. What is locked needs no resolver, so several share it.
PIPS_AT_ONCE = 3
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
    parts = [["--no-deps", *part] for part in locked(group)] or [[*options, *requirements(group)]]
    if not all_succeed([[*pip(python), *INSTALL, *part] for part in parts]):
        raise InstallError(
            f"pip could not install what {group!r} needs. It takes a package index, so the first time the network; "
            "the same command starts again."
        )
    (folder / f".{group}").touch()
    unfinished.unlink()


def make_environment(folder: Path) -> None:
    """Raises InstallError."""
    needed = ("venv",) if has_pip() else ("venv", "ensurepip")
    if missing := [name for name in needed if importlib.util.find_spec(name) is None]:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise InstallError(
            f"{sys.executable} has no {missing[0]}, which makes {folder}. "
            f"On Debian and Ubuntu: apt-get install python{version}-venv"
        )
    say(f"Making {folder} with Python {sys.version.split()[0]} ...")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / ".unfinished").touch()
    command = [sys.executable, "-m", "venv", *(["--without-pip"] if has_pip() else []), str(folder)]
    if subprocess.run(command, stdout=sys.stderr).returncode:  # noqa: S603
        raise InstallError(f"{sys.executable} -m venv {folder} failed.")


def has_pip() -> bool:
    """Whether this Python has one, which saves the environment one of its own."""
    return importlib.util.find_spec("pip") is not None


def pip(python: Path) -> list[str]:
    """The command that is pip for this environment."""
    return [sys.executable, "-m", "pip", "--python", str(python)] if has_pip() else [str(python), "-m", "pip"]


def locked(group: str) -> list[list[str]]:
    """What the lock names for the group and those that it includes, in parts of about one size; nothing if it has no
    section for the group. Raises InstallError if the lock misses something.
    """
    sections = lock_sections()
    if group not in sections:
        return []
    lines = [line for name in groups(group) for line in sections[name]]
    names = {normal(line) for line in lines}
    if missing := [it for it in requirements(group) if normal(it) not in names]:
        raise InstallError(f"local/lock.txt misses {missing[0]} of {group!r}; `make lock` writes it anew.")
    return [lines[first::PIPS_AT_ONCE] for first in range(min(PIPS_AT_ONCE, len(lines)))]


def lock_sections() -> dict[str, list[str]]:
    """The lines of the lock for each group, without those of the groups that it includes."""
    _, *sections = re.split(r"^# (\w+)\n", LOCK.read_text("utf-8"), flags=re.MULTILINE)
    return {name: lines.split() for name, lines in zip(sections[::2], sections[1::2], strict=True)}


def normal(requirement: str) -> str:
    """The name that a requirement is of, as package indexes write it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement)[0]).lower()


def groups(group: str) -> list[str]:
    """The group and those that it includes."""
    included = [it["include-group"] for it in dependency_groups()[group] if not isinstance(it, str)]
    return [group, *(name for it in included for name in groups(it))]


def requirements(group: str) -> list[str]:
    """The requirements of the group and of those that it includes."""
    return [it for name in groups(group) for it in dependency_groups()[name] if isinstance(it, str)]


def dependency_groups() -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = tomllib.loads(PYPROJECT.read_text("utf-8"))["dependency-groups"]
    return found


def all_succeed(commands: list[list[str]]) -> bool:
    """Runs pips at the same time. Prints a line for each package that they collect, and their errors."""
    said: set[str] = set()
    with ThreadPoolExecutor(len(commands)) as pool:
        return not any(pool.map(lambda command: run_pip(command, said), commands))


def run_pip(command: list[str], said: set[str]) -> int:
    """Its exit code; what another one has said is not said again."""
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:  # noqa: S603
        for line in process.stdout or ():
            if (step := STEP.match(line)) and step[0] not in said:
                said.add(step[0])
                say(f"  {step[1] or 'and unpacking all of them'}")
    return process.returncode


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
