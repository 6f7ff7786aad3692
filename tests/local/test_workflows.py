"""The workflows of .github, as far as actionlint does not look."""

import re
from typing import Any

import pytest
import yaml

from tests.harness import ROOT

WORKFLOWS = {path.name: path.read_text("utf-8") for path in (ROOT / ".github/workflows").iterdir()}
JOBS: dict[str, Any] = {
    f"{name} {job}": it for name, text in WORKFLOWS.items() for job, it in yaml.safe_load(text)["jobs"].items()
}


@pytest.mark.parametrize("text", WORKFLOWS.values(), ids=WORKFLOWS)
def test_each_action_is_pinned_to_a_commit_whose_version_is_named(text: str) -> None:
    used = re.findall(r"uses: (.*)", text)
    assert used
    assert [each for each in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []


def test_the_right_to_act_in_aws_is_for_jobs_with_an_environment_alone() -> None:
    entitled = {name for name, job in JOBS.items() if job.get("permissions", {}).get("id-token") == "write"}
    assert (
        entitled
        == {name for name, job in JOBS.items() if "environment" in job}
        == {"release.yml dev", "release.yml prod"}
    )
    assert all(yaml.safe_load(text)["permissions"] == {"contents": "read"} for text in WORKFLOWS.values())


def test_what_is_deployed_was_built_once_and_tested() -> None:
    built = [name for name, job in JOBS.items() if any("make build" in step.get("run", "") for step in job["steps"])]
    assert built == ["release.yml build"]
    assert JOBS["release.yml dev"]["needs"] == ["test", "build"]
    assert JOBS["release.yml prod"]["needs"] == "dev"
    for name in ("release.yml dev", "release.yml prod"):
        commands = [step["run"] for step in JOBS[name]["steps"] if step.get("run", "").startswith("make deploy")]
        assert all("BUILT=1" in command for command in commands)
        assert len(commands) == 1


def test_no_push_cancels_a_run_by_hand() -> None:
    release = yaml.safe_load(WORKFLOWS["release.yml"])
    assert release["concurrency"] == {"group": "release-${{ github.event_name }}", "cancel-in-progress": False}
