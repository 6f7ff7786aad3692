"""The layer as `make build` leaves it: all that it needs and nothing else. `make test-layer` runs these."""

import ast
import hashlib
import json
import os
import re
import ssl
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import Distribution, packages_distributions, requires
from pathlib import Path

import boto3
import botocore
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from local.stack.dynamodb_moto import dynamodb
from local.stack.kms_moto import kms
from local.stack.template import Template, create_table
from tests.harness import ROOT

LAYER = ROOT / ".aws-sam/build/SharedLayer/python"
BILL = ROOT / ".aws-sam/sbom.json"
BASE_PYTHON = str(Path(sys.base_prefix) / f"bin/python{sys.version_info.major}.{sys.version_info.minor}")
UNCHECKED_HASH = (1).to_bytes(4, "little")

PROGRAMS = Path(__file__).with_name("programs")


def run(program: str, *path: Path, arguments: Sequence[str] = (), **environment: str) -> str:
    """What the program prints, with an interpreter that knows the standard library and the folders of the path."""
    credentials = {"AWS_ACCESS_KEY_ID": "-", "AWS_SECRET_ACCESS_KEY": "-", "AWS_DEFAULT_REGION": "us-east-1"}
    base = {**credentials, "HOME": os.devnull, "PYTHONPATH": os.pathsep.join(map(str, path))}
    command = [BASE_PYTHON, "-S", "-s", "-P", "-B", str(PROGRAMS / program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env={**base, **environment})  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_call_works_with_nothing_but_the_layer() -> None:
    with dynamodb() as endpoint, kms("us-east-1") as kms_endpoint:
        client = boto3.client("dynamodb", endpoint_url=endpoint)
        create_table(client, "assistants")
        run(
            "every_call.py",
            LAYER,
            ROOT,
            arguments=[str(LAYER)],
            **Template().environment | {"AWS_ENDPOINT_URL_DYNAMODB": endpoint, "AWS_ENDPOINT_URL_KMS": kms_endpoint},
        )


def test_the_endpoints_of_all_kinds_of_regions_are_those_of_the_full_data() -> None:
    full = json.loads(run("print_endpoints.py", Path(botocore.__file__).parent.parent))
    assert json.loads(run("print_endpoints.py", LAYER)) == full
    assert len(full) == 48
    assert full["dynamodb us-east-1 False False"] == "https://dynamodb.us-east-1.amazonaws.com/"
    assert full["kms us-east-1 False False"] == "https://kms.us-east-1.amazonaws.com/"
    assert "us-gov" in full["dynamodb us-gov-west-1 True False"]


def test_all_byte_code_is_there_and_stays_valid_whatever_its_source_looks_like() -> None:
    sources = list(LAYER.rglob("*.py"))
    assert sources
    for source in sources:
        (compiled,) = (source.parent / "__pycache__").glob(f"{source.stem}.*.pyc")
        assert compiled.read_bytes()[4:8] == UNCHECKED_HASH, compiled


def test_native_modules_are_there_for_both_processors() -> None:
    names = {path.name.split("-")[2] for path in LAYER.rglob("*.so")}
    assert names == {"aarch64", "x86_64"}


def test_nothing_is_there_that_only_installers_or_other_services_need() -> None:
    names = {path.name for path in LAYER.iterdir()}
    assert not names & {"pip", "setuptools", "bin"}
    assert {path.name for path in (LAYER / "botocore/data").iterdir() if path.is_dir()} == {"dynamodb", "kms"}
    assert not [path for path in LAYER.rglob("tests") if path.is_dir()]


def test_every_package_that_ships_is_imported_or_needed_by_one_that_is() -> None:
    sources = [*(ROOT / "layers/shared/assistants_api").rglob("*.py"), *(ROOT / "functions").rglob("app.py")]
    imported = {module for source in sources for module in modules_imported(source)}
    needed = distributions({name for module in imported for name in packages_distributions().get(module, [])})
    assert shipped().keys() == needed


def modules_imported(source: Path) -> set[str]:
    """The top-level modules that the source imports when it runs."""
    tree = ast.parse(source.read_text())
    typing_only = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for child in ast.walk(node)
    }
    found: set[str] = set()
    for node in set(ast.walk(tree)) - typing_only:
        match node:
            case ast.Import():
                found |= {alias.name.partition(".")[0] for alias in node.names}
            case ast.ImportFrom(module=str(module)):
                found.add(module.partition(".")[0])
    return found


