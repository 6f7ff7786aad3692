"""What an operator relies on in template.yaml: data stays, whatever parameters change, and all has its bounds."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from local.stack.template import Template, document

DOCUMENT: Any = document()
RESOURCES = DOCUMENT["Resources"]
TAKEN_OVER = {"Table": "TableName", "TokenSecret": "TokenSecretArn", "CredentialsKey": "CredentialsKeyArn"}
# By the reference of CloudFormation, a change of these is no replacement: "no interruption" or "some interruptions".
MAY_DEPEND = {
    "Table": {"SSESpecification", "OnDemandThroughput"},
    "TokenSecret": set[str](),
    "CredentialsKey": set[str](),
}
# Those whose change is one.
REPLACING = {"TableName", "ImportSourceSpecification", "LocalSecondaryIndexes", "Name"}


def parameters_in(value: Any) -> set[str]:
    """Those that the value depends on, through conditions too."""
    match value:
        case {"Ref": name}:
            return {name}.intersection(DOCUMENT["Parameters"])
        case {"Fn::Sub": text}:
            return {name for name in DOCUMENT["Parameters"] if f"${{{name}}}" in text}
        case {"Condition": name}:
            return parameters_in(DOCUMENT["Conditions"][name])
        case {"Fn::If": [condition, *values]}:
            return parameters_in({"Condition": condition}) | parameters_in(values)
        case dict():
            return parameters_in(list(value.values()))
        case list():
            return {name for each in value for name in parameters_in(each)}
    return set()


@pytest.mark.parametrize(("name", "parameter"), TAKEN_OVER.items())
def test_no_parameter_replaces_what_cannot_be_made_again(name: str, parameter: str) -> None:
    resource = RESOURCES[name]
    depending = {key for key, value in resource["Properties"].items() if parameters_in(value)}
    assert depending == MAY_DEPEND[name]
    assert resource["Properties"].keys().isdisjoint(REPLACING)
    assert parameters_in({"Condition": resource["Condition"]}) == {parameter}


@pytest.mark.parametrize("name", TAKEN_OVER)
def test_it_stays_when_it_leaves_the_stack(name: str) -> None:
    assert (RESOURCES[name]["DeletionPolicy"], RESOURCES[name]["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.parametrize("parameter", TAKEN_OVER.values())
def test_by_default_the_stack_makes_its_own(parameter: str) -> None:
    assert DOCUMENT["Parameters"][parameter]["Default"] == ""


def test_the_table_is_protected_and_can_be_restored() -> None:
    table = RESOURCES["Table"]["Properties"]
    assert table["DeletionProtectionEnabled"] is True
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_logs_outlive_the_stack() -> None:
    groups = [it for it in RESOURCES.values() if it["Type"] == "AWS::Logs::LogGroup"]
    assert len(groups) == 2
    for group in groups:
        assert (group["DeletionPolicy"], group["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
        assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def holds(condition: Any, values: Mapping[str, str]) -> bool:
    match condition:
        case {"Fn::Equals": [{"Ref": name}, other]}:
            return values.get(name, "") == str(other)
        case {"Fn::Not": [negated]}:
            return not holds(negated, values)
        case {"Fn::And": [*conditions]}:
            return all(holds(it, values) for it in conditions)
    raise AssertionError(condition)


def refusals(values: Mapping[str, str]) -> list[str]:
    """What CloudFormation says to these parameters, by the rules of the template."""
    rules = [it for it in DOCUMENT["Rules"].values() if holds(it["RuleCondition"], values)]
    assertions = [it for rule in rules for it in rule["Assertions"] if not holds(it["Assert"], values)]
    return [it["AssertDescription"].split(",")[0] for it in assertions]


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ([], []),
        (["TableName"], ["TableName needs TokenSecretArn", "TableName needs CredentialsKeyArn"]),
        (["TableName", "TokenSecretArn"], ["TableName needs CredentialsKeyArn"]),
        (["TableName", "CredentialsKeyArn"], ["TableName needs TokenSecretArn"]),
        (["TableName", "TokenSecretArn", "CredentialsKeyArn"], []),
        (["TableName", "TableStreamArn", "TokenSecretArn", "CredentialsKeyArn"], []),
        (["TokenSecretArn"], []),
        (["TableStreamArn"], ["TableStreamArn is the stream of TableName"]),
        (["EventBusName"], []),
        (["EventBusName", "TableName", "TokenSecretArn", "CredentialsKeyArn"], ["EventBusName needs TableStreamArn"]),
        (["DomainName"], ["DomainName needs CertificateArn"]),
        (["CertificateArn"], ["CertificateArn needs DomainName"]),
        (["DomainName", "CertificateArn"], []),
    ],
)
def test_parameters_that_need_another_are_refused_without_it(given: list[str], refused: list[str]) -> None:
    assert refusals(dict.fromkeys(given, "x")) == refused


def test_every_parameter_stands_in_one_group() -> None:
    groups = DOCUMENT["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(DOCUMENT["Parameters"])


def test_an_access_log_line_is_json_without_the_path_which_can_hold_a_phone_number() -> None:
    line = RESOURCES["Api"]["Properties"]["AccessLogSettings"]["Format"]
    assert "\n" not in line
    fields = json.loads(line)
    assert fields.items() >= {"request_id": "$context.requestId", "source_ip": "$context.identity.sourceIp"}.items()
    assert not {"$context.path", "$context.http.path"} & set(fields.values())
    assert list(fields)[-1] == "user_agent"  # which a client writes


def test_concurrency_is_reserved_for_all_that_a_call_needs() -> None:
    reserved = {name for name, it in RESOURCES.items() if "ReservedConcurrentExecutions" in it.get("Properties", {})}
    of_calls = ("/api/routes/", "/telephony/", "/api/calls/")
    assert reserved == {it for route, it in Template().routes.items() if route.partition(" ")[2].startswith(of_calls)}


def test_the_layer_has_the_name_of_its_stack() -> None:
    assert RESOURCES["SharedLayer"]["Properties"]["LayerName"] == {"Fn::Sub": "${AWS::StackName}-shared"}
