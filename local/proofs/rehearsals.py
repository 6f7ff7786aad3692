"""What docs/disaster-recovery.md says to do, done. Each act raises DeploymentError if it ends otherwise.

A table that is restored to a point in time has, in the emulator, what the other one has when the restoration begins.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from local.proofs.emulator import STACK, Aws, DeploymentError
from local.proofs.operations import ACCOUNT, ADMIN, KEY, TABLE, refuse, request, status
from local.stack.template import ROOT

OTHER_STACK = "another-stack"
ADOPTED = ("TableName", "TableStreamArn", "TokenSecretArn", "CredentialsKeyArn")
OTHER_REGION = "eu-west-1"
DELETED = "What only the restored table has"


@contextmanager
def another_stack(aws: Aws, **parameters: str) -> Iterator[Aws]:
    """A second stack, which is deleted in the end. Raises DeploymentError if the first one loses its packages."""
    before = packages(aws)
    other = Aws(aws.endpoint, stack=OTHER_STACK)
    other.deploy(**parameters)
    both = packages(aws)
    yield other
    other.delete()
    after = packages(aws)
    print(f"packages: {len(before)} of one stack, {len(both)} of two, {len(after)} when one is deleted", flush=True)
    if after != before or not before < both or any(not it.startswith(f"{STACK}/") for it in before):
        raise DeploymentError(f"They should be the first stack's alone: {sorted(after ^ before)}")


def packages(aws: Aws) -> set[str]:
    """What SAM has uploaded."""
    s3 = aws.client("s3")
    (bucket,) = (it["Name"] for it in s3.list_buckets()["Buckets"])
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {it["Key"] for page in pages for it in page.get("Contents", [])}


def refuse_a_table_without_its_secrets(aws: Aws) -> None:
    """Raises DeploymentError if the stack takes over a table without the secret and the key that its data needs."""
    try:
        aws.deploy(TableName=aws.names[TABLE])
    except DeploymentError as error:
        if "rule AdoptedTableComesWithItsSecrets failed" not in str(error):
            raise
        print("a table without its secret and its key: refused", flush=True)
        return
    raise DeploymentError("A table without its secret and its key should be refused.")


def restore_and_swap(aws: Aws, host: str, token: str) -> str:
    """Loses an assistant, revokes an API key, and restores the table to before both: step by step as the document says.

    The restored table's name. Raises DeploymentError unless the assistant is back, and the key stays revoked.
    """
    content = {"accountSlug": "my-team", "name": DELETED}
    path = f"/api/assistants/{request(host, token, 'POST', '/api/assistants', content)['assistant']['id']}"
    leaked = aws.invoke(ADMIN, KEY)
    revoke = {"action": "revoke_api_key", "slug": ACCOUNT["slug"], "id": leaked["api_key"]["id"]}
    damaged = aws.names[TABLE]
    adopted = restored(aws, damaged)
    request(host, token, "DELETE", path)
    aws.invoke(ADMIN, revoke)
    found = [status(host, token, path), status(host, leaked["full_key"])]
    with another_stack(aws, **adopted) as other:
        other.invoke(ADMIN, revoke)  # step 4
    for name, mistyped in (("TableName", "no-such-table"), ("CredentialsKeyArn", f"{adopted['CredentialsKeyArn']}0")):
        refuse(aws, host, token, mistyped, adopted | {name: mistyped})
    aws.deploy(**adopted)
    found += [status(host, token, path), status(host, leaked["full_key"])]
    left = aws.client("dynamodb").describe_table(TableName=damaged)["Table"]["TableStatus"]
    print(f"a deleted assistant and a revoked key: {found[:2]}, and {found[2:]} with the restored table; {left}")
    if found != [404, 401, 200, 401] or left != "ACTIVE":
        raise DeploymentError("They should be 404 and 401, then 200 and 401, and the damaged table should stay.")
    return adopted["TableName"]


def restored(aws: Aws, damaged: str) -> dict[str, str]:
    """Restores the table into another one with all settings; the parameters that make a stack adopt that."""
    table, dynamodb = f"{damaged}-restored", aws.client("dynamodb")
    dynamodb.restore_table_to_point_in_time(
        SourceTableName=damaged, TargetTableName=table, UseLatestRestorableTime=True
    )
    dynamodb.get_waiter("table_exists").wait(TableName=table)
    settings = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    described = dynamodb.update_table(TableName=table, StreamSpecification=settings, DeletionProtectionEnabled=True)
    dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    dynamodb.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    stream = described["TableDescription"]["LatestStreamArn"]
    outputs = aws.outputs() | {"TableName": table, "TableStreamArn": stream}
    return {name: outputs[name] for name in ADOPTED}


def fail_over(aws: Aws, table: str, token: str) -> None:
    """Deploys the stack in another region, on a replica of the table, and asks it there. Raises DeploymentError."""
    there = Aws(aws.endpoint, OTHER_REGION)
    aws.client("dynamodb").update_table(TableName=table, ReplicaUpdates=[{"Create": {"RegionName": OTHER_REGION}}])
    outputs = aws.outputs()
    value = aws.client("secretsmanager").get_secret_value(SecretId=outputs["TokenSecretArn"])["SecretString"]
    secret = there.client("secretsmanager").create_secret(Name="replica", SecretString=value)["ARN"]
    key = aws.client("kms").replicate_key(KeyId=outputs["CredentialsKeyArn"], ReplicaRegion=OTHER_REGION)
    there.deploy(
        TableName=table,
        TableStreamArn=there.client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"],
        TokenSecretArn=secret,
        CredentialsKeyArn=key["ReplicaKeyMetadata"]["Arn"],
    )
    event = json.loads((ROOT / "events/test_api_key.json").read_text())
    event["headers"]["authorization"] = f"Bearer {token}"
    found = there.invoke("TestApiKey", event)["statusCode"]
    print(f"in {OTHER_REGION}, on a replica of the table: {found} for an API key", flush=True)
    if found != 200:
        raise DeploymentError("It should be 200.")
    there.delete()


def recreate(aws: Aws, kept: dict[str, str], host: str, token: str) -> None:
    """Deploys the stack anew, after it was deleted, on the table that stayed. Raises DeploymentError."""
    aws.deploy(**{name: kept[name] for name in ADOPTED})
    aws.make_routes()
    names: list[Any] = [it["name"] for it in request(host, token, "GET", "/api/assistants")["assistants"]]
    print(f"on the table that stayed: an API key of before works, and lists {len(names)} assistants", flush=True)
    if DELETED not in names:
        raise DeploymentError("The assistant of before should be among them.")
