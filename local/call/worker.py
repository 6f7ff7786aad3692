"""The example worker, as a process of its own."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.call.errors import CallError

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-workers/bin/python"
WORKER = ROOT / "examples/pipecat_worker/worker.py"
START_SECONDS = 90  # the first start compiles what it imports
STOP_SECONDS = 10


@contextmanager
def worker(api_url: str) -> Iterator[str]:
    """Where carriers open streams to it. Its warnings and errors are on stderr. Raises CallError."""
    port = free_port()
    settings = {"ASSISTANTS_API_URL": api_url, "HOST": "127.0.0.1", "PORT": str(port), "LOGURU_LEVEL": "WARNING"}
    with subprocess.Popen([str(PYTHON), str(WORKER)], env=os.environ | settings) as process:  # noqa: S603
        try:
            wait_for(process, port)
            yield f"ws://127.0.0.1:{port}/ws"
        finally:
            stop(process)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise CallError(f"The worker ended with {process.returncode}, with its reason above.")
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.1)
    raise CallError(f"The worker did not start within {START_SECONDS} seconds.")


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
