"""What make installs before anything runs: local/install.py with a pip that installs nothing, and with a real one."""

import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import distribution
from pathlib import Path
from venv import EnvBuilder
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

from local import install
from tests.harness import ROOT

FAKE = ROOT / "tests/local/programs/fake"
MAX_MEGABYTES = 95
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = ("linux", "darwin")


@pytest.fixture(autouse=True)
def fake_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pip of this Python, and of each that it starts."""
    monkeypatch.syspath_prepend(FAKE)
    monkeypatch.setenv("PYTHONPATH", str(FAKE))
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    return tmp_path / "venv"


def calls(venv: Path) -> list[str]:
    return (venv.parent / "calls").read_text().splitlines()


def stamps(venv: Path) -> set[str]:
    return {it.name for it in venv.iterdir() if it.name.startswith(".") and it.name != ".gitignore"}


def test_what_is_locked_is_shared_by_several_pips_that_resolve_nothing(venv: Path) -> None:
    assert install.main([str(venv), "test"]) == 0
    installed = [call.split(" --no-deps ") for call in calls(venv)]
    assert {options for options, _ in installed} == {f"--python {venv}/bin/python {' '.join(install.INSTALL)}"}
    assert len(installed) == install.PIPS_AT_ONCE
    lock = install.lock_sections()
    assert sorted(" ".join(packages for _, packages in installed).split()) == sorted(lock["run"] + lock["test"])


def test_a_group_that_is_not_locked_is_resolved_by_one(venv: Path) -> None:
    assert install.main([str(venv), "contract", "-c", "lock.txt"]) == 0
    (call,) = calls(venv)
    assert f"{' '.join(install.INSTALL)} -c lock.txt " in call
    assert " schemathesis>=" in call
    assert " boto3>=" in call  # of a group that is included
    assert stamps(venv) == {".contract"}


def test_each_step_is_said_once_and_on_a_line(venv: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert install.main([str(venv), "test"]) == 0
    said = capfd.readouterr().err.removeprefix("Waiting for another installation to end ...\n")  # of another test
    first, *rest = said.splitlines()
    assert first.startswith(f"Making {venv} with Python 3.")
    assert rest == [f"Installing what 'test' needs into {venv}:", "  boto3", "  and unpacking all of them"]
    assert stamps(venv) == {".test"}


def test_a_requirement_that_the_lock_misses_is_refused(
    venv: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(install.LOCK.read_text().replace("moto==", "motto=="))
    monkeypatch.setattr(install, "LOCK", lock)
    assert install.main([str(venv), "run"]) == 1
    assert capfd.readouterr().err.endswith("misses moto>=5.2,<5.3 of 'run'; `make lock` writes it anew.\n")


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


@pytest.mark.long
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


@pytest.fixture
def interruptible() -> Iterator[None]:
    """A shell lets what runs in its background ignore SIGINT, and that is inherited."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.long
@pytest.mark.usefixtures("interruptible")
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


@pytest.mark.parametrize("missing", [{"venv"}, {"venv", "pip"}, {"ensurepip", "pip"}])
def test_a_python_that_makes_no_environments_is_told_what_to_install(
    venv: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], missing: set[str]
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in missing else found(name))
    assert install.main([str(venv), "run"]) == 1
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert capfd.readouterr().err.endswith(f"On Debian and Ubuntu: apt-get install python{version}-venv\n")
    assert not venv.exists()


def wheel(folder: Path, name: str) -> None:
    """A package that pip can install."""
    info = f"{name}-1.0.dist-info"
    with ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


def of_this_machine(folder: Path) -> Path:
    return Path(sys.executable).resolve()


def without_pip(folder: Path) -> Path:
    EnvBuilder(with_pip=False).create(folder / "without")
    return folder / "without/bin/python"


@pytest.mark.long
@pytest.mark.parametrize("python", [of_this_machine, without_pip])
def test_a_real_pip_installs_it_by_the_settings_of_the_machine(
    venv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, python: Callable[[Path], Path]
) -> None:
    for name in [it for it in os.environ if it.startswith(("PIP_", "PYTHONPATH"))]:
        monkeypatch.delenv(name)
    shutil.copytree(ROOT / "local", tmp_path / "local", ignore=shutil.ignore_patterns("node_modules"))
    for name in ("one", "another"):
        wheel(tmp_path, name)
    (tmp_path / "pyproject.toml").write_text('[dependency-groups]\nrun = ["one"]\n')
    (tmp_path / "local/lock.txt").write_text("# run\nanother==1.0\none==1.0\n")
    (tmp_path / "pip.conf").write_text(f"[global]\nno-index = true\nfind-links = {tmp_path}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    subprocess.run([python(tmp_path), tmp_path / "local/install.py", venv, "run"], check=True)  # noqa: S603
    assert stamps(venv) == {".run"}
    subprocess.run([venv / "bin/python", "-c", "import one, another"], check=True)  # noqa: S603


def closure(group: str, python: str, system: str) -> set[str]:
    """The names of all that the group needs there."""
    environment = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": system, "extra": ""}
    environment |= {"platform_system": system.title()}
    queue = [Requirement(it) for it in [*install.requirements(group), *shipped()]]
    found: set[str] = set()
    while queue:
        needed = queue.pop()
        name = install.normal(needed.name)
        if name not in found and (needed.marker is None or needed.marker.evaluate(environment)):
            found.add(name)
            queue += map(Requirement, distribution(name).requires or [])
    return found


def shipped() -> list[str]:
    lines = (ROOT / "layers/shared/requirements.in").read_text().splitlines()
    return [line for line in lines if not line.startswith("#")]


def test_make_run_installs_little() -> None:
    lock = install.lock_sections()["run"]
    files = [file for line in lock for file in distribution(install.normal(line)).files or [] if file.suffix != ".pyc"]
    assert sum(Path(str(file.locate())).stat().st_size for file in files) < MAX_MEGABYTES * 1e6


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("group", ["run", "test"])
def test_the_lock_is_all_that_a_group_needs(group: str, python: str, system: str) -> None:
    lock = install.lock_sections()
    locked = {install.normal(line) for name in install.groups(group) for line in lock[name]}
    assert locked == closure(group, python, system)


def test_the_lock_is_what_pyproject_and_the_layer_allow() -> None:
    lock = [Requirement(line) for lines in install.lock_sections().values() for line in lines]
    versions = {install.normal(it.name): str(it.specifier).removeprefix("==") for it in lock}
    asked = [Requirement(it) for it in [*install.requirements("check"), *shipped()]]
    assert asked
    assert not [it for it in asked if versions[install.normal(it.name)] not in it.specifier]


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
