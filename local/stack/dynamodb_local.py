"""DynamoDB Local: Amazon's own engine, fetched by Maven, in a process of its own.

`python -m local.stack.dynamodb_local` runs it until Ctrl-C or SIGTERM; its data stays in .dynamodb/data. With the
argument `endpoint` it prints where that one runs, or an empty line.

It cannot be told to listen on the loopback interface alone, so have nothing in it that others may not see.
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
# Java in the place of this shell, and beside it one that waits for the end of the standard input, which is a pipe from
# us: whatever ends this process, be it a kill, ends the engine too.
TOGETHER = 'exec 3<&0; { read -r _ <&3; kill $$; } & exec "$@" <&- 3<&-'
START_SECONDS = 60
STOP_SECONDS = 10
READY = """\
DynamoDB Local runs at {endpoint}, its data in {data}. `make run` uses it; Ctrl-C stops it.

export AWS_ENDPOINT_URL_DYNAMODB={endpoint}
"""


class EngineError(Exception):
    """Why the engine cannot run, in one sentence."""


@contextmanager
def engine(data: Path | None = None) -> Iterator[str]:
    """The endpoint of an engine with its data in that folder, else in memory. Raises EngineError."""
    java, libraries = _program("java"), _libraries()
    port = free_port()
    where = ["-inMemory"]
    if data:
        data.mkdir(parents=True, exist_ok=True)
        where = ["-dbPath", str(data)]
    command = [java, "-Xmx1g", f"-Djava.library.path={libraries}", "-cp", f"{libraries}/*", MAIN_CLASS]
    options = ["-sharedDb", "-disableTelemetry", "-port", str(port), *where]
    with tempfile.TemporaryFile("w+") as output:
        # Its own session: Ctrl-C reaches us alone, and we stop it when nobody needs it any more.
        process = subprocess.Popen(  # noqa: S603
            ["/bin/sh", "-c", TOGETHER, "sh", *command, *options],
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
    """Whether DynamoDB is there, and not something else that got the port after it."""
    connection = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().headers["x-amzn-RequestId"] is not None
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _libraries() -> Path:
    """The folder with everything that pom.xml names, fetched if it is not there yet."""
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
        with suppress(OSError):  # another process was faster
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


def main(arguments: list[str], folder: Path = FOLDER) -> int:
    if arguments == ["endpoint"]:
        print(running(folder) or "")
        return 0
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if endpoint := running(folder):
        return _fail(f"DynamoDB Local runs already, at {endpoint}.")
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
    sys.exit(main(sys.argv[1:]))
