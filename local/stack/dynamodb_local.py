"""DynamoDB Local: Amazon's own engine, fetched by Maven, in a process of its own.

`python -m local.stack.dynamodb_local` runs it until Ctrl-C or SIGTERM and keeps its data in .dynamodb/data.

It always listens on all network interfaces, so store nothing in it that others must not see.
"""

import http.client
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from local.stack.template import ROOT

FOLDER = ROOT / ".dynamodb"
POM = Path(__file__).with_name("pom.xml")
MAIN_CLASS = "software.amazon.dynamodb.services.local.main.ServerRunner"
# This shell becomes Java. A second shell waits for the end of standard input, a pipe from this process, and then ends
# Java: so the engine never outlives this process, not even when it is killed.
RUN_WHILE_STDIN_IS_OPEN = 'exec 3<&0; { read -r _ <&3; kill $$; } & exec "$@" <&- 3<&-'
START_SECONDS = 60
STOP_SECONDS = 10
READY = """\
DynamoDB Local runs at {endpoint}, its data in {data}. `make run` uses it; Ctrl-C stops it.

export AWS_ENDPOINT_URL_DYNAMODB={endpoint}
"""


class EngineError(Exception):
    """The engine cannot run; the message says why in one sentence."""


@contextmanager
def engine(data: Path | None = None) -> Iterator[str]:
    """Runs an engine with its data in the folder, or in memory without one; its endpoint. Raises EngineError."""
    java, libraries = _program("java"), _libraries()
    port = free_port()
    where = ["-inMemory"]
    if data:
        data.mkdir(parents=True, exist_ok=True)
        where = ["-dbPath", str(data)]
    command = [java, "-Xmx1g", f"-Djava.library.path={libraries}", "-cp", f"{libraries}/*", MAIN_CLASS]
    options = ["-sharedDb", "-disableTelemetry", "-port", str(port), *where]
    with tempfile.TemporaryFile("w+") as output:
        # With its own session Ctrl-C reaches only this process, which stops the engine when nothing needs it any more.
        process = subprocess.Popen(  # noqa: S603
            ["/bin/sh", "-c", RUN_WHILE_STDIN_IS_OPEN, "sh", *command, *options],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            endpoint = f"http://127.0.0.1:{port}"
            begin = time.monotonic()
            while not answers(endpoint):
                if process.poll() is not None or time.monotonic() > begin + START_SECONDS:
                    output.seek(0)
                    raise EngineError(f"DynamoDB Local did not start:\n{output.read().strip()}")
                time.sleep(0.05)
            yield endpoint
        finally:
            try:
                process.communicate(timeout=STOP_SECONDS)  # closes the pipe
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def running(folder: Path = FOLDER) -> str | None:
    """The endpoint of the engine that `make dynamodb` has started, if it answers."""
    try:
        endpoint = (folder / "endpoint").read_text().strip()
    except FileNotFoundError:
        return None
    return endpoint if answers(endpoint) else None


def answers(endpoint: str) -> bool:
    """Whether DynamoDB answers, and not another program that has taken its port."""
    connection = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().headers["x-amzn-RequestId"] is not None
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _libraries() -> Path:
    """The folder with everything that pom.xml names. Maven fetches it once."""
    libraries = FOLDER / f"lib-{sha256(POM.read_bytes()).hexdigest()[:12]}"
    if libraries.is_dir():
        return libraries
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        fetched = Path(folder) / "lib"
        command = [_program("mvn"), "-B", "-q", "-f", str(POM), "dependency:copy-dependencies"]
        done = subprocess.run(  # noqa: S603
            [*command, f"-DoutputDirectory={fetched}"], capture_output=True, text=True, timeout=900
        )
        if done.returncode:
            raise EngineError(f"Maven could not fetch DynamoDB Local:\n{done.stdout.strip()}")
        with suppress(OSError):  # another process has fetched it meanwhile
            fetched.rename(libraries)
    return libraries


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise EngineError(
            f"DynamoDB Local needs java (17 or newer) and mvn, and there is no {name}; "
            "on Debian and Ubuntu: apt-get install default-jre maven"
        )
    return path


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def main(folder: Path = FOLDER) -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if endpoint := running(folder):
        return _fail(f"DynamoDB Local already runs at {endpoint}.")
    note = folder / "endpoint"
    try:
        with engine(folder / "data") as endpoint:
            note.write_text(endpoint)
            try:
                print(READY.format(endpoint=endpoint, data=folder / "data"), end="", flush=True)
                threading.Event().wait()
            finally:
                note.unlink(missing_ok=True)
    except KeyboardInterrupt:
        return 0
    except EngineError as error:
        return _fail(str(error))
    return 0


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
