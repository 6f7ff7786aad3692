"""The layer as `make build` leaves it: all that it needs and nothing else. `make test-layer` runs these."""

import hashlib
import json
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3

from local.stack.dynamodb_moto import dynamodb
from local.stack.template import create_table
from tests.harness import ROOT

LAYER = ROOT / ".aws-sam/build/SharedLayer/python"
UNCHECKED_HASH = (1).to_bytes(4, "little")

EVERY_CALL = """
import sys
sys.path[:0] = [sys.argv[1], sys.argv[2]]
from tests.harness import admin, new_account, new_key
account, other = new_account("my-team", rate_limit_per_hour=100), new_account("other-team")
number, assistant = account.new_number(), account.new_assistant()["id"]
replies = [
    account.update(assistant, name="New"),
    account.assign(assistant, [number]),
    account.route("+14155550101"),
    account.call("list_phone_numbers"),
    account.call("list_assistants", query={"name": "new"}),
    account.call("clone_assistant", assistant),
    account.call("get_template", "custom"),
    account.call("delete_assistant", assistant, query={"force": "true"}),
    account.call("delete_phone_number", number),
    account.call("delete_api_key", new_key("my-team", account.id).key_id),
]
assert [reply.status for reply in replies] == [200] * len(replies), replies
assert admin("list_api_keys", slug="my-team")["ok"]
from importlib.util import find_spec
origins = {find_spec(name).origin for name in ("boto3", "botocore", "pydantic", "pydantic_core", "assistants")}
assert all(origin.startswith(sys.argv[1]) for origin in origins), origins
"""

ENDPOINTS = """
import itertools, json, sys
if sys.argv[1]: sys.path.insert(0, sys.argv[1])
import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config
REGIONS = ["us-east-1", "eu-central-1", "ap-southeast-2", "us-gov-west-1", "cn-north-1", "sa-east-1"]
urls = {}
for region, fips, dualstack in itertools.product(REGIONS, (False, True), (False, True)):
    config = Config(use_fips_endpoint=fips, use_dualstack_endpoint=dualstack)
    try:
        client = boto3.client("dynamodb", region_name=region, config=config)
        def note(request, **_):
            urls[f"{region} {fips} {dualstack}"] = request.url
            return AWSResponse(request.url, 200, {}, type("Raw", (), {"stream": lambda self: [b"{}"]})())
        client.meta.events.register("before-send", note)
        client.query(TableName="any", KeyConditionExpression="PK = SK")
    except Exception as error:
        urls[f"{region} {fips} {dualstack}"] = f"{type(error).__name__}: {error}"
print(json.dumps(urls))
"""

INIT = """
import os, sys
sys.path[:0] = [sys.argv[1], sys.argv[2]]
os.environ |= {"TABLE_NAME": "-", "AWS_LAMBDA_FUNCTION_NAME": "-", "POWERTOOLS_METRICS_NAMESPACE": "Assistants"}
os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = "http://127.0.0.1:9"  # nobody answers
from assistants_api import cold_start
original, anew = cold_start._compile_pattern, []
cold_start._compile_pattern = lambda *it: anew.append(it) or original(*it)
cold_start.compile = lambda *it: anew.append(it) or compile(*it)
import app
import collections, dataclasses, gc, re, typing
assert re._compiler.compile is not cold_start._pattern
assert not [it for it in (collections, dataclasses, typing) if {"exec", "eval", "compile"} & vars(it).keys()]
assert gc.isenabled() and gc.get_freeze_count() > 10_000
print(len(anew), anew)
"""

REMEMBERED = """
import marshal, sys
sys.path.insert(0, sys.argv[1])
from assistants_api import cold_start
cold_start.end()
with open(cold_start.FILE, "rb") as file:
    content = file.read()
assert content.startswith(cold_start.PYTHON)
known = marshal.loads(content[len(cold_start.PYTHON) :])
for (pattern, flags), arguments in known["patterns"].items():
    assert cold_start._sre.compile(*arguments) == cold_start._compile_pattern(pattern, flags), pattern
for (text, mode), code in known["codes"].items():
    assert code == compile(text, "<string>", mode), text
print(len(known["patterns"]), len(known["codes"]))
"""


def run(program: str, *arguments: str, **environment: str) -> str:
    """What the program prints, with an interpreter that knows nothing but the standard library."""
    credentials = {"AWS_ACCESS_KEY_ID": "-", "AWS_SECRET_ACCESS_KEY": "-", "AWS_DEFAULT_REGION": "us-east-1"}
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    command = [str(base), "-I", "-S", "-B", "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env={**credentials, **environment})  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_call_works_with_nothing_but_the_layer() -> None:
    with dynamodb() as endpoint:
        client = boto3.client("dynamodb", endpoint_url=endpoint)
        create_table(client, "assistants")
        run(
            EVERY_CALL,
            str(LAYER),
            str(ROOT),
            TABLE_NAME="assistants",
            AWS_ENDPOINT_URL_DYNAMODB=endpoint,
            POWERTOOLS_METRICS_NAMESPACE="Assistants",
        )


def test_the_endpoints_of_all_kinds_of_regions_are_those_of_the_full_data() -> None:
    full = json.loads(run(ENDPOINTS, str(Path(boto3.__file__).parent.parent)))
    assert json.loads(run(ENDPOINTS, str(LAYER))) == full
    assert len(full) == 24
    assert full["us-east-1 False False"] == "https://dynamodb.us-east-1.amazonaws.com/"
    assert "fips" in full["us-gov-west-1 True False"] or "us-gov" in full["us-gov-west-1 True False"]


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
    assert not {name for name in names if name.endswith((".dist-info", ".egg-info"))} | names & {
        "pip",
        "setuptools",
        "bin",
    }
    assert {path.name for path in (LAYER / "botocore/data").iterdir() if path.is_dir()} == {"dynamodb"}
    assert not [path for path in LAYER.rglob("tests") if path.is_dir()]


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
    anew = {function.name: run(INIT, str(function), str(LAYER)).partition(" ") for function in functions}
    assert {name: found for name, (count, _, found) in anew.items() if count != "0"} == {}


def test_what_the_build_compiled_is_what_would_be_compiled_now() -> None:
    patterns, codes = map(int, run(REMEMBERED, str(LAYER)).split())
    assert patterns > 100
    assert codes > 300


def test_two_builds_are_equal_to_the_byte(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "layers/shared/build.py", tmp_path / "python"], check=True)  # noqa: S603
    assert digest(tmp_path / "python") == digest(LAYER)


def digest(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
