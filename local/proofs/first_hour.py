"""`make first-hour`: clones what is committed into an empty folder, types `make run` there, and waits for an answer.

It prints the seconds and the size of .venv. pip's cache stays as it is, so a second run measures a warm one. Only the
standard library: nothing is installed yet.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAX_SECONDS = 600
STOP_SECONDS = 30


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)  # noqa: S603, S607
        seconds = measure(clone)
        if seconds is None:
            print("make run did not answer.", file=sys.stderr)
            return 1
        print(f"{seconds:.1f} s from `make run` to the first answered request")
        print(f"{size(clone / '.venv') / 1e6:.0f} MB in .venv")
    return 0


def measure(clone: Path) -> float | None:
    """Seconds until the stack of the clone answers, or None if it ends before or takes too long."""
    port = free_port()
    # Of the make that runs this, and of an environment that is active.
    foreign = ("MAKE", "MFLAGS", "VIRTUAL_ENV", "AWS_")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    begin = time.monotonic()
    with subprocess.Popen(
        ["make", "run"],  # noqa: S607
        cwd=clone,
        env=variables | {"PORT": str(port)},
        stdout=sys.stderr,
        start_new_session=True,
    ) as process:
        try:
            while process.poll() is None and time.monotonic() < begin + MAX_SECONDS:
                if answers(port):
                    return time.monotonic() - begin
                time.sleep(0.1)
            return None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
                process.wait(STOP_SECONDS)


def answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def size(folder: Path) -> int:
    """In bytes."""
    return sum(path.lstat().st_size for path in folder.rglob("*"))


if __name__ == "__main__":
    sys.exit(main())
