from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from local.stack.template import TEMPLATE, Template, TemplateError, create_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SMALL = """
Parameters:
  Level: { Type: String, Default: INFO }
  Bare: { Type: String }
Globals:
  Function:
    Handler: app.handler
    Timeout: 15
    Environment: { Variables: { TABLE_NAME: !Ref Table, LEVEL: !Ref Level } }
Resources:
  Table:
    Type: AWS::DynamoDB::Table
  First:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/first
      Environment: { Variables: { ONLY_FIRST: "1" } }
      Events:
        Http: { Type: HttpApi, Properties: { Method: get, Path: "/things/{id}" } }
        Nightly: { Type: Schedule, Properties: { Schedule: rate(1 day) } }
  Second:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/second
      Timeout: 3
      Events:
        Http: { Type: HttpApi }
"""


def small(folder: Path, old: str = "", new: str = "") -> Template:
    """The template above, with one change."""
    path = folder / "template.yaml"
    path.write_text(SMALL.replace(old, new))
    return Template(path, table_name="things")


def test_every_function_of_the_project_has_its_file_and_its_route_names_a_function() -> None:
    template = Template()
    assert all(function.app.is_file() for function in template.functions.values())
    assert set(template.routes.values()) <= set(template.functions)
    assert template.routes["$default"] == "RejectUnknownRoute"
    assert template.routes["PATCH /api/assistants/{assistantId}"] == "UpdateAssistant"
    assert "AdminFunction" not in template.routes.values()


def test_memory_and_timeout_come_from_the_globals_and_their_parameters() -> None:
    function = Template().functions["GetAssistant"]
    assert (function.memory, function.timeout, function.handler) == (1024, 15, "handler")


def test_layers_are_the_folders_of_the_layer_versions() -> None:
    assert Template().layers == [TEMPLATE.parent / "layers/shared"]


def test_a_ref_is_the_default_of_a_parameter_or_the_name_of_the_table(tmp_path: Path) -> None:
    template = small(tmp_path)
    assert template.functions["Second"].environment == {"TABLE_NAME": "things", "LEVEL": "INFO"}


def test_a_function_adds_to_the_globals_and_overrides_them(tmp_path: Path) -> None:
    functions = small(tmp_path).functions
    assert functions["First"].environment == {"TABLE_NAME": "things", "LEVEL": "INFO", "ONLY_FIRST": "1"}
    assert (functions["First"].timeout, functions["Second"].timeout) == (15, 3)


def test_only_http_events_are_routes_and_one_without_a_path_is_the_default(tmp_path: Path) -> None:
    assert small(tmp_path).routes == {"GET /things/{id}": "First", "$default": "Second"}


def test_a_route_of_two_functions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="both First and Second"):
        small(tmp_path, 'Method: get, Path: "/things/{id}"', "")


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ('!Equals [!Ref Level, "INFO"]', "yes"),
        ('!Equals [!Ref Level, ""]', "no"),
        ('!Not [!Equals [!Ref Level, "INFO"]]', "no"),
        ('!Not [!Not [!Equals [!Ref Level, "INFO"]]]', "yes"),
    ],
)
def test_a_choice_is_that_of_the_defaults(tmp_path: Path, condition: str, value: str) -> None:
    (tmp_path / "template.yaml").write_text(
        SMALL.replace('"1"', '!If [Chosen, "yes", "no"]') + f"Conditions: {{ Chosen: {condition} }}\n"
    )
    assert Template(tmp_path / "template.yaml").functions["First"].environment["ONLY_FIRST"] == value


@pytest.mark.parametrize("condition", ['!Or [!Equals ["", ""]]', '!Equals [!Ref Bare, ""]'])
def test_a_condition_that_cannot_be_known_here_is_refused(tmp_path: Path, condition: str) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(SMALL.replace('"1"', '!If [Chosen, "yes", "no"]') + f"Conditions: {{ Chosen: {condition} }}\n")
    with pytest.raises(TemplateError, match="cannot know"):
        Template(path)


@pytest.mark.parametrize("value", ['!Sub "x"', "!Ref Bare", "!Ref Nothing", "!GetAtt Table.Arn"])
def test_a_variable_that_cannot_be_known_here_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(TemplateError, match="cannot know"):
        small(tmp_path, '"1"', value)


def test_one_variable_with_two_values_is_refused_by_name(tmp_path: Path) -> None:
    template = small(tmp_path, 'ONLY_FIRST: "1"', "LEVEL: DEBUG")
    with pytest.raises(TemplateError, match="LEVEL is 'INFO' for Second and 'DEBUG'"):
        _ = template.environment


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> "DynamoDBClient":
    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    return boto3.Session("local", "local", region_name="us-east-1").client("dynamodb")


def test_create_table_makes_the_table_of_the_template_with_its_time_to_live(client: "DynamoDBClient") -> None:
    with mock_aws():
        create_table(client, "things")
        table = client.describe_table(TableName="things")["Table"]
        ttl = client.describe_time_to_live(TableName="things")["TimeToLiveDescription"]
    assert [(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]] == [("PK", "HASH"), ("SK", "RANGE")]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert (ttl["AttributeName"], ttl["TimeToLiveStatus"]) == ("ttl", "ENABLED")


def test_create_table_leaves_an_existing_table_alone(client: "DynamoDBClient") -> None:
    with mock_aws():
        create_table(client, "things")
        with pytest.raises(client.exceptions.ResourceInUseException):
            create_table(client, "things")
