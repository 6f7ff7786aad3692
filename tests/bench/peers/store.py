# mypy: ignore-errors
"""What the peers share: authentication and the table in their usual form, one call per item."""

import hashlib
import os
from datetime import UTC, datetime

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

client = boto3.client("dynamodb")
serializer, deserializer = TypeSerializer(), TypeDeserializer()
TABLE = os.environ["TABLE_NAME"]


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status, self.message = status, message


def get(pk, sk):
    answer = client.get_item(TableName=TABLE, Key={"PK": {"S": pk}, "SK": {"S": sk}}, ConsistentRead=True)
    return _plain(answer["Item"]) if "Item" in answer else None


def authenticate(authorization, scope):
    """The caller's API key."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.startswith("tk_"):
        raise Refused(401, "Send your API key as a bearer token.")
    account_id = f"acct_{token[8:34]}"
    key = get(f"ACCOUNT#{account_id}", f"APIKEY#{hashlib.sha256(token.encode()).hexdigest()}")
    if key is None or not key["is_active"]:
        raise Refused(401, "The API key is unknown or revoked.")
    if key.get("expires_at") and datetime.fromisoformat(key["expires_at"]) < datetime.now(UTC):
        raise Refused(401, "The API key has expired.")
    if not {"*", scope} & set(key["scopes"]):
        raise Refused(403, f"The API key lacks the scope {scope}.")
    return key


def get_assistant(account_id, assistant_id):
    item = get(f"ACCOUNT#{account_id}", f"ASSISTANT#{assistant_id}")
    if item is None:
        raise Refused(404, f"There is no assistant {assistant_id} in this account.")
    return _assistant(item)


def update_assistant(account_id, assistant_id, changes):
    changes = {**changes, "updated_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    values = {f":{name}": str(value) if isinstance(value, float) else value for name, value in changes.items()}
    try:
        answer = client.update_item(
            TableName=TABLE,
            Key={"PK": {"S": f"ACCOUNT#{account_id}"}, "SK": {"S": f"ASSISTANT#{assistant_id}"}},
            UpdateExpression=f"SET {', '.join(f'#{name} = :{name}' for name in changes)} ADD version :one",
            ConditionExpression="attribute_exists(PK)",
            ExpressionAttributeNames={f"#{name}": name for name in changes},
            ExpressionAttributeValues={name: serializer.serialize(it) for name, it in {**values, ":one": 1}.items()},
            ReturnValues="ALL_NEW",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            raise Refused(404, f"There is no assistant {assistant_id} in this account.") from error
        raise
    return _assistant(_plain(answer["Attributes"]))


def _plain(item):
    return {name: deserializer.deserialize(value) for name, value in item.items()}


def _assistant(item):
    numbers = {name: int(item[name]) for name in ("max_tokens", "version")}
    phone_number_ids = sorted(item.get("phone_number_ids", []))
    hidden = {"PK", "SK", "name_folded", "last_write"}
    fields = {name: value for name, value in item.items() if name not in hidden}
    return {**fields, **numbers, "temperature": float(item["temperature"]), "phone_number_ids": phone_number_ids}
