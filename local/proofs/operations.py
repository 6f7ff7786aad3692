"""What docs/ tell an operator to do with a deployment, done. Each act raises DeploymentError if it ends otherwise."""

import json
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import Event
from typing import Any

from botocore.exceptions import ClientError

from local.proofs.emulator import Aws, DeploymentError
from local.proofs.smoke import SmokeError, check
from local.stack.template import ROOT, Template

ADMIN = "AdminFunction"
PURGE = "PurgeVersions"
TABLE = "Table"
CHECK, GET = "CheckRelease", "GetAssistant"
NOBODY = "http://127.0.0.1:9"  # nothing listens there
ACCOUNT = {"action": "create_account", "slug": "my-team", "name": "My Team"}
KEY = {"action": "create_api_key", "slug": "my-team", "name": "black box", "environment": "test", "scopes": ["*"]}
OWN_DOMAIN = "api.example.com"
# A request that reads the table, would write to it, and encrypts.
TRIED = "/api/telephony-connections?dry_run=true"
CONNECTION = {
    "accountSlug": "my-team",
    "provider": "twilio",
    "accountSid": f"AC{'0' * 32}",
    "authToken": "x" * 32,
}


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
    own = aws.outputs()["TokenSecretArn"]
    new = aws.client("secretsmanager").create_secret(Name="another", SecretString="x" * 64)["ARN"]
    aws.deploy(TokenSecretArn=new, PreviousTokenSecretArn=own)
    token_of_new = aws.invoke(ADMIN, KEY)["full_key"]
    expect("with the previous secret", [status(host, token), status(host, token_of_new)], [200, 200])
    aws.deploy(TokenSecretArn=new, PreviousTokenSecretArn="")
    expect("without the previous secret", [status(host, token), status(host, token_of_new)], [401, 200])
    aws.deploy(TokenSecretArn=own, PreviousTokenSecretArn="")
    expect("with the first secret again", [status(host, token), status(host, token_of_new)], [200, 401])


def release(aws: Aws, host: str, token: str) -> None:
    """Releases configurations: one that works, and some that would break every request. Raises DeploymentError if these
    are not refused, or reach a request, or if one function is left behind.
    """
    before = aws.live(GET)
    aws.deploy(LogLevel="DEBUG")
    after = aws.live(GET)
    live = [aws.live(name) for name in Template().functions if name in aws.names and name != CHECK]
    if {it["Description"] for it in live} != {after["Description"]} or after["Version"] == before["Version"]:
        raise DeploymentError("Each function should have a version with the new configuration.")
    print(f"version {after['Version']} after {before['Version']}: {after['Description']}, in all functions", flush=True)
    for parameter, value in {"CaBundle": "/no/such.pem", "DynamoDBEndpoint": NOBODY, "KmsEndpoint": NOBODY}.items():
        refuse(aws, host, token, parameter, {parameter: value})
    aws.deploy(LogLevel="INFO")
    print(
        f"the first configuration again: {aws.live(GET)['Description']}, version {aws.live(GET)['Version']}", flush=True
    )
    if aws.live(GET)["Description"] != before["Description"] or status(host, token) != 200:
        raise DeploymentError("It should have the name that it had.")


def refuse(aws: Aws, host: str, token: str, named: str, parameters: Mapping[str, str]) -> None:
    """Raises DeploymentError unless the parameters are refused with a reason that names this, by a stack that answers
    as before, and does so meanwhile."""
    before, statuses, ended = aws.live(GET)["Version"], list[int](), Event()

    def ask() -> None:
        while not ended.wait(0.5):
            statuses.append(_respond(host, token, "POST", TRIED, CONNECTION)[0])

    with ThreadPoolExecutor() as threads:
        asking = threads.submit(ask)
        try:
            reason = aws.refusal(**parameters)
        finally:
            ended.set()
        asking.result()
    statuses.append(status(host, token))
    print(f"refused: {reason} Meanwhile {len(statuses)} requests were answered: {Counter(statuses)}", flush=True)
    if named not in reason or aws.live(GET)["Version"] != before or set(statuses) != {200}:
        raise DeploymentError(f"{named} should be refused, and requests be answered as before.")


def map_domain(aws: Aws, port: int, token: str) -> None:
    """Gives the API a domain, and asks it there as if DNS led to it."""
    certificate = aws.client("acm").request_certificate(DomainName=OWN_DOMAIN)["CertificateArn"]
    aws.deploy(DomainName=OWN_DOMAIN, CertificateArn=certificate)
    outputs = aws.outputs()
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Host": OWN_DOMAIN}
    connection.request("GET", "/api/test-api-key", headers=headers)
    status = connection.getresponse().status
    connection.close()
    print(f"at {outputs['ApiUrl']}, which DNS leads to {outputs['DomainTarget']}: {status}", flush=True)
    if status != 200 or outputs["ApiUrl"] != f"https://{OWN_DOMAIN}":
        raise DeploymentError(f"It should be 200, at https://{OWN_DOMAIN}.")


def smoke(aws: Aws, url: str) -> None:
    try:
        check(url, lambda payload: aws.invoke(ADMIN, payload, is_refusable=True))
    except SmokeError as error:
        raise DeploymentError(f"make smoke: {error}") from None


def take_down(aws: Aws, table: str) -> dict[str, str]:
    """Deletes the stack; the outputs that it had. Raises DeploymentError unless the data stays."""
    outputs = aws.outputs()
    aws.delete()
    kept = aws.client("dynamodb").scan(TableName=table, Select="COUNT")["Count"]
    secret = aws.client("secretsmanager").get_secret_value(SecretId=outputs["TokenSecretArn"])["SecretString"]
    functions = aws.client("lambda").list_functions()["Functions"]
    groups = {it["logGroupName"] for it in aws.client("logs").describe_log_groups()["logGroups"]}
    print(f"deleted: {len(functions)} functions are left, {kept} items and a secret of {len(secret)} characters")
    if functions or not kept or len(secret) != 64:
        raise DeploymentError("No function should be left, and all data.")
    if not {aws.names["LogGroup"], aws.names["AccessLogGroup"]} <= groups:
        raise DeploymentError(f"The logs should stay, and these are left: {groups}")
    return outputs


def delete_data(aws: Aws, secret: str) -> None:
    """Deletes what the stack kept, which is protected until somebody says that it may go."""
    dynamodb = aws.client("dynamodb")
    for table in dynamodb.list_tables()["TableNames"]:
        try:
            dynamodb.delete_table(TableName=table)
        except ClientError as error:
            print(f"{table}: {error.response['Error']['Message']}", flush=True)
        else:
            raise DeploymentError(f"{table} should be protected.")
        dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
        dynamodb.delete_table(TableName=table)
    aws.client("secretsmanager").delete_secret(SecretId=secret)
    if dynamodb.list_tables()["TableNames"]:
        raise DeploymentError("The tables should be gone.")


def expect(when: str, statuses: list[int], wanted: list[int]) -> None:
    print(f"{when}: {statuses[0]} for a key of the first secret, {statuses[1]} for one of the second", flush=True)
    if statuses != wanted:
        raise DeploymentError(f"They should be {wanted[0]} and {wanted[1]}.")


def status(host: str, token: str, path: str = "/api/test-api-key") -> int:
    return _respond(host, token, "GET", path)[0]


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
