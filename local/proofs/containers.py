"""The functions as built and packaged, in containers: `sam local invoke`, `start-lambda` and `start-api`.

They use DynamoDB Local. Their image is that of AWS if it can be pulled, else one that base_image.sh makes.
"""

import json
import os
import platform
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from local.stack.dynamodb_local import engine, free_port
from local.stack.template import ROOT, Template, create_table

SAM = str(ROOT / ".venv-sam" / "bin" / "sam")
BUILT = ROOT / ".aws-sam" / "local" / "template.yaml"
BASE_IMAGE = Path(__file__).with_name("base_image.sh")
ARCHITECTURE = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
IMAGE = f"public.ecr.aws/lambda/python:3.13-{ARCHITECTURE}"
TABLE = "assistants"
HOST = "this-machine"  # the name of this machine inside the containers

INVOKE_SECONDS = 120
ATTEMPTS = 3
START_SECONDS = 900  # a container for each function, on a machine that is busy
STOP_SECONDS = 60


class SamError(Exception):
    """The functions cannot run in containers; the message says what to do."""


def ensure_image() -> None:
    """Gets the image. Raises SamError if no container engine answers or there is no image."""
    if not shutil.which("docker") or not _succeeds("docker", "info"):
        raise SamError(
            "No container engine answers `docker info`, and without one `sam local` runs nothing. "
            "On Debian and Ubuntu: apt-get install docker.io, then start dockerd."
        )
    if _succeeds("docker", "image", "inspect", IMAGE) or _succeeds("docker", "pull", IMAGE):
        return
    print(f"{IMAGE} cannot be pulled; making a similar one, which takes some minutes ...", flush=True)
    if subprocess.run([BASE_IMAGE, IMAGE]).returncode:  # noqa: S603
        raise SamError(f"{IMAGE} can neither be pulled nor made here.")


def _succeeds(*command: str) -> bool:
    return not subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode  # noqa: S603


class Containers:
    """The built functions, and the options of `sam local` for them."""

    def __init__(self, env_vars: Path, log: Path) -> None:
        self._options = ["--template", str(BUILT), "--skip-pull-image", "--env-vars", str(env_vars)]
        self._options += ["--parameter-overrides", f"Architecture={ARCHITECTURE}", "--add-host", f"{HOST}:host-gateway"]
        self.log = log

    def invoke(self, function: str, event: Any) -> Any:
        """The result of a function in a new container. Raises SamError."""
        command = [SAM, "local", "invoke", function, "--event", "-", *self._options]
        done = subprocess.run(  # noqa: S603
            command,
            cwd=ROOT,
            env=_environment(),
            input=json.dumps(event),
            capture_output=True,
            text=True,
            timeout=INVOKE_SECONDS,
        )
        with self.log.open("a") as log:
            log.write(done.stderr)
        try:
            return json.loads(done.stdout)
        except ValueError:
            raise SamError(f"{function} returned no JSON:\n{done.stdout}\n{done.stderr[-4000:]}") from None

    def api(self) -> AbstractContextManager[str]:
        """The URL of the API, with a warm container for each function."""
        return self._serving("start-api", "EAGER")

    def functions(self) -> AbstractContextManager[str]:
        """The URL of Lambda's API. A function's container starts with its first call."""
        return self._serving("start-lambda", "LAZY")

    @contextmanager
    def _serving(self, kind: str, warm_containers: str) -> Iterator[str]:
        port = free_port()
        command = [SAM, "local", kind, "--port", str(port), "--warm-containers", warm_containers, "--no-watch"]
        with self.log.open("a") as log:
            process = subprocess.Popen(  # noqa: S603
                [*command, *self._options], cwd=ROOT, env=_environment(), stdout=log, stderr=log
            )
        try:
            end = time.monotonic() + START_SECONDS
            while not _answers(port):
                if process.poll() is not None or time.monotonic() > end:
                    raise SamError(f"sam local {kind} did not start:\n{self.log.read_text()[-4000:]}")
                time.sleep(0.5)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()  # it removes its containers
            process.wait(STOP_SECONDS)


@contextmanager
def containers() -> Iterator[Containers]:
    """The functions, with an empty DynamoDB Local."""
    with tempfile.TemporaryDirectory() as folder, engine() as endpoint:
        client = boto3.Session("local", "local", region_name="us-east-1").client("dynamodb", endpoint_url=endpoint)
        create_table(client, TABLE)
        client.close()
        variables = Path(folder) / "variables.json"
        database = {"AWS_ENDPOINT_URL_DYNAMODB": endpoint.replace("127.0.0.1", HOST)}
        no_kms = {"AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:9"}  # in the container, where nothing listens
        values = Template(table_name=TABLE).environment | database | no_kms
        variables.write_text(json.dumps({"Parameters": values}))
        yield Containers(variables, BUILT.with_name("sam.log"))


def invoker(url: str) -> Callable[[str, Any], Any]:
    """Calls a function by Lambda's API at the URL, for its result. Raises SamError.

    Now and then `sam local` gets nothing from a container that it has just started; then it is asked again.
    """
    session = boto3.Session("local", "local", region_name="us-east-1")
    config = Config(read_timeout=INVOKE_SECONDS, retries={"total_max_attempts": 1}, proxies={})
    client = session.client("lambda", endpoint_url=url, config=config)

    def invoke(function: str, event: Any) -> Any:
        for _ in range(ATTEMPTS):
            if answer := client.invoke(FunctionName=function, Payload=json.dumps(event))["Payload"].read():
                return json.loads(answer)
        raise SamError(f"{function} answered nothing, {ATTEMPTS} times.")

    return invoke


def _environment() -> Mapping[str, str]:
    """Credentials that belong to nobody. sam asks STS whose they are, and a closed port makes that fail at once."""
    keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1"}
    no_sts = {"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    return os.environ | keys | no_sts | {"SAM_CLI_TELEMETRY": "0"}


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", "/api/templates")
        return connection.getresponse().status in (401, 404)
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
