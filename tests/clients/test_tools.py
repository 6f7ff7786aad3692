"""Tools that read the document and send requests of their own: `make test-clients`."""

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from local.openapi.document import DOCUMENT
from local.stack.dynamodb_local import free_port
from tests.clients.test_clients import NODE_MODULES, run
from tests.harness import ROOT
from tests.http.conftest import Deployment, local_stack

BIN = NODE_MODULES / ".bin"
OPERATIONS = [
    operation for path in json.loads(DOCUMENT.read_text("utf-8"))["paths"].values() for operation in path.values()
]
# What a proxy parses and writes anew itself: requests byte for byte are not tried through it.
BLACK_BOX = [
    path for path in sorted((ROOT / "tests/http").glob("test_*.py")) if "tests.http.wire" not in path.read_text("utf-8")
]
UNDOCUMENTED = "Selected route not found"
START_SECONDS = 60


@contextmanager
def validating_proxy(stack: Deployment, log: Path) -> Iterator[str]:
    """Prism before the stack, which logs whatever the document does not allow; its URL."""
    port = free_port()
    command = [str(BIN / "prism"), "proxy", str(DOCUMENT), stack.base_url, "--port", str(port)]
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:  # noqa: S603
        try:
            deadline = time.monotonic() + START_SECONDS
            while not answers(port):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def violations(log: str) -> Iterator[tuple[int, str]]:
    """What Prism found, with the status that the stack answered. Only requests without fault are sent side by side."""
    status = 0
    for line in log.splitlines():
        if answered := re.search(r"has returned (\d+)", line):
            status = int(answered[1])
        if found := re.search(r"Violation: (.*)", line):
            yield status, found[1]


def test_no_answer_and_no_request_that_succeeds_is_other_than_the_document_says(tmp_path: Path) -> None:
    log = tmp_path / "prism.log"
    with local_stack() as stack, validating_proxy(stack, log) as url:
        caller = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {stack.token}"}, trust_env=False)
        with caller:  # to see that Prism finds what there is to find
            assert caller.post("/api/assistants", json={"accountSlug": stack.slug, "name": ""}).status_code == 400
        environment = {"BASE_URL": url, "API_TOKEN": stack.token, "ACCOUNT_SLUG": stack.slug}
        environment |= {"INVOKE_URL": stack.base_url, "ADMIN_FUNCTION": "AdminFunction", "no_proxy": "127.0.0.1"}
        run(f"{sys.executable} -m pytest -p no:xdist {' '.join(map(str, BLACK_BOX))}", ROOT, environment)
    text = log.read_text()
    assert text.count("has returned 200") > 100
    found = [(status, violation) for status, violation in violations(text) if UNDOCUMENTED not in violation]
    assert [status for status, violation in found if violation.startswith("request.body.name")] == [400]
    assert [it for it in found if it[0] < 400 or it[1].startswith("response")] == []


def test_a_postman_collection_sends_every_operation_as_the_api_expects_it(tmp_path: Path) -> None:
    collection, report = tmp_path / "collection.json", tmp_path / "report.json"
    run(f"{BIN}/openapi2postmanv2 -s {DOCUMENT} -o {collection} -O parametersResolution=Example", tmp_path, {})
    content = json.loads(collection.read_text("utf-8"))
    for item in items(content):
        for parameter in [*item["request"]["url"].get("query", []), *item["request"]["header"]]:
            parameter["disabled"] = parameter["key"] in ("cursor", "If-Match")  # as a person does, who has none yet
    collection.write_text(json.dumps(content), "utf-8")
    with local_stack() as stack:
        variables = f"--env-var baseUrl={stack.base_url} --env-var bearerToken={stack.token}"
        reporter = f"--reporters json --reporter-json-export {report}"
        run(f"{BIN}/newman run {collection} {variables} {reporter}", tmp_path, {"no_proxy": "127.0.0.1"})
    executions = json.loads(report.read_text("utf-8"))["run"]["executions"]
    statuses = {execution["item"]["name"]: execution["response"]["code"] for execution in executions}
    assert statuses.keys() == {operation["summary"] for operation in OPERATIONS}
    assert statuses.pop("Check a phone number at its carrier") == 409  # the sample imports it without a connection
    assert set(statuses.values()) == {200, 404}, statuses
    known = {"Create an assistant", "List assistants", "Import a phone number", "Create an API key", "Get a template"}
    assert {statuses[name] for name in known} == {200}


def items(folder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in folder["item"]:
        yield from items(item) if "item" in item else [item]
