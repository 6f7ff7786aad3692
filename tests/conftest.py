"""Every test gets a table of its own, made from template.yaml."""

import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from assistants.storage.table import Table, from_env
from local.template import Template, create_table
from tests.harness import Account, new_account

TABLE = "assistants"

# The functions' variables as template.yaml has them, and nobody's real credentials.
os.environ |= Template(table_name=TABLE).environment
os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture
def table() -> Iterator[Table]:
    from_env.cache_clear()
    with mock_aws():
        create_table(boto3.client("dynamodb"), TABLE)
        yield from_env()
    from_env.cache_clear()


@pytest.fixture
def account(table: Table) -> Account:
    return new_account("my-team")


@pytest.fixture
def other_account(table: Table) -> Account:
    return new_account("other-team")


@pytest.fixture
def stored(table: Table) -> "Stored":
    return Stored(table)


@pytest.fixture
def calls(table: Table) -> list[str]:
    """The DynamoDB calls made from here on, by name."""
    names: list[str] = []
    table.client.meta.events.register("before-call.dynamodb", lambda model, **_: names.append(model.name))
    return names


class Stored:
    """What is in the table, all of it."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def items(self) -> list[dict[str, Any]]:
        found = self._table.client.scan(TableName=self._table.name, ConsistentRead=True)["Items"]
        return sorted(found, key=lambda item: (item["PK"]["S"], item["SK"]["S"]))
