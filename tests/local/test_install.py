"""What make installs before anything runs: local/install.py with a pip that installs nothing."""

import fcntl
import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from local import install
from tests.harness import ROOT

FAKE = ROOT / "tests/local/programs/fake_python.sh"
MAX_MEGABYTES = 95  # with pip itself an environment for `make run` has 15 more


@pytest.fixture(autouse=True)
def fake_environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Environments are made without pip, and their Python is the fake."""

    def made(folder: Path) -> None:
        real(folder)
        (folder / "bin/python").unlink()
        (folder / "bin/python").symlink_to(FAKE)

    real = install.make_environment
    monkeypatch.setattr(install, "make_environment", made)
    monkeypatch.setattr(install, "VENV", (*install.VENV, "--without-pip"))
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    return tmp_path / "venv"


def calls(venv: Path) -> list[str]:
    return (venv.parent / "calls").read_text().splitlines()


def test_it_installs_a_group_and_says_each_step_on_a_line(venv: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert install.main([str(venv), "test", "-c", "lock.txt"]) == 0
    (call,) = calls(venv)
    assert call.startswith("-m pip install ")
    assert "-c lock.txt " in call
    assert " pytest>=" in call
    assert " boto3>=" in call  # of the group that the group includes
    first, *rest = capfd.readouterr().err.splitlines()
    assert first.startswith(f"Making {venv} with Python 3.")
    assert rest == [f"Installing what 'test' needs into {venv}:", "  boto3", "  and unpacking all of them"]
    assert {it.name for it in venv.iterdir() if it.name.startswith(".t") or it.name == ".unfinished"} == {".test"}


def test_another_group_goes_into_the_same_environment(venv: Path) -> None:
    assert install.main([str(venv), "run"]) == 0
    (venv / "marker").touch()
    assert install.main([str(venv), "test"]) == 0
    assert (venv / "marker").exists()


def broken_link(venv: Path) -> None:
    (venv / "bin/python").unlink()
    (venv / "bin/python").symlink_to("/nowhere/python")


def killed_while_it_was_made(venv: Path) -> None:
    (venv / ".unfinished").touch()


def without_its_python(venv: Path) -> None:
    (venv / "bin/python").unlink()


@pytest.mark.parametrize("harm", [broken_link, killed_while_it_was_made, without_its_python])
def test_a_broken_environment_is_made_anew(venv: Path, harm: Callable[[Path], None]) -> None:
    assert install.main([str(venv), "run"]) == 0
    (venv / "marker").touch()
    harm(venv)
    assert install.main([str(venv), "run"]) == 0
    assert not (venv / "marker").exists()
    assert (venv / ".run").exists()


def test_one_whose_pip_failed_has_no_stamp_and_is_made_anew(
    venv: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIP", "fails")
    assert install.main([str(venv), "run"]) == 1
    assert "the same command starts again" in capfd.readouterr().err
    assert not (venv / ".run").exists()
    (venv / "marker").touch()
    monkeypatch.setenv("PIP", "works")
    assert install.main([str(venv), "run"]) == 0
    assert not (venv / "marker").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_next_run_mends_one_that_was_stopped(venv: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    install.make_environment(venv)
    (venv / ".unfinished").unlink()
    environment = os.environ | {"PIP": "hangs"}
    command = [sys.executable, "local/install.py", str(venv), "run"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True) as process:  # noqa: S603
        while not (venv.parent / "calls.hangs").exists():
            assert process.poll() is None
            time.sleep(0.05)
        os.killpg(process.pid, number)
    assert process.returncode == (130 if number == signal.SIGINT else -number)
    assert not (venv / ".run").exists()
    (venv / "marker").touch()
    assert install.main([str(venv), "run"]) == 0
    assert (venv / ".run").exists()
    assert not (venv / "marker").exists()


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_a_python_that_makes_no_environments_is_told_what_to_install(
    venv: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], missing: str
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else found(name))
    assert install.main([str(venv), "run"]) == 1
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert capfd.readouterr().err.endswith(f"On Debian and Ubuntu: apt-get install python{version}-venv\n")
    assert not venv.exists()


def closure(group: str) -> set[str]:
    """The names of all that the group installs, here."""
    lines = (ROOT / "layers/shared/requirements.in").read_text().splitlines()
    queue = [Requirement(it) for it in [*install.requirements(group), *lines] if not it.startswith("#")]
    found: set[str] = set()
    while queue:
        needed = queue.pop()
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            name = needed.name.lower()
            if name not in found:
                found.add(name)
                queue += map(Requirement, distribution(name).requires or [])
    return found


def test_make_run_installs_little() -> None:
    names = closure("run")
    files = [file for name in names for file in distribution(name).files or [] if file.suffix != ".pyc"]
    size = sum(Path(str(file.locate())).stat().st_size for file in files) / 1e6
    assert {"boto3", "moto", "pydantic"} <= names
    assert size < MAX_MEGABYTES


def test_the_lock_names_everything_that_make_run_installs() -> None:
    def normal(name: str) -> str:
        return name.lower().replace("_", "-")

    lock = (ROOT / "local/lock.txt").read_text().splitlines()
    locked = {normal(line.partition("==")[0]) for line in lock if not line.startswith("#")}
    assert {normal(name) for name in closure("run")} <= locked


def test_a_second_installation_waits_for_the_first(venv: Path) -> None:
    install.make_environment(venv)
    (venv / ".unfinished").unlink()
    command = [sys.executable, "local/install.py", str(venv), "run"]
    with Path(install.__file__).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)  # noqa: S603
        assert second.stderr
        assert second.stderr.readline() == "Waiting for another installation to end ...\n"
        assert not (venv / ".run").exists()
    second.communicate(timeout=60)
    assert second.returncode == 0
    assert (venv / ".run").exists()
