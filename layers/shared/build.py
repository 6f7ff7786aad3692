"""Builds the layer: the shared package and what it depends on, for a cold start as short as it gets.

    python3.13 build.py FOLDER

A plain `sam build` ships no byte code, and Lambda's file system can't be written to, so every cold start would compile
everything anew. And it leaves out boto3, whose version in the runtime nobody chose, with the data of 400 services.
So here: pinned packages, for both processors in one layer, byte code that stays valid whatever zipping does to times,
and of botocore's data only what a client for DynamoDB opens. Two builds of the same sources are equal to the byte.
"""

import gzip
import json
import py_compile
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).parent
PYTHON = "3.13"
PLATFORMS = {"arm64": "manylinux2014_aarch64", "x86_64": "manylinux2014_x86_64"}

CALL = re.compile(r"\.client\.(\w+)")  # in `self.client.put_item(`

# In the place of what writes the documentation of a client's methods.
NO_DOCSTRINGS = """
class LazyLoadedDocstring(str):
    def __new__(cls, *_, **__):
        return super().__new__(cls)

ClientMethodDocstring = PaginatorDocstring = WaiterDocstring = LazyLoadedDocstring
"""

# What opens a client's data, with a Python that knows only the layer. Prints the files, one a line.
OPENED = """
import os, sys
sys.path.insert(0, sys.argv[1])
sys.addaudithook(lambda event, args: print(args[0]) if event == "open" and "/data/" in str(args[0]) else None)
os.environ |= {"TABLE_NAME": "-", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "-"}
os.environ["AWS_SECRET_ACCESS_KEY"] = "-"
from assistants_api.storage.table import from_env
from_env()
"""

# What imports compile, and the first call: writes the file that `assistants_api.cold_start` reads. No reference counts
# (version 2) and a fixed order, so that it is the same each time.
REMEMBERED = """
import importlib, marshal, pkgutil, re, sys
sys.path.insert(0, sys.argv[1])
import assistants_api
from assistants_api import cold_start
cold_start.remember()
for module in pkgutil.walk_packages(assistants_api.__path__, "assistants_api."):
    importlib.import_module(module.name)
import encodings.idna  # which looking up a host imports
from assistants_api.storage.table import from_env
from botocore.awsrequest import AWSResponse

class Nothing:
    def stream(self):
        return [b'{"Responses": {}, "Attributes": {}}']

answer = lambda request, **_: AWSResponse(request.url, 200, {}, Nothing())
from_env().client.meta.events.register("before-send", answer)
from_env().warm_up()

def arguments(pattern, flags):
    with patch("_sre.compile") as compile:
        cold_start._compile_pattern(pattern, flags)
    source, flags, code, groups, names, indices = compile.call_args.args
    return source, flags, [*map(int, code)], groups, {**names}, indices

compiled = sorted({(pattern, flags) for _, pattern, flags in re._cache}, key=repr)
codes = dict(sorted(cold_start.codes.items()))
from unittest.mock import patch
known = {"codes": codes, "patterns": {(pattern, int(flags)): arguments(pattern, flags) for pattern, flags in compiled}}
with open(cold_start.FILE, "wb") as file:
    file.write(cold_start.PYTHON + marshal.dumps(known, 2))
"""


