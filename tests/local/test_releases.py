"""That no release leaves a function behind, and none goes unchecked, as far as the template itself says so."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.proofs.releases import CHECKED, faults
from local.stack.template import document

DOCUMENT: Any = document()
RESOURCES = DOCUMENT["Resources"]
GLOBALS = DOCUMENT["Globals"]["Function"]
FUNCTIONS = {name: it["Properties"] for name, it in RESOURCES.items() if it["Type"] == "AWS::Serverless::Function"}
CHECK = FUNCTIONS["CheckRelease"]
# What a version of a function is made of; the rest is in no version.
CONFIGURATION = (
    "Architectures",
    "Environment",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "Timeout",
    "Tracing",
    "VpcConfig",
)
# What the template itself says of them can change with a release alone, which changes the code or the layer too.
NOT_CHANGED = {
    "CheckedRelease",
    *(f"AWS::{it}" for it in ("AccountId", "NoValue", "Partition", "Region", "StackName", "URLSuffix")),
}


def references(content: Any) -> Iterator[str]:
    """The parameters, resources and conditions that the content is made of."""
    match content:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": str(name)}:
            yield name.split(".")[0]
        case {"Fn::Sub": str(text)}:
            yield from (part.split("}")[0].split(".")[0] for part in text.split("${")[1:])
        case {"Fn::If": [condition, *values]}:
            yield from references(DOCUMENT["Conditions"][condition])
            yield from references(values)
        case dict():
            yield from references([*content.values()])
        case list():
            for each in content:
                yield from references(each)


def test_a_new_value_of_any_parameter_that_functions_have_is_checked_and_published() -> None:
    needed = {
        reference
        for properties in (GLOBALS, *FUNCTIONS.values())
        for name in CONFIGURATION
        for reference in references(properties.get(name))
    }
    named = set(references(RESOURCES["CheckedRelease"]["Properties"]))
    assert {"LogLevel", "CaBundle", "Table", "CredentialsKeyArn", "PreviousTokenSecretArn"} <= needed
    assert needed - named - NOT_CHANGED == set(), "CheckedRelease has to name them"


def test_the_check_has_the_variables_of_all_functions() -> None:
    variables = {
        name: value
        for properties in FUNCTIONS.values()
        for name, value in properties.get("Environment", {}).get("Variables", {}).items()
    }
    checked = CHECK["Environment"]["Variables"]
    unused = {"DOCUMENTATION", "EXTRA_PROVIDERS", "ALLOW_PRIVATE_HOSTS", "PUBLIC_BASE_URL"}  # they lead to no service
    assert variables.keys() - checked.keys() == unused
    assert {name: variables[name] for name in checked} == checked


def test_every_function_but_the_check_waits_for_it() -> None:
    waiting = {name for name, properties in FUNCTIONS.items() if properties.get("VersionDescription")}
    assert waiting == FUNCTIONS.keys() - {"CheckRelease"}
    descriptions = [GLOBALS["Description"], *(FUNCTIONS[name]["VersionDescription"] for name in waiting)]
    assert all(it == CHECKED for it in descriptions)
    assert "CheckedRelease" not in set(references(CHECK))


def test_no_function_but_the_check_loses_a_right_before_it_or_if_it_refuses() -> None:
    policies = {
        name: it["Properties"]
        for name, it in RESOURCES.items()
        if it["Type"] == "AWS::IAM::ManagedPolicy" and name != "CheckBoundary"
    }
    rights = [
        *policies.values(),
        *(it["Policies"] for name, it in FUNCTIONS.items() if name != "CheckRelease" and "Policies" in it),
    ]
    assert {"FunctionBoundary", "IdentifyCaller", "DecryptCredentials"} <= policies.keys()
    direct = set(references(rights)) - policies.keys() - NOT_CHANGED
    assert direct == {"LogGroup", "FailedPurges", "Tracing"}, "Take what parameters name from CheckedRelease."


def test_codedeploy_is_used_unless_all_requests_move_at_once() -> None:
    shifts = DOCUMENT["Parameters"]["TrafficShift"]
    used = {name: value["IsUsed"] for name, value in DOCUMENT["Mappings"]["CodeDeploy"].items()}
    assert list(used) == shifts["AllowedValues"]
    assert {name for name, is_used in used.items() if is_used == "false"} == {"AllAtOnce"} == {shifts["Default"]}


# What the proof on the translated template finds

ALIAS = "${GetThingAliaslive}"
GOOD: dict[str, Any] = {
    "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": {"paths": {"/things": {"get": {
        "x-amazon-apigateway-integration": {"uri": {"Fn::Sub": f"arn:functions/{ALIAS}/invocations"}}
    }}}}}},
    "CheckRelease": {"Type": "AWS::Lambda::Function", "Properties": {"Description": "Checks."}},
    "GetThing": {"Type": "AWS::Lambda::Function", "Properties": {"Description": CHECKED}},
    "GetThingVersion1": {
        "Type": "AWS::Lambda::Version",
        "Properties": {"FunctionName": {"Ref": "GetThing"}, "Description": CHECKED},
    },
    "GetThingAliaslive": {
        "Type": "AWS::Lambda::Alias",
        "UpdatePolicy": {"CodeDeployLambdaAliasUpdate": {"DeploymentGroupName": {"Ref": "GetThingGroup"}}},
    },
    "GetThingPermission": {
        "Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": {"Ref": "GetThingAliaslive"}},
    },
    "GetThingGroup": {
        "Type": "AWS::CodeDeploy::DeploymentGroup",
        "Properties": {
            "AlarmConfiguration": {"Fn::If": ["HasAlarms", {"Enabled": True, "Alarms": [{"Name": "errors"}]}, {}]},
            "AutoRollbackConfiguration": {"Events": ["DEPLOYMENT_STOP_ON_ALARM"]},
        },
    },
    "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "errors"}},
}  # fmt: skip
AT_ONCE = {name: it for name, it in GOOD.items() if it["Type"] != "AWS::CodeDeploy::DeploymentGroup"}


def changed(change: Callable[[Any], object]) -> dict[str, Any]:
    resources = copy.deepcopy(GOOD)
    change(resources)
    return {"Resources": resources}


def test_a_right_release_has_no_faults() -> None:
    assert faults({"Resources": AT_ONCE}, {"Resources": GOOD}) == []


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        ("GetThing has no version.", lambda it: it.pop("GetThingVersion1")),
        ("GetThing does not wait for the check", lambda it: it["GetThing"]["Properties"].pop("Description")),
        ("GetThing does not wait for the check", lambda it: it["GetThingVersion1"]["Properties"].pop("Description")),
        (
            "CheckRelease must not wait for its own check.",
            lambda it: it["CheckRelease"]["Properties"].update(Description=CHECKED),
        ),
        ("get /things does not lead to an alias", lambda it: it.pop("GetThingAliaslive")),
        (
            "GetThingPermission is of no alias.",
            lambda it: it["GetThingPermission"]["Properties"].update(FunctionName={"Ref": "GetThing"}),
        ),
        ("GetThingAliaslive is not moved by CodeDeploy.", lambda it: it["GetThingAliaslive"].pop("UpdatePolicy")),
        ("GetThingAliaslive is moved whatever the alarms say", lambda it: it.pop("Alarm")),
        (
            "GetThingAliaslive stays where an alarm stopped it.",
            lambda it: it["GetThingGroup"]["Properties"]["AutoRollbackConfiguration"]["Events"].clear(),
        ),
        (
            "The stack has 458 resources",
            lambda it: it.update({f"Topic{number}": {"Type": "AWS::SNS::Topic"} for number in range(450)}),
        ),
    ],
)
def test_a_fault_of_a_release_is_named(fault: str, change: Callable[[Any], object]) -> None:
    assert any(found.startswith(fault) for found in faults({"Resources": AT_ONCE}, changed(change)))


def test_a_release_that_moves_at_once_is_without_codedeploy() -> None:
    assert faults({"Resources": GOOD}, {"Resources": GOOD}) == [
        "GetThingGroup is of CodeDeploy, which AllAtOnce is without."
    ]