def distributions(names: set[str]) -> set[str]:
    """These and all that they need, without extras."""
    found: set[str] = set()
    unread = [*names]
    while unread:
        name = canonicalize_name(unread.pop())
        if name not in found:
            found.add(name)
            needs = map(Requirement, requires(name) or [])
            unread += [it.name for it in needs if it.marker is None or it.marker.evaluate({"extra": ""})]
    return found


def test_function_packages_hold_only_their_handler() -> None:
    packages = [path for path in LAYER.parent.parent.iterdir() if path.is_dir() and path.name != "SharedLayer"]
    assert len(packages) > 20
    assert {file.name for package in packages for file in package.rglob("*.py")} == {"app.py"}


def test_the_certificates_are_amazons_and_none_expires_within_a_year() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(LAYER / "botocore/cacert.pem")
    roots = context.get_ca_certs()
    assert len(roots) >= 5
    for root in roots:
        issuer = str(root["issuer"])
        assert "Amazon" in issuer or "Starfield" in issuer
        expires = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(root["notAfter"])), UTC)
        assert expires > datetime.now(UTC) + timedelta(days=365)


def test_no_function_compiles_anything_when_it_starts() -> None:
    functions = sorted(path.parent for path in LAYER.parent.parent.glob("*/app.py"))
    assert len(functions) > 20
    lambdas = {
        "AWS_LAMBDA_FUNCTION_NAME": "-",
        "TABLE_NAME": "-",
        "CREDENTIALS_KEY": "-",
        "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:9",  # nobody answers
    }
    program = "print_compiled_at_start.py"
    compiled = {function.name: json.loads(run(program, function, LAYER, **lambdas)) for function in functions}
    assert {name: found for name, found in compiled.items() if found} == {}


def test_what_the_build_compiled_is_what_would_be_compiled_now() -> None:
    patterns, codes = json.loads(run("check_compiled.py", LAYER))
    assert patterns > 100
    assert codes > 300


def test_two_builds_are_equal_to_the_byte(tmp_path: Path) -> None:
    build(tmp_path)
    assert digest(tmp_path / "python") == digest(LAYER)


def test_nothing_that_the_builder_has_configured_changes_the_build(tmp_path: Path) -> None:
    home, output = tmp_path / "home", tmp_path / "output"
    for name, content in {
        ".aws/models/dynamodb/2012-08-10/service-2.json": "{}",
        ".aws/models/endpoints.json": "{}",
        ".aws/config": "[default]\nregion = nowhere\nca_bundle = /nowhere",
        ".config/pip/pip.conf": "[install]\nuser = true\nno-binary = :all:",
        "modules/json.py": "raise RuntimeError('not the json of the standard library')",
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(content)
    build(
        output,
        HOME=str(home),
        XDG_CACHE_HOME=str(Path.home() / ".cache"),  # pip's, so that nothing is downloaded twice
        PYTHONPATH=str(home / "modules"),
        PIP_USER="1",
        PIP_REQUIRE_VIRTUALENV="1",
        PIP_NO_BINARY=":all:",
        AWS_PROFILE="nobody",
        AWS_DATA_PATH=str(home / ".aws/models"),
        AWS_REGION="nowhere",
    )
    assert digest(output / "python") == digest(LAYER)


def build(output: Path, **environment: str) -> None:
    command = ["make", "-C", str(ROOT / "layers/shared"), "build-SharedLayer", f"ARTIFACTS_DIR={output}"]
    path = f"{Path(BASE_PYTHON).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(command, check=True, env={**os.environ, "PATH": path, **environment})  # noqa: S603


def test_each_package_has_its_metadata_and_its_licence() -> None:
    described = Distribution.discover(path=[str(LAYER)])
    assert {canonicalize_name(it.name): it.version for it in described} == shipped()
    licences = {path.parent for name in ("LICEN[CS]E*", "licenses") for path in LAYER.glob(f"*.dist-info/{name}")}
    assert licences == {*LAYER.glob("*.dist-info")}


def test_the_bill_of_materials_lists_what_ships_with_its_licences() -> None:
    bill = json.loads(BILL.read_text())
    assert bill["bomFormat"] == "CycloneDX"
    components = bill["components"]
    assert {canonicalize_name(it["name"]): it["version"] for it in components} == shipped()
    assert [it["name"] for it in components if not it.get("licenses")] == []


def shipped() -> dict[str, str]:
    """Names and versions."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "layers/shared/requirements.in").read_text(), re.M))


def digest(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
