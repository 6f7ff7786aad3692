"""examples/promote: from one deployment to another, with a shell and curl."""

import json
import os
import subprocess
from pathlib import Path

import httpx

from tests.harness import ROOT
from tests.http.conftest import Deployment, local_stack

SCRIPT = ROOT / "examples/promote/promote.sh"


def client(stack: Deployment) -> httpx.Client:
    return httpx.Client(base_url=stack.base_url, headers={"Authorization": f"Bearer {stack.token}"}, trust_env=False)


def promote(stack: Deployment, folder: Path, **variables: str) -> list[dict[str, object]]:
    """The answer to each file."""
    environment = os.environ | {"BASE_URL": stack.base_url, "API_TOKEN": stack.token, "no_proxy": "*"} | variables
    run = subprocess.run(["sh", SCRIPT, folder], env=environment, capture_output=True, text=True, check=True)  # noqa: S603, S607
    return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def test_what_is_exported_here_is_imported_there_once(tmp_path: Path) -> None:
    with local_stack() as here, client(here) as caller:
        for name in ("Sales", "Support"):
            made = caller.post("/api/assistants", json={"accountSlug": here.slug, "name": name}).json()["assistant"]
            answer = caller.get(f"/api/assistants/{made['id']}/export")
            (tmp_path / f"{name}.json").write_bytes(answer.content)
    with local_stack() as there, client(there) as caller:
        dry = promote(there, tmp_path, DRY_RUN="true")
        assert [it["dry_run"] for it in dry] == [True, True]
        assert caller.get("/api/assistants").json()["count"] == 0
        first, second = promote(there, tmp_path), promote(there, tmp_path)
        assert first == second
        names = {it["name"] for it in caller.get("/api/assistants").json()["assistants"]}
        assert names == {"Sales", "Support"}
