"""What is compared, and how each of it is packaged.

`ours` is what `sam build` made. A peer is packaged as a plain `sam build` does it: dependencies unpacked beside the
sources, no byte code. Of everything there are two variants, without byte code and with it, so that both effects show;
one of ours is the artefact as it was built. `before` is the artefact of another checkout, if BEFORE names its build.
"""

import compileall
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from py_compile import PycInvalidationMode

import botocore

from local.stack.template import Template
from tests.bench.child import ROOT

BUILD = ROOT / (os.environ.get("BUILD") or ".aws-sam/build")
BEFORE = Path(os.environ["BEFORE"]).resolve() if os.environ.get("BEFORE") else None
LAYER = BUILD / "SharedLayer/python"
FOLDER = ROOT / ".aws-sam/bench"
PEERS = Path(__file__).with_name("peers")
SHARED = ("store.py", "models.py")  # modules of the peers, which a package gets if it has dependencies
PEER_NAMES = ("bare", "boto3_dict", "pydantic_only", "resolver", "one_function", "fastapi_mangum")
COMPARED = ("get_assistant", "update_assistant")  # what the peers implement
MEASURED = (*COMPARED, "answer_call")


class BenchError(Exception):
    """Why there is nothing to measure, in one sentence."""


@dataclass(frozen=True)
class Variant:
    """A packaged function: `task` is /var/task, `layer` /opt/python. Times are comparable within a `function`.

    `limited` says that the caller's key has a rate limit, so that each request is counted; peers know of none.
    """

    function: str
    name: str
    byte_code: bool
    task: Path
    layer: Path | None = None
    handler: str = "app.handler"
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)
    is_artefact: bool = False
    limited: bool = False

    @property
    def label(self) -> str:
        return f"{self.name}, byte code" if self.byte_code else self.name

    @property
    def package(self) -> tuple[object, ...]:
        """Variants with the same one start alike; what they are sent may differ."""
        return self.task, self.layer, self.handler

    @property
    def path(self) -> list[Path]:
        return [self.task, self.layer] if self.layer else [self.task]

    @property
    def size(self) -> int:
        """Bytes unzipped."""
        return sum(file.stat().st_size for folder in self.path for file in folder.rglob("*") if file.is_file())


def variants(functions: list[str]) -> list[Variant]:
    """Everything to measure of these functions; raises BenchError."""
    runtime()  # all need it, and later several threads ask for it
    found: list[Variant] = []
    for function in functions:
        found += _ours(function)
        found += _before(function)
        if function in COMPARED:
            found += [_peer(function, name, byte_code) for name in PEER_NAMES for byte_code in (False, True)]
    return found


def functions() -> list[str]:
    """All functions with an HTTP route."""
    return sorted({_template().functions[name].app.parent.name for name in _template().routes.values()})


@cache
def _template() -> Template:
    return Template()


@cache
def _environment() -> Mapping[str, str]:
    return _template().environment


def _ours(function: str) -> list[Variant]:
    name = _resource(function)
    _check(BUILD, name)
    plain, compiled = (
        Variant(
            function,
            "ours",
            byte_code,
            _built(BUILD, name, byte_code),
            _built(BUILD, "SharedLayer/python", byte_code),
            environment=_environment(),
            is_artefact=byte_code == _is_compiled(BUILD),
        )
        for byte_code in (False, True)
    )
    if function not in COMPARED:
        return [plain, compiled]
    task = FOLDER / "changed" / name
    _copy(compiled.task, task, byte_code=True, also=[PEERS / "two_gets.py"])
    layer = _with_all_operations(_built(BUILD, "SharedLayer/python", True))
    two_gets = replace(
        compiled, name="ours, two GetItems", task=task, layer=layer, handler="two_gets.handler", is_artefact=False
    )
    limited = [
        replace(variant, name=f"{variant.name}, rate limit", is_artefact=False, limited=True)
        for variant in (compiled, two_gets)
    ]
    return [plain, compiled, two_gets, *limited]


def _before(function: str) -> list[Variant]:
    """The same function as the other checkout built it. It has to understand today's requests and items."""
    if BEFORE is None:
        return []
    name = _resource(function)
    _check(BEFORE, name)
    task, layer = _built(BEFORE, name, True), _built(BEFORE, "SharedLayer/python", True)
    before = Variant(function, "before", True, task, layer, environment=_with_namespace())
    if function not in COMPARED:
        return [before]
    return [before, replace(before, name="before, rate limit", limited=True)]


