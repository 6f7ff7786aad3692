import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest

from local.stack import dynamodb_local
from local.stack.dynamodb_local import main
from local.stack.template import create_table
from tests.harness import ROOT


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    """What the command does with them is undone."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_without_a_note_nothing_runs(tmp_path: Path) -> None:
    assert dynamodb_local.running(tmp_path) is None


def test_a_note_that_a_stopped_engine_left_behind_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "endpoint").write_text("http://127.0.0.1:1")
    assert dynamodb_local.running(tmp_path) is None


def test_something_else_on_the_port_is_not_taken_for_the_engine(tmp_path: Path) -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        Thread(target=server.handle_request, daemon=True).start()
        (tmp_path / "endpoint").write_text(f"http://127.0.0.1:{server.server_port}")
        assert dynamodb_local.running(tmp_path) is None


@pytest.mark.parametrize("missing", ["java", "mvn"])
def test_a_missing_program_is_named_with_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    for program in {"java", "mvn"} - {missing}:
        (tmp_path / program).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(dynamodb_local, "FOLDER", tmp_path)
    assert main(tmp_path) == 1
    said = capsys.readouterr().err
    assert f"there is no {missing}" in said
    assert "apt-get install default-jre maven" in said


@contextmanager
def command(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """`make dynamodb` with its data in another folder, and its endpoint."""
    arguments = [sys.executable, "-m", "tests.local.programs.run_dynamodb", str(folder)]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            assert process.stdout
            line = next(line for line in process.stdout if line.startswith("export "))
            yield process, line.strip().rpartition("=")[2]
        finally:
            process.terminate()


def client_of(endpoint: str) -> Any:
    return boto3.client("dynamodb", endpoint_url=endpoint)


@pytest.mark.usefixtures("real_engine")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_stored_survives_a_restart_and_a_signal_stops_it_cleanly(tmp_path: Path, number: int) -> None:
    key = {"PK": {"S": "a"}, "SK": {"S": "b"}}
    with command(tmp_path) as (process, endpoint):
        assert dynamodb_local.running(tmp_path) == endpoint
        assert main(tmp_path) == 1  # one at a time
        client = client_of(endpoint)
        create_table(client, "things")
        client.put_item(TableName="things", Item=key)
        client.close()
        process.send_signal(number)
        assert process.wait(30) == 0
    assert dynamodb_local.running(tmp_path) is None
    assert not dynamodb_local.answers(endpoint)
    with command(tmp_path) as (_, endpoint):
        client = client_of(endpoint)
        assert client.scan(TableName="things")["Items"] == [key]
        client.close()


@pytest.mark.usefixtures("real_engine")
def test_an_engine_does_not_outlive_whoever_started_it(tmp_path: Path) -> None:
    with command(tmp_path) as (process, endpoint):
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
        for _ in range(100):
            if not dynamodb_local.answers(endpoint):
                break
    assert not dynamodb_local.answers(endpoint)
    assert dynamodb_local.running(tmp_path) is None
