import tomllib
from typing import Any

import yaml

from local.stack.template import TEMPLATE, Loader
from tests.harness import ROOT

CONFIG: Any = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))["default"]


def test_sam_deploy_has_all_that_it_would_ask_for() -> None:
    assert CONFIG["global"]["parameters"]["stack_name"]
    deploy = CONFIG["deploy"]["parameters"]
    assert deploy["capabilities"] == "CAPABILITY_IAM"
    assert deploy["resolve_s3"] is True
    assert deploy["confirm_changeset"] is False


def test_a_deployment_that_changes_nothing_is_no_failure() -> None:
    assert CONFIG["deploy"]["parameters"]["fail_on_empty_changeset"] is False


def test_every_parameter_has_a_default() -> None:
    document = yaml.load(TEMPLATE.read_text("utf-8"), Loader)  # noqa: S506  it is a SafeLoader
    assert [name for name, parameter in document["Parameters"].items() if "Default" not in parameter] == []
