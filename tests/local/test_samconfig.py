import tomllib
from typing import Any

import pytest

from local.stack.stages import parameters, stages
from local.stack.template import document

CONFIG = stages()["default"]


def test_sam_deploy_has_all_that_it_would_ask_for() -> None:
    assert CONFIG["global"]["parameters"]["stack_name"]
    deploy = CONFIG["deploy"]["parameters"]
    assert deploy["capabilities"] == "CAPABILITY_IAM"
    assert deploy["resolve_s3"] is True
    assert deploy["confirm_changeset"] is False


def test_a_deployment_that_changes_nothing_is_no_failure() -> None:
    assert CONFIG["deploy"]["parameters"]["fail_on_empty_changeset"] is False


def test_no_two_environments_share_a_stack_or_a_prefix() -> None:
    own = [
        (it["global"]["parameters"]["stack_name"], it["deploy"]["parameters"]["s3_prefix"]) for it in stages().values()
    ]
    assert len(own) == 3
    assert all(stack == prefix for stack, prefix in own)
    assert len({stack for stack, _ in own}) == len(own)


def test_all_environments_are_built_and_deployed_with_the_same_options() -> None:
    for stage in stages().values():
        assert stage["build"] == CONFIG["build"]
        assert stage["deploy"]["parameters"] | {"s3_prefix": ""} == CONFIG["deploy"]["parameters"] | {"s3_prefix": ""}


def test_every_parameter_has_a_default() -> None:
    assert [name for name, parameter in document()["Parameters"].items() if "Default" not in parameter] == []


@pytest.mark.parametrize(
    ("config", "all_of_them"),
    [
        ("", "TrafficShift=AllAtOnce"),
        ('[global.parameters]\nparameter_overrides = "A=1 B=\\"\\""', 'A=1 B="" TrafficShift=AllAtOnce'),
        ('[global.parameters]\nparameter_overrides = ["A=1", "B=2"]', "A=1 B=2 TrafficShift=AllAtOnce"),
        ("[global.parameters.parameter_overrides]\nA = 1\nB = ''", 'A="1" B="" TrafficShift=AllAtOnce'),
        (
            '[global.parameters]\nparameter_overrides = "A=1"\n[deploy.parameters]\nparameter_overrides = "A=2"',
            "A=2 TrafficShift=AllAtOnce",
        ),
    ],
)
def test_parameters_of_one_deployment_follow_those_of_the_environment(config: str, all_of_them: str) -> None:
    stage: dict[str, Any] = tomllib.loads(config)
    assert parameters(stage, "TrafficShift=AllAtOnce") == all_of_them