def _resource(function: str) -> str:
    return "".join(word.capitalize() for word in function.split("_"))


def _check(build: Path, name: str) -> None:
    """Raises BenchError. Which package the layer has is not told: it was called `assistants` once."""
    if not (build / name / "app.py").exists() or not (build / "SharedLayer/python").exists():
        raise BenchError(f"There is no {name} with its layer in {build}; run `make build` first.")


@cache
def _built(build: Path, name: str, byte_code: bool) -> Path:
    """A copy of what was built, since the next build may come while we measure."""
    folder = FOLDER / ("ours" if build == BUILD else "before") / ("byte-code" if byte_code else "plain") / name
    if byte_code == _is_compiled(build):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(build / name, folder)
        _trust_the_stub(folder)
    else:
        _copy(build / name, folder, byte_code)
    return folder


@cache
def _with_all_operations(layer: Path) -> Path:
    """A copy of the layer that also knows GetItem, which ours never calls."""
    folder = FOLDER / "changed/layer"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(layer, folder)
    for model in folder.glob("botocore/data/dynamodb/*/service-2.json"):
        whole = Path(botocore.__file__).parent / model.relative_to(folder / "botocore").with_suffix(".json.gz")
        shutil.copy(whole, model.parent)
        model.unlink()
    return folder


@cache
def _is_compiled(build: Path) -> bool:
    return any((build / "SharedLayer/python").glob("*/__pycache__/*.pyc"))


@cache
def runtime() -> Path:
    """What Lambda has in /var/runtime, with byte code: awslambdaric, and boto3 for those who bring none."""
    folder = FOLDER / "runtime"
    _copy(_dependencies("runtime"), folder, byte_code=True)
    return folder


def _peer(function: str, name: str, byte_code: bool) -> Variant:
    return Variant(function, name, byte_code, _package(name, byte_code), environment=_with_namespace())


def _with_namespace() -> Mapping[str, str]:
    """For the metrics of Powertools, which ours do without, and did not always."""
    return {**_environment(), "POWERTOOLS_METRICS_NAMESPACE": "Assistants"}


@cache
def _package(name: str, byte_code: bool) -> Path:
    folder = FOLDER / "peers" / f"{name}-{'byte-code' if byte_code else 'plain'}"
    shared = [] if name == "bare" else [PEERS / module for module in SHARED]
    _copy(_dependencies(name), folder, byte_code, also=[PEERS / name / "app.py", *shared])
    return folder


def _dependencies(name: str) -> Path:
    """A folder with what the requirements.txt of the peer names, installed once."""
    requirements = PEERS / name / "requirements.txt"
    stamp = sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = FOLDER / "dependencies" / f"{name}-{stamp}"
    if not folder.exists():
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        command = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-compile"]
        command += ["--only-binary=:all:", "-t", str(unfinished), "-r", str(requirements)]
        subprocess.run(command, check=True)  # noqa: S603
        unfinished.rename(folder)
    return folder


def _copy(source: Path, target: Path, byte_code: bool, also: list[Path] = []) -> None:  # noqa: B006
    """A copy with byte code that stays valid, or with none."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=None if byte_code else shutil.ignore_patterns("__pycache__"))
    for file in also:
        shutil.copy(file, target)
    _trust_the_stub(target)
    if byte_code:
        mode = PycInvalidationMode.UNCHECKED_HASH
        compileall.compile_dir(target, quiet=2, invalidation_mode=mode, workers=1)


@cache
def certificate() -> Path:
    """Of the stub DynamoDB, with its key in the same file."""
    file = FOLDER / "stub.pem"
    file.unlink(missing_ok=True)
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=stub"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(file), "-out", str(file)]
    FOLDER.mkdir(parents=True, exist_ok=True)
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    return file


def _trust_the_stub(folder: Path) -> None:
    """Makes the stub's certificate one more in the bundle, so that each package's bundle costs what it costs."""
    _, begin, rest = certificate().read_text().partition("-----BEGIN CERTIFICATE-----")
    for bundle in folder.glob("**/botocore/cacert.pem"):
        bundle.write_text(f"{bundle.read_text()}\n{begin}{rest}")


def outdated() -> list[str]:
    """Modules of ours that are not as they were built."""
    sources = ROOT / "layers/shared"
    pairs = [(source, LAYER / source.relative_to(sources)) for source in (sources / "assistants_api").rglob("*.py")]
    return sorted(
        str(source.relative_to(ROOT))
        for source, copy in pairs
        if copy.exists() and copy.read_bytes() != source.read_bytes()
    )
