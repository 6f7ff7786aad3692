"""What must hold of a release in the translated template, since the emulator knows no CodeDeploy.

A release is one for all functions: each has a version with the name of the configuration that was checked, and requests
reach the alias alone. With CodeDeploy each alias has a deployment group that watches the alarms.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

MAX_RESOURCES = 450  # CloudFormation takes 500
CHECK = "CheckRelease"
CHECKED = {"Fn::GetAtt": "CheckedRelease.Name"}
CODE_DEPLOY = ("AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup")
ALIAS_OF_URI = re.compile(r"functions/\$\{(\w+)\}/invocations")

Template = Mapping[str, Any]


def faults(at_once: Template, gradual: Template) -> list[str]:
    """What is wrong, a line each."""
    resources = gradual["Resources"]
    found = [*_publication(resources), *_requests(resources), *_traffic(resources)]
    found += [
        f"{name} is of CodeDeploy, which AllAtOnce is without." for name in _of(at_once["Resources"], *CODE_DEPLOY)
    ]
    if len(resources) > MAX_RESOURCES:
        found.append(
            f"The stack has {len(resources)} resources: CloudFormation takes 500, and leave some for what comes."
        )
    return found


def _publication(resources: Mapping[str, Any]) -> Iterator[str]:
    """CloudFormation publishes a version anew when its description changes; Lambda refuses one of a function that did
    not change. So both have the name."""
    versions = {it["FunctionName"]["Ref"]: it for it in _of(resources, "AWS::Lambda::Version").values()}
    for name, function in _of(resources, "AWS::Lambda::Function").items():
        if name == CHECK:
            if CHECKED in function.values() or name in versions:
                yield f"{CHECK} must not wait for its own check."
        elif name not in versions:
            yield f"{name} has no version."
        elif function.get("Description") != CHECKED or versions[name].get("Description") != CHECKED:
            yield f"{name} does not wait for the check: it needs VersionDescription: !GetAtt CheckedRelease.Name."


def _requests(resources: Mapping[str, Any]) -> Iterator[str]:
    aliases = _of(resources, "AWS::Lambda::Alias")
    for path, methods in resources["Api"]["Properties"]["Body"]["paths"].items():
        for method, operation in methods.items():
            uri = operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
            if not (match := ALIAS_OF_URI.search(uri)) or match[1] not in aliases:
                yield f"{method} {path} does not lead to an alias: {uri}."
    invoked = _of(resources, "AWS::Lambda::Permission", "AWS::Lambda::EventSourceMapping")
    yield from (f"{name} is of no alias." for name, it in invoked.items() if it["FunctionName"]["Ref"] not in aliases)


def _traffic(resources: Mapping[str, Any]) -> Iterator[str]:
    groups = _of(resources, "AWS::CodeDeploy::DeploymentGroup")
    alarms = [it.get("AlarmName") for it in _of(resources, "AWS::CloudWatch::Alarm").values()]
    for name, alias in resources.items():
        if alias["Type"] != "AWS::Lambda::Alias":
            continue
        update = alias.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate", {})
        group = groups.get(update.get("DeploymentGroupName", {}).get("Ref"))
        if not group:
            yield f"{name} is not moved by CodeDeploy."
            continue
        match group["AlarmConfiguration"]:
            case {"Fn::If": ["HasAlarms", {"Enabled": True, "Alarms": list(watching)}, _]}:
                watched = [it["Name"] for it in watching]
            case _:
                watched = []
        if not watched or any(each not in alarms for each in watched):
            yield f"{name} is moved whatever the alarms say: {watched} of {alarms}."
        if "DEPLOYMENT_STOP_ON_ALARM" not in group["AutoRollbackConfiguration"]["Events"]:
            yield f"{name} stays where an alarm stopped it."


def _of(resources: Mapping[str, Any], *kinds: str) -> dict[str, Any]:
    """The properties of the resources of these kinds, by name."""
    return {name: it.get("Properties", {}) for name, it in resources.items() if it["Type"] in kinds}
