"""schemathesis against the local stack: `make test-contract`. What it checks is in schemathesis.toml."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.openapi.document import DOCUMENT
from tests.catalogue import API_KEY_ID, ASSISTANT_ID, CONNECTION_ID
from tests.harness import ROOT
from tests.http.conftest import Deployment, caller, local_stack

TWILIO = {"provider": "twilio", "accountSid": f"AC{'0' * 32}", "authToken": "0" * 32}
CONFIG = Path(__file__).with_name("schemathesis.toml")


def existing(stack: Deployment) -> dict[str, str]:
    """What the document's examples of ids stand for: something to look at and change, and something to delete."""
    with caller(stack, stack.token, stack.slug) as api:

        def made() -> dict[str, str]:
            key = api.post("/api/api-keys", name="Spare", scopes=["calls:route"]).raise_for_status().json()
            connection = api.post("/api/telephony-connections", **TWILIO).raise_for_status().json()
            return {
                ASSISTANT_ID: api.new_assistant().rpartition("/")[2],
                API_KEY_ID: key["api_key"]["id"],
                CONNECTION_ID: connection["telephony_connection"]["id"],
            }

        deleted = api.new_assistant()
        api.client.delete(deleted).raise_for_status()
        connection = api.post("/api/telephony-connections", **TWILIO).raise_for_status().json()
        connection_id = connection["telephony_connection"]["id"]
        number = api.post("/api/phone-numbers", phoneNumber="+14155550103", connectionId=connection_id)
        of_carriers = {"CONNECTION": connection_id, "CONNECTED_NUMBER": number.json()["phone_number"]["id"]}
        ids = {"EXISTING": json.dumps(made()), "DELETABLE": json.dumps(made())}
        return ids | of_carriers | {"DELETED_ID": deleted.rpartition("/")[2]}


@pytest.mark.parametrize(
    ("phases", "seed"),
    [("examples,coverage,fuzzing", 20240115), ("stateful", 3), ("stateful", 7)],
)
def test_the_api_is_what_the_document_says(phases: str, seed: int) -> None:
    with local_stack() as stack:
        ids = existing(stack)
        command: list[str | Path] = [
            Path(sys.executable).with_name("st"),
            "--config-file",
            CONFIG,
            "run",
            DOCUMENT,
            "--no-color",
        ]
        bounds = ["--url", stack.base_url, "--phases", phases, "--seed", str(seed)]
        environment = os.environ | {"API_TOKEN": stack.token, "PHASES": phases, "no_proxy": "127.0.0.1"}
        environment |= ids | {"PYTHONPATH": str(ROOT / "layers/shared")}  # for the hooks
        done = subprocess.run([*command, *bounds], cwd=ROOT, env=environment, capture_output=True, text=True)  # noqa: S603
    print(done.stdout[-20_000:])  # noqa: T201  pytest shows it where it fails
    assert done.returncode == 0, done.stderr
    assert "No issues found" in done.stdout
