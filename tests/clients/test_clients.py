"""Clients that tools make of the document the running stack serves: `make test-clients`.

Each program tells the documented story, is refused as refusals.json says, sends back whole what it has read, and
prints a line for each of it. So the lines are the same for all of them.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.harness import ROOT
from tests.http.conftest import Deployment, local_stack

HERE = Path(__file__).parent
TOOLS = ROOT / ".venv-clients"
NODE_MODULES = HERE / "node/node_modules"
REFUSALS: list[dict[str, Any]] = json.loads((HERE / "refusals.json").read_text("utf-8"))
STORY = [
    "create outbound-setter 0.7 true",
    "get Q1 Outbound Setter true",
    "update EXAVITQu4vr4xnSDxMaL true",
    "assign true",
    "route false inbound_disabled",
    "route true routed Q1 Outbound Setter",
    *(f"refuse {asked['operation']} {asked['expect']}" for asked in REFUSALS),
    "refuse testApiKey 401 unauthenticated",
    "send back assistant true",
    "send back phone number true",
    "send back API key true",
]
# Of which no document is free that says what ours has to.
KNOWN_WARNINGS = (
    "OpenAPI 3.1 support is still in beta",
    "Failed to get the schema name: null",  # for every document whose operations share responses
    "type (reserved word) cannot be used as",  # a query parameter, in Go
    "Ignoring complex example on request body",  # any example of an object
    "Header name is not canonical",  # such as ETag, in Go
)


@dataclass(frozen=True)
class Client:
    """The folder here with its program, the commands that make it, and the one that runs it: words between spaces,
    and names of what `words` fills in, such as {document}."""

    name: str
    folder: str
    steps: Sequence[str]
    program: str


def generated(target: str, folder: str, options: str = "") -> str:
    return f"java -jar {{generator}} generate -i {{document}} -g {target} -o {folder} {options}"


def go(name: str, *steps: str) -> Client:
    return Client(f"{name}, Go", "go", [*steps, f"go build -o program ./{name}"], "./program")


def java(library: str) -> Client:
    packages = "invokerPackage=client,apiPackage=client.api,modelPackage=client.model"
    options = f"--library {library} --additional-properties={packages},containerDefaultToNull=true"
    classes = "generated/target/classes:generated/target/dependency/*"
    steps = [
        generated("java", "generated", options),
        "mvn -q -B -f generated/pom.xml compile dependency:copy-dependencies -DincludeScope=compile",
        f"javac -cp {classes} -d story Story.java {library}/Connection.java",
    ]
    return Client(f"openapi-generator, Java with {library}", "java", steps, f"java -cp story:{classes} Story")


def typescript(name: str, step: str) -> Client:
    options = "--strict --skipLibCheck --types node --target es2022 --module commonjs --moduleResolution node10"
    steps = [step, f"{{node}}/tsc {options} --outDir dist {name}.ts"]
    return Client(f"{name}, TypeScript", "node", steps, f"node dist/{name}.js")


CLIENTS = [
    Client(
        "openapi-python-client",
        "python",
        [
            "{python}/openapi-python-client generate --url {document} --fail-on-warning --config no_hooks.yaml "
            "--meta none --output-path assistants_client"
        ],
        "{python}/python openapi_python_client.py",
    ),
    Client("openapi-generator, Python", "python", [generated("python", ".")], "{python}/python openapi_generator.py"),
    Client("FastMCP", "python", [], "{python}/python fastmcp_bridge.py"),
    go(
        "openapi_generator",
        generated(
            "go",
            "generated/openapi_generator",
            "--additional-properties=packageName=client,withGoMod=false --global-property=apiTests=false",
        ),
    ),
    go(
        "oapi_codegen",
        "mkdir -p generated/oapi_codegen",
        "go tool oapi-codegen -generate types,client -package client -o generated/oapi_codegen/client.go {file}",
    ),
    go("ogen", "go tool ogen --target generated/ogen --package client {file}"),
    java("okhttp-gson"),
    java("native"),
    typescript("typescript_axios", generated("typescript-axios", "generated/typescript-axios")),
    typescript("typescript_fetch", generated("typescript-fetch", "generated/typescript-fetch")),
    typescript(
        "openapi_fetch",
        "{node}/openapi-typescript {document} --default-non-nullable false -o generated/openapi_typescript.d.ts",
    ),
]


@pytest.fixture(scope="session")
def stack() -> Iterator[Deployment]:
    with local_stack() as stack:
        yield stack


def run(command: str, folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Fails where the command does, and says what it said."""
    program = command.split()[0]
    assert program.startswith("./") or shutil.which(program), f"Install {program}."
    done = subprocess.run(command.split(), cwd=folder, env=os.environ | environment, capture_output=True, text=True)  # noqa: S603
    assert done.returncode == 0, f"{command}\n{done.stdout[-5_000:]}\n{done.stderr[-5_000:]}"
    return done


def warnings(output: str) -> list[str]:
    return [line for line in output.splitlines() if "WARN" in line and not any(it in line for it in KNOWN_WARNINGS)]


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_a_generated_client_compiles_and_tells_the_story(client: Client, stack: Deployment, tmp_path: Path) -> None:
    folder = tmp_path / client.folder
    shutil.copytree(HERE / client.folder, folder, ignore=shutil.ignore_patterns("node_modules"))
    if client.folder == "node":
        (folder / "node_modules").symlink_to(NODE_MODULES)
    words = {
        "document": f"{stack.base_url}/api/openapi.json",
        "file": str(ROOT / "functions/get_openapi/openapi.json"),
        "generator": str(TOOLS / "openapi-generator-cli.jar"),
        "node": str(NODE_MODULES / ".bin"),
        "python": str(TOOLS / "bin"),
    }
    index = CLIENTS.index(client)
    environment = {
        "BASE_URL": stack.base_url,
        "API_TOKEN": stack.token,
        "NUMBERS": f"+1500555{index:03}1 +1500555{index:03}2",
        "REFUSALS": str(HERE / "refusals.json"),
        "GOTOOLCHAIN": "auto",
        "no_proxy": "127.0.0.1",
    }
    for step in client.steps:
        done = run(step.format_map(words), folder, environment)
        assert warnings(done.stdout + done.stderr) == []
    told = run(client.program.format_map(words), folder, environment)
    assert told.stdout.splitlines() == STORY


def test_there_are_twenty_refusals_of_every_kind() -> None:
    assert len(REFUSALS) >= 20
    assert {asked["expect"][:3] for asked in REFUSALS} == {"400", "403", "404", "409", "412"}
