"""What is deployed is what is documented, and each function may do what its endpoint is for and no more."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.openapi.document import DOCUMENT, ROUTES
from local.proofs import iam
from local.stack.template import DEFAULT_ROUTE, TEMPLATE, Template, document
from tests.catalogue import (
    CUSTOM_RESOURCES,
    ENDPOINTS,
    FUNCTIONS,
    OF_CALL_TOKENS,
    PUBLIC,
    QUERY,
    READ,
    STREAM_CONSUMERS,
    WEBHOOKS,
    WITH_SCOPE,
    Function,
)
from tests.harness import Account, load_handler, new_key_without, sample

RESOURCES: dict[str, Any] = document()["Resources"]
DEPLOYED = {  # by folder in functions/
    Path(it["Properties"]["CodeUri"]).name: it["Properties"]
    for it in RESOURCES.values()
    if it["Type"] == "AWS::Serverless::Function"
}
PATHS = json.loads(DOCUMENT.read_text())["paths"]
DOCUMENTED = {(method.upper(), path) for path, methods in PATHS.items() for method in methods}
IDENTIFY = {"dynamodb:BatchGetItem on ACCOUNT#*", "dynamodb:UpdateItem on USAGE#*"}  # the caller, and counting it
WRITES = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem")
LOG_WRITES = {"logs:CreateLogStream", "logs:PutLogEvents"}
STREAM_READS = {
    f"dynamodb:{operation}" for operation in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
}
ONLY_READ = [endpoint for endpoint in ENDPOINTS if set(endpoint.round_trips) <= {READ, QUERY}]


def test_every_route_is_known_by_its_methods_and_in_the_document_if_it_needs_a_token() -> None:
    template, keyless = Template(), {function.name for function in (*PUBLIC, *OF_CALL_TOKENS, *WEBHOOKS)}
    deployed = {
        (method, path): template.functions[template.routes[f"{method} {path}"]].app.parent.name
        for method, path in (key.split(" ") for key in template.routes if " " in key)
    }
    heads = {("HEAD", path) for method, path in DOCUMENTED if method == "GET"}
    assert {route for route, function in deployed.items() if function not in keyless} == DOCUMENTED | heads
    known = json.loads(ROUTES.read_text())
    assert {(method, path) for path, methods in known.items() for method in methods} == deployed.keys()
    assert DEFAULT_ROUTE in Template().routes


def test_every_function_is_in_the_catalogue_and_only_what_aws_and_the_operator_invoke_has_no_route() -> None:
    unrouted = {"admin", *(each.name for each in (*STREAM_CONSUMERS, *CUSTOM_RESOURCES))}
    assert DEPLOYED.keys() == {function.name for function in (*FUNCTIONS, *WEBHOOKS)} | unrouted
    template = Template()
    routed = {template.functions[name].app.parent.name for name in template.routes.values()}
    assert DEPLOYED.keys() - routed == unrouted
    assert {path.name for path in (TEMPLATE.parent / "functions").iterdir() if path.is_dir()} == DEPLOYED.keys()


def test_the_operators_function_is_reached_by_invocation_alone() -> None:
    assert DEPLOYED["admin"].keys().isdisjoint({"Events", "FunctionUrlConfig"})
    assert all("FunctionUrlConfig" not in properties for properties in DEPLOYED.values())
    events = {name: [*properties.get("Events", {}).values()] for name, properties in DEPLOYED.items()}
    of_streams = {consumer.name for consumer in STREAM_CONSUMERS}
    for name, own in events.items():
        assert {event["Type"] for event in own} <= ({"DynamoDB"} if name in of_streams else {"HttpApi"}), name
    assert not any(it["Type"] == "AWS::Lambda::Permission" for it in RESOURCES.values())


def test_only_functions_without_data_are_public_and_only_the_test_of_a_key_needs_no_scope() -> None:
    assert [it.name for it in PUBLIC] == ["get_openapi", "show_docs", "check_health", "reject_unknown_route"]
    assert [it.name for it in ENDPOINTS if it not in WITH_SCOPE] == ["test_api_key"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_no_endpoint_answers_without_its_key_and_its_scope(account: Account, endpoint: Function) -> None:
    assert account.call(endpoint.name, headers={"authorization": None}).status == 401
    lacking = new_key_without(endpoint.scope, account)
    assert lacking.call(endpoint.name).status == (403 if endpoint.scope else 200)


@pytest.mark.parametrize(
    "path",
    [
        *("/api", "/api/", "//", "/api/v1/assistants", "/v1/assistants", "/api/admin", "/admin", "/api/accounts"),
        *(
            "/api/openapi.yaml",
            "/openapi.json",
            "/swagger",
            "/api/docs",
            "/docs//",
            "/graphql",
            "/api/health",
            "/metrics",
        ),
        *("/.env", "/.git/config", "/api/debug", "/api/assistants/", "/api//assistants", "/API/ASSISTANTS"),
        *("/api/api-keys/a/b", "/api/test-api-key/x", "/api/templates/a/b", "/docs/../api/openapi.json"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"])
def test_nothing_answers_a_path_that_is_not_documented(path: str, method: str) -> None:
    event = sample("reject_unknown_route")
    event["requestContext"]["http"] |= {"method": method, "path": path}
    event |= {"routeKey": DEFAULT_ROUTE, "rawPath": path}
    response = load_handler("reject_unknown_route")(event, None)
    assert response["statusCode"] == 404
    assert "allow" not in response["headers"]
    if method != "HEAD":
        assert json.loads(response["body"])["code"] == "route_not_found"


@pytest.mark.parametrize("name", ["index.html", "", "..", "../app.py", "app.py", "page", ".", "docs.js.gz", "docs.js/"])
def test_the_page_has_no_file_but_its_own(name: str) -> None:
    event = sample("show_docs")
    event["pathParameters"] = {"file": name}
    assert load_handler("show_docs")(event, None)["statusCode"] == 404


def test_every_endpoint_may_identify_its_caller_and_a_public_function_may_do_nothing() -> None:
    allowed = iam.allowed()  # raises ValueError for a statement without the table and its leading keys
    assert allowed.keys() == DEPLOYED.keys()
    for endpoint in ENDPOINTS:
        assert allowed[endpoint.name] >= IDENTIFY
    for function in PUBLIC:
        assert allowed[function.name] == set()
    for function in OF_CALL_TOKENS:
        assert allowed[function.name] == {"dynamodb:BatchGetItem on ACCOUNT#*"}


def test_credentials_are_encrypted_where_they_are_sent_and_decrypted_where_carriers_ask_or_are_asked() -> None:
    allowed = iam.allowed()
    may_encrypt = {name for name, actions in allowed.items() if "kms:Encrypt" in actions}
    may_decrypt = {name for name, actions in allowed.items() if "kms:Decrypt" in actions}
    assert may_encrypt == {"create_telephony_connection", "update_telephony_connection", "check_release"}
    asking = {"import_phone_number", "sync_phone_number", "delete_phone_number", "list_carrier_numbers"}
    assert may_decrypt == {webhook.name for webhook in WEBHOOKS} | asking


def test_no_policy_allows_a_wildcard_or_reads_the_whole_table() -> None:
    for function, actions in iam.allowed().items():
        for action in actions:
            assert "*" not in action.partition(" on ")[0], function
            if action.startswith("kms:"):
                continue
            operation, partition = action.split(" on ")
            assert operation != "dynamodb:Scan", function
            assert partition in ("ACCOUNT#*", "USAGE#*", "NUMBER#*", "SLUG#*", "LIST#*"), function


@pytest.mark.parametrize("endpoint", ONLY_READ)
def test_an_endpoint_that_only_reads_may_write_nothing_but_its_count(endpoint: Function) -> None:
    writes = {action for action in iam.allowed()[endpoint.name] if action.startswith(WRITES)}
    assert writes == {"dynamodb:UpdateItem on USAGE#*"}


@pytest.mark.parametrize("endpoint", [endpoint for endpoint in ENDPOINTS if endpoint not in ONLY_READ])
def test_an_endpoint_that_writes_has_a_scope_that_says_so(endpoint: Function) -> None:
    assert (endpoint.scope or "").endswith(":write")


def test_every_get_only_reads_and_nothing_else_does() -> None:
    """So the scopes of a reader and the methods agree, but where a body holds the values of variables."""
    template = Template()
    getters = {template.functions[name].app.parent.name for key, name in template.routes.items() if key[:4] == "GET "}
    keyless = {"get_openapi", "show_docs", "check_health", "get_call"}
    assert getters | {"render_assistant", "prepare_call"} == {endpoint.name for endpoint in ONLY_READ} | keyless
    assert all(endpoint.scope is None or not endpoint.scope.endswith(":write") for endpoint in ONLY_READ)


def statements(policy: str) -> list[Any]:
    found: list[Any] = RESOURCES[policy]["Properties"]["PolicyDocument"]["Statement"]
    return found


def test_no_function_exceeds_the_boundary_of_table_and_log_and_what_reads_the_stream() -> None:
    *own, _, _ = statements("FunctionBoundary")
    table = {"Fn::GetAtt": "CheckedRelease.TableArn"}
    assert [it["Resource"] for it in own] == [
        table,
        {"Fn::GetAtt": "LogGroup.Arn"},
        {"Fn::Join": ["", [table, "/stream/*"]]},
        {"Fn::GetAtt": "FailedPurges.Arn"},
        {"Fn::GetAtt": "CheckedRelease.CredentialsKeyArn"},
    ]
    assert all(set(it["Action"]) <= STREAM_READS | LOG_WRITES for it in own[1:3])
    assert [it["Action"] for it in own[3:]] == ["sqs:SendMessage", ["kms:Encrypt", "kms:Decrypt"]]
    shared = document()["Globals"]["Function"]
    assert shared["PermissionsBoundary"] == {"Ref": "FunctionBoundary"}
    bounded = {name for name, properties in DEPLOYED.items() if "PermissionsBoundary" not in properties}
    assert bounded == DEPLOYED.keys() - {"check_release"}
    assert all("Role" not in properties for properties in DEPLOYED.values())


def test_the_check_of_a_release_has_a_boundary_of_its_own_around_what_it_is_to_check() -> None:
    *own, _, _ = statements("CheckBoundary")
    checked = RESOURCES["CheckedRelease"]["Properties"]
    assert [(it["Action"], it["Resource"]) for it in own] == [
        ("dynamodb:BatchGetItem", checked["TableArn"]),
        ("kms:Encrypt", checked["CredentialsKeyArn"]),
        (["logs:CreateLogStream", "logs:PutLogEvents"], {"Fn::GetAtt": "LogGroup.Arn"}),
    ]
    assert DEPLOYED["check_release"]["PermissionsBoundary"] == {"Ref": "CheckBoundary"}


@pytest.mark.parametrize("boundary", ["FunctionBoundary", "CheckBoundary"])
def test_a_boundary_lets_dynamodb_use_the_key_of_the_table_and_nobody_else(boundary: str) -> None:
    *_, of_table_key, traced = statements(boundary)
    assert of_table_key["Resource"] == {"Fn::Sub": "arn:${AWS::Partition}:kms:${AWS::Region}:*:key/*"}
    via = {"Fn::Sub": "dynamodb.${AWS::Region}.${AWS::URLSuffix}"}
    assert of_table_key["Condition"] == {"StringEquals": {"kms:ViaService": via}}
    assert traced["Fn::If"][0] == "IsTraced"
    assert traced["Fn::If"][1]["Action"] == ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
