"""Replies of DynamoDB are read without botocore's parser, and come out as it would read them."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import HTTPClientError

from assistants_api.storage.client import _check_reply
from assistants_api.storage.table import Table

KEY: dict[str, Any] = {"PK": {"S": "ACCOUNT#-"}, "SK": {"S": "THING#1"}}
VALUES: dict[str, Any] = {
    "text": {"S": "ü\x00"},
    "number": {"N": "1E+30"},
    "bytes": {"B": b"\x00\xff"},
    "yes": {"BOOL": True},
    "nothing": {"NULL": True},
    "texts": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2"]},
    "many bytes": {"BS": [b"a", b"\xff"]},
    "list": {"L": [{"B": b"in a list"}, {"L": []}]},
    "map": {"M": {"B": {"S": "a name, no type"}, "BS": {"B": b"in a map"}, "S": {"M": {}}}},
    "B": {"B": b""},
    "BS": {"L": [{"S": "a list under that name"}]},
}
READS: dict[str, Any] = {
    "get_item": {"Key": KEY, "ConsistentRead": True},
    "query": {"KeyConditionExpression": "PK = :PK", "ExpressionAttributeValues": {":PK": KEY["PK"]}},
    "scan": {},
    "update_item": {
        "Key": KEY,
        "UpdateExpression": "SET #n = :n",
        "ExpressionAttributeNames": {"#n": "number"},
        "ExpressionAttributeValues": {":n": {"N": "2"}},
        "ReturnValues": "ALL_NEW",
        "ReturnConsumedCapacity": "TOTAL",
    },
}


@pytest.mark.parametrize("operation", [*READS, "batch_get_item"])
def test_a_reply_is_what_botocore_reads(table: Table, operation: str) -> None:
    table.client.put_item(TableName=table.name, Item=KEY | VALUES)
    request: Any = {"TableName": table.name, **READS.get(operation, {})}
    if operation == "batch_get_item":
        request = {"RequestItems": {table.name: {"Keys": [KEY, KEY | {"SK": {"S": "none"}}]}}}
    ours, theirs = (getattr(client, operation)(**request) for client in (table.client, boto3.client("dynamodb")))
    ours.pop("ResponseMetadata"), theirs.pop("ResponseMetadata")
    assert ours == theirs
    assert "in a map" in str(ours)


def test_a_refusal_is_what_botocore_reads(table: Table) -> None:
    table.client.put_item(TableName=table.name, Item=KEY | VALUES)
    absent = {"ConditionExpression": "attribute_not_exists(PK)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    request: Any = {"TableName": table.name, "Item": KEY, **absent}
    with pytest.raises(table.client.exceptions.ConditionalCheckFailedException) as refused:
        table.client.put_item(**request)
    response: Any = refused.value.response
    assert response["Item"] == KEY | VALUES


@pytest.mark.parametrize("body", [b"[]", b"5", b'"Items"', b"null", b"<html>", b'{"Items": ['])
def test_a_reply_without_a_checksum_has_to_be_an_object(body: bytes) -> None:
    with pytest.raises(HTTPClientError):
        _check_reply({"headers": {}, "body": body})