def main(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for platform in PLATFORMS.values():
        install(folder, platform)
    shutil.copytree(HERE / "assistants_api", folder / "assistants_api", ignore=shutil.ignore_patterns("__pycache__"))
    remove_what_only_installers_need(folder)
    keep_only_the_data_that_is_opened(folder)
    keep_only_the_operations_that_are_called(folder)
    leave_out_docstrings(folder)
    keep_only_dynamodb(folder / "botocore/data/endpoints.json")
    keep_only_amazons_roots(folder / "botocore/cacert.pem")
    remember_what_imports_compile(folder)
    compile_all(folder)


def install(folder: Path, platform: str) -> None:
    """Native modules carry the processor in their names, so those of both live side by side."""
    with TemporaryDirectory() as fresh:
        command = [sys.executable, "-m", "pip", "install", f"--target={fresh}", "--no-deps", "--no-compile", "--quiet"]
        command += [f"--platform={platform}", "--implementation=cp", f"--python-version={PYTHON}"]
        command += ["--only-binary=:all:", f"--requirement={HERE / 'requirements.txt'}"]
        command += ["--root-user-action=ignore", "--disable-pip-version-check"]
        subprocess.run(command, check=True)  # noqa: S603
        shutil.copytree(fresh, folder, dirs_exist_ok=True)


def remove_what_only_installers_need(folder: Path) -> None:
    for pattern in ("*.dist-info", "*.data", "bin", "**/tests", "**/*.pyi", "**/py.typed"):
        for path in [*folder.glob(pattern)]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def keep_only_the_data_that_is_opened(folder: Path) -> None:
    command = [sys.executable, "-I", "-B", "-c", OPENED, str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    opened = {Path(line) for line in done.stdout.splitlines()}
    for package in ("boto3", "botocore"):
        for path in sorted((folder / package / "data").rglob("*"), reverse=True):
            if path.is_dir():
                if not any(path.iterdir()):
                    path.rmdir()
            elif path not in opened:
                path.unlink()


def keep_only_the_operations_that_are_called(folder: Path) -> None:
    """Of the service's model what the calls in our own code need, and of that no prose. 3 % of the init's processor
    time, and a third of the first request's: botocore goes through all shapes when it meets its first error."""
    sources = (folder / "assistants_api").rglob("*.py")
    called = {name.replace("_", "") for source in sources for name in CALL.findall(source.read_text())}
    for packed in sorted((folder / "botocore/data").rglob("service-2.json.gz")):
        model = json.loads(gzip.decompress(packed.read_bytes()))
        operations = {name: it for name, it in model["operations"].items() if name.lower() in called}
        kept = shapes_of(operations, model["shapes"])
        model |= {"operations": operations, "shapes": {name: model["shapes"][name] for name in sorted(kept)}}
        packed.with_suffix("").write_text(json.dumps(without_documentation(model), separators=(",", ":")))
        packed.unlink()


def shapes_of(content: Any, shapes: dict[str, Any]) -> set[str]:
    """The names of all shapes that the content speaks of, directly or by another."""
    found: set[str] = set()
    unread = [content]
    while unread:
        match unread.pop():
            case {"shape": str(name)} as reference:
                if name not in found:
                    found.add(name)
                    unread.append(shapes[name])
                unread += [value for value in reference.values() if value != name]
            case dict() as members:
                unread += members.values()
            case list() as entries:
                unread += entries
    return found


def without_documentation(content: Any) -> Any:
    """But for members of that name, which are no text."""
    match content:
        case dict():
            items = ((name, value) for name, value in content.items() if name != "documentation" or type(value) is dict)
            return {name: without_documentation(value) for name, value in items}
        case list():
            return [without_documentation(value) for value in content]
    return content


def leave_out_docstrings(folder: Path) -> None:
    """botocore writes them from the prose of the model, and what does it is 5 % of the init's processor time."""
    for package in ("boto3", "botocore"):
        (folder / package / "docs/__init__.py").write_text("")
    (folder / "botocore/docs/docstring.py").write_text(NO_DOCSTRINGS)


def keep_only_dynamodb(endpoints: Path) -> None:
    """In place: a second folder of data would make botocore take the endpoints for overridden, and choose others.
    Reading those of all services is 7 % of the init's processor time."""
    content = json.loads(endpoints.read_text())
    for partition in content["partitions"]:
        partition["services"] = {"dynamodb": partition["services"]["dynamodb"]}
    endpoints.write_text(json.dumps(content, separators=(",", ":")))


def keep_only_amazons_roots(bundle: Path) -> None:
    """The authorities that sign AWS's certificates; reading all 130 is 30 % of the init's instructions."""
    root = re.compile(
        r"^# Issuer: (.*?)$.*?(^-----BEGIN CERTIFICATE-----$.*?^-----END CERTIFICATE-----$\n)", re.M | re.S
    )
    roots = root.findall(bundle.read_text())
    amazons = [pem for issuer, pem in roots if "O=Amazon" in issuer or "O=Starfield" in issuer]
    if len(amazons) < 5:
        raise SystemExit(f"Only {len(amazons)} of Amazon's roots are in botocore's bundle; has its form changed?")
    bundle.write_text("".join(amazons))


def remember_what_imports_compile(folder: Path) -> None:
    """Byte code spares compiling modules, but not what they compile when they are imported. What that is depends on the
    environment too, so this has one of its own."""
    command = [sys.executable, "-I", "-S", "-B", "-c", REMEMBERED, str(folder)]
    credentials = {"AWS_ACCESS_KEY_ID": "-", "AWS_SECRET_ACCESS_KEY": "-"}
    environment = {"TABLE_NAME": "-", "AWS_DEFAULT_REGION": "us-east-1", **credentials}
    subprocess.run(command, check=True, env=environment)  # noqa: S603


def compile_all(folder: Path) -> None:
    for source in sorted(folder.rglob("*.py")):
        py_compile.compile(
            str(source),
            dfile=f"/opt/python/{source.relative_to(folder)}",
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
