"""What docs/ tell an operator to do with a deployment, done. Each act raises DeploymentError if it ends otherwise."""

import json
from http.client import HTTPConnection
from typing import Any

from local.proofs.emulator import API, STACK, Aws, DeploymentError
from local.stack.template import ROOT

ADMIN = "AdminFunction"
PURGE = "PurgeVersions"
TABLE = "Table"
ACCOUNT = {"action": "create_account", "slug": "my-team", "name": "My Team"}
KEY = {"action": "create_api_key", "slug": "my-team", "name": "black box", "environment": "test", "scopes": ["*"]}
OWN_DOMAIN = "api.example.com"


def purge_versions(aws: Aws, host: str, token: str) -> None:
    """Deletes an assistant, removes it as TTL would, and passes that on. Raises DeploymentError if versions stay."""
    assistant = request(host, token, "POST", "/api/assistants", {"accountSlug": "my-team", "name": "x"})["assistant"]
    request(host, token, "DELETE", f"/api/assistants/{assistant['id']}")
    partition, sort_key = f"ACCOUNT#{assistant['account_id']}", f"DELETED#{assistant['id']}"
    table, key = aws.client("dynamodb"), {"PK": {"S": partition}, "SK": {"S": sort_key}}
    event = json.loads((ROOT / "events/purge_versions.json").read_text())
    event["Records"][0]["dynamodb"]["Keys"] = key
    left = []
    for step in (lambda: None, lambda: table.delete_item(TableName=aws.names[TABLE], Key=key)):
        step()
        aws.invoke(PURGE, event)
        found = table.query(
            TableName=aws.names[TABLE],
            KeyConditionExpression="PK = :PK AND begins_with(SK, :SK)",
            ExpressionAttributeValues={":PK": key["PK"], ":SK": {"S": f"VERSION#{assistant['id']}#"}},
        )
        left.append(found["Count"])
    print(f"versions of a deleted assistant: {left[0]}, and {left[1]} when it can't be restored any more", flush=True)
    if left != [1, 0]:
        raise DeploymentError("They should be 1 and 0.")


def rotate_secret(aws: Aws, host: str, token: str) -> None:
    """Rotates the stack's own secret as an operator would. Raises DeploymentError if a key works when it must not, or
    the other way round.
    """
    own = aws.secret_arn()
    new = aws.client("secretsmanager").create_secret(Name="another", SecretString="x" * 64)["ARN"]
    aws.deploy(TokenSecretArn=new, PreviousTokenSecretArn=own)
    token_of_new = aws.invoke(ADMIN, KEY)["full_key"]
    expect("with the previous secret", [status(host, token), status(host, token_of_new)], [200, 200])
    aws.deploy(TokenSecretArn=new, PreviousTokenSecretArn="")
    expect("without the previous secret", [status(host, token), status(host, token_of_new)], [401, 200])
    aws.deploy(TokenSecretArn=own, PreviousTokenSecretArn="")
    expect("with the first secret again", [status(host, token), status(host, token_of_new)], [200, 401])


def map_domain(aws: Aws, port: int, token: str) -> None:
    """Gives the API a domain, and asks it there as if DNS led to it."""
    certificate = aws.client("acm").request_certificate(DomainName=OWN_DOMAIN)["CertificateArn"]
    gateway = aws.client("apigatewayv2")
    settings = {"CertificateArn": certificate, "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}
    domain = gateway.create_domain_name(DomainName=OWN_DOMAIN, DomainNameConfigurations=[settings])
    gateway.create_api_mapping(DomainName=OWN_DOMAIN, Stage="$default", ApiId=aws.names[API])
    target = domain["DomainNameConfigurations"][0]["ApiGatewayDomainName"]
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Host": OWN_DOMAIN}
    connection.request("GET", "/api/test-api-key", headers=headers)
    status = connection.getresponse().status
    connection.close()
    print(f"at a domain of its own, {OWN_DOMAIN}, a CNAME of {target}: {status}", flush=True)
    if status != 200 or not target:
        raise DeploymentError("It should be 200.")


def take_down(aws: Aws) -> None:
    """Deletes the stack, then what it keeps."""
    table, secret = aws.names[TABLE], aws.secret_arn()
    aws.sam("delete", "--stack-name", STACK, "--region", "us-east-1", "--no-prompts")
    dynamodb, secrets = aws.client("dynamodb"), aws.client("secretsmanager")
    kept = dynamodb.scan(TableName=table, Select="COUNT")["Count"]
    length = len(secrets.get_secret_value(SecretId=secret)["SecretString"])
    functions = aws.client("lambda").list_functions()["Functions"]
    print(f"deleted: {len(functions)} functions are left, {kept} items and a secret of {length} characters", flush=True)
    if functions or not kept or length != 64:
        raise DeploymentError("No function should be left, and all data.")
    dynamodb.delete_table(TableName=table)
    secrets.delete_secret(SecretId=secret)
    if dynamodb.list_tables()["TableNames"]:
        raise DeploymentError("The table should be gone.")


def expect(when: str, statuses: list[int], wanted: list[int]) -> None:
    print(f"{when}: {statuses[0]} for a key of the first secret, {statuses[1]} for one of the second", flush=True)
    if statuses != wanted:
        raise DeploymentError(f"They should be {wanted[0]} and {wanted[1]}.")


def status(host: str, token: str) -> int:
    return _respond(host, token, "GET", "/api/test-api-key")[0]


def request(host: str, token: str, method: str, path: str, body: object = None) -> Any:
    """The answer to a request that must succeed. Raises DeploymentError."""
    status, answer = _respond(host, token, method, path, body)
    if status != 200:
        raise DeploymentError(f"{method} {path} was refused: {answer}")
    return answer


def _respond(host: str, token: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
    connection = HTTPConnection(host, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request(method, path, json.dumps(body) if body else None, headers)
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer
