"""`make run`, and the commands that find the stack that it runs, as a person types them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from local.stack.dynamodb_local import free_port
from local.stack.running import NOTES
from tests.harness import ROOT

pytestmark = pytest.mark.long

AWKWARD = """Bob's "team"; $(true) `*`"""


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """make, with this Python and what is installed for it as its environment."""
    venv = tmp_path_factory.mktemp("make") / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin/python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (venv / "bin/python").chmod(0o755)
    (venv / ".run").touch()
    return ["make", "--no-print-directory", f"VENV={venv}"]


def environment(port: int) -> dict[str, str]:
    """Without anything that names AWS."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE"))}
    here = {"AWS_ENDPOINT_URL_DYNAMODB": "", "AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent"}
    return mine | here | {"PORT": str(port)}


@contextmanager
def running(command: list[str], port: int) -> Iterator["subprocess.Popen[str]"]:
    """`make run`, ready, in a session of its own."""
    with subprocess.Popen(  # noqa: S603
        [*command, "run"],
        cwd=ROOT,
        env=environment(port),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout
        try:
            next(line for line in process.stdout if line.startswith("# List"))
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
                process.communicate(timeout=30)


@pytest.fixture(scope="module")
def port(command: list[str]) -> Iterator[int]:
    port = free_port()
    with running(command, port):
        yield port


def make(command: list[str], port: int, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603
        [*command, *arguments], cwd=ROOT, env=environment(port), text=True, capture_output=True, timeout=120
    )


def answer(done: "subprocess.CompletedProcess[str]") -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_ctrl_c_ends_it_without_an_error_of_make(command: list[str]) -> None:
    port = free_port()
    with running(command, port) as process:
        assert (NOTES / f"{port}.json").exists()
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode in (0, -signal.SIGINT)  # make ends itself by the signal, which shells pass over
    assert "make" not in errors
    assert not (NOTES / f"{port}.json").exists()


def test_a_second_one_is_told_a_port_that_is_free(command: list[str], port: int) -> None:
    done = make(command, port, "run")
    first = done.stderr.splitlines()[0]
    free = int(first.rpartition("PORT=")[2].removesuffix(" make run"))
    assert first == f"Port {port} is taken, and {free} is free: PORT={free} make run"
    assert done.returncode != 0
    with running(command, free):
        pass


def test_without_a_python_it_says_which_is_needed(tmp_path: Path) -> None:
    done = make(["make", f"VENV={tmp_path}/venv", "PYTHON="], 0, "run")
    assert "Python 3.11 or newer is needed" in done.stderr
    assert done.returncode != 0


def test_it_is_healthy_and_shows_its_reference(port: int) -> None:
    for path in ("/health", "/docs", "/"):
        with urlopen(f"http://127.0.0.1:{port}{path}") as response:
            assert response.status == 200


def test_the_operator_makes_an_account_and_its_key(command: list[str], port: int) -> None:
    made = answer(make(command, port, "admin", "ACTION=create_account", "SLUG=bobs", f"NAME={AWKWARD}"))
    assert made["account"].items() >= {"slug": "bobs", "name": AWKWARD.replace("$(true)", "")}.items()
    options = ["NAME=short", "SCOPES=assistants:read, calls:route", "EXPIRES_IN_DAYS=2", "RATE_LIMIT_PER_HOUR=null"]
    created = answer(make(command, port, "admin", "ACTION=create_api_key", "SLUG=bobs", *options))
    key = created["api_key"]
    assert (key["scopes"], key["rate_limit_per_hour"]) == (["assistants:read", "calls:route"], None)
    assert created["full_key"].startswith(key["key_prefix"])
    (listed,) = answer(make(command, port, "admin", "ACTION=list_api_keys", "SLUG=bobs"))["api_keys"]
    assert listed == key
    revoke = ["ACTION=revoke_api_key", "SLUG=bobs", f"ID={key['id']}"]
    assert answer(make(command, port, "admin", *revoke))["api_key"]["is_active"] is False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "make admin ACTION=create_account SLUG=my-team"),
        (["ACTION=create_account", "SLUG=my-team", "NAME=x"], "The slug my-team is taken; "),
        (["ACTION=create_account", "SLUG=x"], "name: is required"),
        (["ACTION=drop_table"], "create_account, list_accounts"),
        (["ACTION=create_api_key", "SLUG=my-team", "NAME=x", "SCOPES=*", "EXPIRES_IN_DAYS=soon"], "must be an integer"),
        (["ACTION=list_api_keys", "SLUG=my-team", "STACK=mine"], "region"),
    ],
)
def test_a_refusal_of_the_operator_is_an_error_of_make(
    command: list[str], port: int, arguments: list[str], said: str
) -> None:
    done = make(command, port, "admin", *arguments)
    assert said in done.stderr
    assert (done.returncode, done.stdout) == (2, "")


def test_the_smoke_test_passes_again_and_again_and_leaves_no_key(command: list[str], port: int) -> None:
    for account in ("made", "there from before"):
        done = make(command, port, "smoke")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"account smoke-test: {account}\n")
    assert answer(make(command, port, "admin", "ACTION=list_api_keys", "SLUG=smoke-test"))["api_keys"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "No stack runs here"),
        (["STAGE=prd"], "no environment prd; it has default, dev, prod."),
        (["STAGE=dev"], "region"),
    ],
)
def test_a_smoke_test_with_nobody_to_ask_says_why(command: list[str], arguments: list[str], said: str) -> None:
    done = make(command, free_port(), "smoke", *arguments)
    assert said in done.stderr
    assert (done.returncode, done.stdout) == (2, "")


def test_an_environment_that_samconfig_lacks_is_not_deployed(command: list[str], tmp_path: Path) -> None:
    (tmp_path / ".sam").touch()
    done = make([*command, f"SAM_VENV={tmp_path}"], 0, "deploy", "STAGE=prd")
    assert "samconfig.toml has no environment prd." in done.stderr
    assert (done.returncode, done.stdout) == (2, "")


def deployed(command: list[str], venv: Path, *arguments: str) -> list[str]:
    """What `sam` is called with, a word each, by a make that has another program in its place."""
    (venv / "bin").mkdir()
    (venv / ".sam").touch()
    for name, text in (("python", f'exec {sys.executable} "$@"'), ("sam", 'printf "%s\\n" "$@"')):
        (venv / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
        (venv / "bin" / name).chmod(0o755)
    done = make([*command, f"SAM_VENV={venv}"], 0, "deploy", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_a_stack_of_another_name_is_deployed_under_a_prefix_of_its_own(command: list[str], tmp_path: Path) -> None:
    called = deployed(command, tmp_path, "STACK=mine", "BUILT=1")
    assert called == ["deploy", "--config-env", "default", "--stack-name", "mine", "--s3-prefix", "mine"]


def test_it_is_built_and_deployed_with_the_same_parameters(command: list[str], tmp_path: Path) -> None:
    given = 'LogLevel=DEBUG PreviousTokenSecretArn=""'
    called = deployed(command, tmp_path, "STAGE=prod", f"PARAMETERS={given}")
    options = ["--config-env", "prod", "--parameter-overrides", given]
    assert called == ["build", *options, "deploy", *options]


def test_without_a_stack_that_runs_the_operator_is_told_how_to_start_one(command: list[str]) -> None:
    done = make(command, free_port(), "admin", "ACTION=list_api_keys", "SLUG=my-team")
    assert done.stderr.startswith("No stack runs here: start one with `make run`")
    assert (done.returncode, done.stdout) == (2, "")


def test_a_note_that_a_killed_stack_left_does_not_count(command: list[str], port: int) -> None:
    note = NOTES / f"{free_port()}.json"
    note.write_text((NOTES / f"{port}.json").read_text().replace(f":{port}", f":{note.stem}"))
    try:
        done = make(command, int(note.stem), "admin", "ACTION=list_api_keys", "SLUG=my-team")
    finally:
        note.unlink()
    assert done.stderr.startswith("No stack runs here")


def test_the_audit_finds_the_table_of_the_stack_that_runs(command: list[str], port: int) -> None:
    done = make(command, port, "audit", "TABLE=assistants")
    assert (done.returncode, done.stderr) == (0, "No violations in assistants.\n")


def test_the_audit_of_another_table_says_what_it_needs(command: list[str], port: int) -> None:
    done = make(command, port, "audit", "TABLE=assistants-of-aws")
    assert done.stderr.startswith("No stack that runs here has the table assistants-of-aws: ")
    assert "AWS_DEFAULT_REGION=us-east-1" in done.stderr
    assert done.returncode == 2
