"""Runs a packaged function as Lambda does: the runtime interface emulator of aws-sam-cli, and awslambdaric in it."""

import json
import os
import platform
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, Any

from tests.bench.canned import LIMITED, TOKEN, event
from tests.bench.child import ROOT, Child, child
from tests.bench.packages import BenchError, Variant, certificate, runtime
from tests.bench.stub import Call

INVOKE = "/2015-03-31/functions/function/invocations"
INIT = re.compile(r"INIT REPORT\(durationMs: ([\d.]+)\)")
START_SECONDS = 10
ANSWER_SECONDS = 60
REPEATED = 300  # requests without a database
PROCESSOR = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


@dataclass(frozen=True)
class Request:
    """Times in ms, of the handler alone."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Sample:
    """What one process took: times in ms, sizes in bytes. The last four are of one warm request."""

    init_wall: float
    init_cpu: float
    modules: int
    peak_rss: int
    first: Request
    warm: list[Request]
    beside: float  # CPU time of a request when DynamoDB costs nothing
    calls: float
    round_trips: float
    bytes_sent: float
    bytes_received: float


class Stub:
    """The stub in its own process."""

    def __init__(self, process: Child) -> None:
        self._process = process
        self.endpoint = f"https://127.0.0.1:{process.hello}"

    def calls(self) -> list[Call]:
        """Those since the last time."""
        return [Call(**call) for call in self._process.ask()]


@contextmanager
def stub(latency: float) -> Iterator[Stub]:
    """`latency` in seconds."""
    with child("tests.bench.stub", str(latency), str(certificate())) as process:
        yield Stub(process)


def emulator() -> Path:
    """Raises BenchError."""
    pattern = f".venv-sam/lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-{PROCESSOR}"
    for path in ROOT.glob(pattern):
        return path
    raise BenchError(f"There is no {pattern}, the emulator that comes with aws-sam-cli; run `make build` first.")


def interpreter() -> list[str]:
    """The Python of the runtime, with nothing installed: what the function needs is in its package."""
    return [str(Path(sys.base_prefix) / f"bin/python3.{sys.version_info.minor}"), "-S", "-P"]


def environment(variant: Variant, endpoint: str) -> dict[str, str]:
    """The function's variables, and nothing of this process's."""
    path = [*variant.path, runtime()]
    return {
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "PYTHONDONTWRITEBYTECODE": "1",  # /var/task and /opt can't be written to
        "LAMBDA_TASK_ROOT": str(variant.task),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python3.{sys.version_info.minor}",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_SESSION_TOKEN": "bench",
        **variant.environment,
        "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
        "AWS_ENDPOINT_URL_KMS": endpoint,
    }


def measure(variant: Variant, database: Stub, warm: int, skipped: int = 5) -> Sample:
    """Starts a process, sends a first request and `warm` more after a few that don't count. Raises BenchError."""
    sent = event(variant.function, LIMITED if variant.limited else TOKEN)
    with tempfile.NamedTemporaryFile() as notes, tempfile.TemporaryFile("w+") as log:
        with _running(variant, database.endpoint, notes.name, log) as connection:
            try:
                _invoke(connection, sent)
                for _ in range(skipped):
                    _invoke(connection, sent)
                database.calls()
                for _ in range(warm):
                    _invoke(connection, sent)
                calls = database.calls()
                _invoke(connection, json.dumps({**json.loads(sent), "bench_repeated": REPEATED}).encode())
            except (OSError, ValueError) as error:
                log.seek(0)
                raise BenchError(f"{variant.function}, {variant.label}: {error}\n{log.read()[-3000:]}") from None
            start, *requests = map(json.loads, notes.read().splitlines())
            peak_rss = _peak_rss(start["pid"])
        log.seek(0)
        init = INIT.search(log.read())
    if init is None:
        raise BenchError("The emulator did not report the init's duration.")
    first, *others, repeated = [Request(it["wall"] / 1e6, it["cpu"] / 1e6) for it in requests]
    return Sample(
        init_wall=float(init[1]),
        init_cpu=start["cpu"] / 1e6,
        modules=start["modules"],
        peak_rss=peak_rss,
        first=first,
        warm=others[skipped:],
        beside=repeated.cpu,
        calls=len(calls) / warm,
        round_trips=_longest_chain(calls) / warm,
        bytes_sent=sum(call.sent for call in calls) / warm,
        bytes_received=sum(call.received for call in calls) / warm,
    )


@contextmanager
def _running(variant: Variant, dynamodb: str, notes: str, log: IO[str]) -> Iterator[HTTPConnection]:
    invoke_port, api_port = _free_ports()
    command = [str(emulator()), "--runtime-interface-emulator-address", f"127.0.0.1:{invoke_port}"]
    command += ["--runtime-api-address", f"127.0.0.1:{api_port}"]
    command += [*interpreter(), str(Path(__file__).with_name("runtime.py")), variant.handler]
    variables = {**environment(variant, dynamodb), "BENCH_NOTES": notes}
    with subprocess.Popen(command, cwd=variant.task, env=variables, stdout=log, stderr=log) as process:  # noqa: S603
        connection = HTTPConnection("127.0.0.1", invoke_port, timeout=ANSWER_SECONDS)
        try:
            _connect(connection)
            yield connection
        finally:
            connection.close()
            process.terminate()


def _connect(connection: HTTPConnection) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return connection.connect()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise BenchError("The emulator did not start.") from None
            time.sleep(0.005)


def _invoke(connection: HTTPConnection, sent: bytes) -> None:
    """Raises ValueError unless the function answers with success."""
    connection.request("POST", INVOKE, sent)
    answer: Any = json.loads(connection.getresponse().read())
    if answer.get("statusCode") not in (200, 204, 404):
        raise ValueError(f"it answered {str(answer)[:500]}")


def _longest_chain(calls: list[Call]) -> int:
    """How many calls had to wait for one before: the round trips, where others went beside them."""
    trips, free = 0, 0.0
    for call in sorted(calls, key=lambda call: call.ended):
        if call.began >= free:
            trips, free = trips + 1, call.ended
    return trips


def _peak_rss(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
