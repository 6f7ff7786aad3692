"""The database of `make run`: moto, made to keep just what is stored."""

import gc
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.core.serialize import ResponseSerializer
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table

from local.stack.dynamodb_moto import dynamodb
from local.stack.template import create_table

SERIALIZE = ResponseSerializer._serialize_type_structure  # moto's own
TABLE = "things"
ITEMS = 50


def key(sort: str) -> dict[str, Any]:
    return {"PK": {"S": "all"}, "SK": {"S": sort}}


def item(sort: str, value: str = "old") -> dict[str, Any]:
    return key(sort) | {"value": {"S": value}}


@pytest.fixture
def client() -> Iterator[Any]:
    """Of a database whose one table holds ITEMS items."""
    with dynamodb() as endpoint:
        client = boto3.Session("a", "b", region_name="us-east-1").client("dynamodb", endpoint_url=endpoint)
        create_table(client, TABLE)
        for number in range(ITEMS):
            client.put_item(TableName=TABLE, Item=item(f"{number:03}"))
        yield client
        client.close()


def stored(client: Any) -> list[Any]:
    found: list[Any] = client.scan(TableName=TABLE)["Items"]
    return sorted(found, key=lambda it: str(it["SK"]["S"]))


def change(client: Any, *last: dict[str, Any]) -> Any:
    """One of each action on the table, and the last ones."""
    update = {"UpdateExpression": "SET #v = :v, more = :v", "ExpressionAttributeNames": {"#v": "value"}}
    update |= {"ExpressionAttributeValues": {":v": {"S": "new"}}}
    actions = [
        {"Put": {"TableName": TABLE, "Item": item("000", "new")}},
        {"Put": {"TableName": TABLE, "Item": item("new", "new")}},
        {"Update": {"TableName": TABLE, "Key": key("001"), **update}},
        {"Update": {"TableName": TABLE, "Key": key("made"), **update}},
        {"Delete": {"TableName": TABLE, "Key": key("002")}},
        {"Delete": {"TableName": TABLE, "Key": key("never was")}},
        *last,
    ]
    return client.transact_write_items(TransactItems=actions)


def check(sort: str, condition: str) -> dict[str, Any]:
    return {"ConditionCheck": {"TableName": TABLE, "Key": key(sort), "ConditionExpression": condition}}


def test_a_transaction_changes_what_it_names(client: Any) -> None:
    before = stored(client)
    change(client, check("003", "attribute_exists(PK)"))
    new = item("001", "new") | {"more": {"S": "new"}}
    made = key("made") | {"value": {"S": "new"}, "more": {"S": "new"}}
    assert stored(client) == [item("000", "new"), new, *before[3:], made, item("new", "new")]


@pytest.mark.parametrize(
    ("last", "error"),
    [
        (check("003", "attribute_not_exists(PK)"), "TransactionCanceledException"),
        ({"Delete": {"TableName": TABLE, "Key": key("000")}}, "ValidationException"),
    ],
)
def test_a_transaction_that_fails_at_its_end_changes_nothing(client: Any, last: dict[str, Any], error: str) -> None:
    before = stored(client)
    with pytest.raises(client.exceptions.ClientError) as raised:
        change(client, last)
    assert raised.value.response["Error"]["Code"] == error
    assert stored(client) == before


def alive(kind: type) -> int:
    gc.collect()
    return sum(isinstance(it, kind) for it in gc.get_objects())


def test_no_change_leaves_anything_behind(client: Any) -> None:
    others, tables = alive(Item) - len(stored(client)), alive(Table)
    for number in range(20):
        client.put_item(TableName=TABLE, Item=item("000", str(number)))
        change(client)
        with pytest.raises(client.exceptions.TransactionCanceledException):
            change(client, check("003", "attribute_not_exists(PK)"))
    assert alive(Item) - others == len(stored(client))
    assert alive(Table) == tables


def test_an_answer_is_the_one_that_moto_gives_by_itself(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    update = {
        "UpdateExpression": "SET x = :x",
        "ExpressionAttributeValues": {":x": {"L": [{"N": "1"}, {"NULL": True}]}},
    }
    calls: list[tuple[str, dict[str, Any]]] = [
        ("update_item", {"Key": key("000"), "ReturnValues": "ALL_NEW", **update}),
        ("describe_table", {}),
        ("scan", {"Limit": 2}),
        ("get_item", {"Key": key("000")}),
    ]

    def answers() -> list[Any]:
        found = [getattr(client, call)(TableName=TABLE, **options) for call, options in calls]
        return [it | {"ResponseMetadata": None} for it in found]

    short = answers()
    monkeypatch.setattr(ResponseSerializer, "_serialize_type_structure", SERIALIZE)
    assert answers() == short


def test_a_transaction_copies_no_item_that_it_does_not_name(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Item] = []
    monkeypatch.setattr(Item, "instances_tracked", made)
    change(client)
    assert 0 < len(made) < ITEMS / 2
