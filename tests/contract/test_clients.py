"""Clients generated from openapi.json: `make test-contract`. They do what the documentation tells, by types alone."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from local.openapi.document import DOCUMENT
from tests.harness import ROOT
from tests.http.conftest import local_stack

BIN = Path(sys.executable).parent
NODE_BIN = ROOT / "local/openapi/node/node_modules/.bin"
OPERATIONS = [
    operation for path in json.loads(DOCUMENT.read_text("utf-8"))["paths"].values() for operation in path.values()
]
PROMPT = "You are a helpful sales assistant for Acme Corp. Your goal is to qualify leads and book demos."


def run(*command: str | Path, cwd: Path = ROOT) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the generated package, which can be imported."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "config.yaml").write_text("post_hooks: []\n")
    output: list[str | Path] = ["--output-path", folder / "assistants_client", "--meta", "none"]
    strictly: list[str | Path] = ["--config", folder / "config.yaml", "--fail-on-warning"]
    run(BIN / "openapi-python-client", "generate", "--path", DOCUMENT, *output, *strictly)
    sys.path.insert(0, str(folder))
    yield "assistants_client"
    sys.path.remove(str(folder))


def test_the_documented_story_in_the_generated_python_client(package: str) -> None:
    def module(name: str) -> ModuleType:
        return importlib.import_module(f"{package}.{name}")

    models: Any = module("models")

    def call(name: str, *path: str, **arguments: Any) -> Any:
        return module(f"api.{name}").sync(*path, client=client, **arguments)

    with (
        local_stack() as stack,
        module("client").AuthenticatedClient(base_url=stack.base_url, token=stack.token) as client,
    ):
        new = models.NewAssistant(
            account_slug="my-team",
            name="Q1 Outbound Setter",
            template_id=models.NewAssistantTemplateId.OUTBOUND_SETTER,
        )
        created = call("assistants.create_assistant", body=new)
        assert isinstance(created, models.AssistantAnswer)
        assert (created.success, created.assistant.type_, created.assistant.temperature) == (
            True,
            "outbound-setter",
            0.7,
        )
        assistant = created.assistant.id

        assert call("assistants.get_assistant", assistant).to_dict() == created.to_dict()

        changes = models.AssistantChanges(
            account_slug="my-team",
            system_prompt=PROMPT,
            voice_provider="elevenlabs",
            voice_id="EXAVITQu4vr4xnSDxMaL",
            recording_enabled=True,
        )
        updated = call("assistants.update_assistant", assistant, body=changes, if_match='"1"')
        assert (updated.assistant.system_prompt, updated.assistant.voice_provider) == (PROMPT, "elevenlabs")
        stale = call("assistants.update_assistant", assistant, body=changes, if_match='"1"')
        assert (type(stale), stale.code) == (models.Error, "precondition_failed")

        numbers = [number.id for number in call("phone_numbers.list_phone_numbers", limit=2).numbers]
        wanted = models.PhoneNumberAssignment(account_slug="my-team", phone_number_ids=numbers)
        assert call("assistants.assign_phone_numbers", assistant, body=wanted).to_dict() == {"success": True}
        assert call("assistants.get_assistant", assistant).assistant.phone_number_ids == numbers
        assert call("calls.route_call", numbers[0].replace("pn_", "+")).reason == "inbound_disabled"

        none = models.PhoneNumberAssignment(account_slug="my-team", phone_number_ids=[])
        assert call("assistants.assign_phone_numbers", assistant, body=none).success is True
        refused = call("assistants.get_assistant", "nobody")
        assert (type(refused), refused.success, refused.code) == (models.Error, False, "malformed_id")


def test_the_generated_python_client_has_every_operation(package: str) -> None:
    folder = Path(str(importlib.import_module(package).__file__)).parent
    assert len([path for path in folder.glob("api/*/*.py") if path.name != "__init__.py"]) == len(OPERATIONS)


def test_the_documented_story_in_typescript_has_the_types_of_the_document(tmp_path: Path) -> None:
    generated: list[str | Path] = [
        "--default-non-nullable",
        "false",
        "--output",
        tmp_path / "openapi.d.ts",
    ]  # a default may be left out
    run(NODE_BIN / "openapi-typescript", DOCUMENT, *generated)
    (tmp_path / "story.ts").write_text(Path(__file__).with_name("story.ts").read_text("utf-8"), "utf-8")
    strictly = ["--strict", "--noEmit", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"]
    target = ["--target", "es2022", "--module", "nodenext", "--moduleResolution", "nodenext"]
    run(NODE_BIN / "tsc", *strictly, *target, "story.ts", cwd=tmp_path)
