"""Every test gets a table of its own, made from template.yaml."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from assistants.storage.table import Table, from_env
from local.template import Template, create_table
from tests.harness import Account, counts_a_request, new_account

TABLE = "assistants"

# The functions' variables as template.yaml has them, and nobody's real credentials.
os.environ |= Template(table_name=TABLE).environment
os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture
def table() -> Iterator[Table]:
    from_env.cache_clear()
    with mock_aws():
        table = from_env()
        create_table(table.client, TABLE)
        yield table
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
    """The DynamoDB calls made from here on, by name; but for the counting of requests, which goes beside the first."""
    names: list[str] = []

    def note(model: Any, params: dict[str, Any], **_: object) -> None:
        if not counts_a_request(params):
            names.append(model.name)

    table.client.meta.events.register("before-call.dynamodb", note)
    return names


class Stored:
    """What is in the table, all of it but the counts of requests."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def items(self) -> list[dict[str, Any]]:
        pages = self._table.client.get_paginator("scan").paginate(TableName=self._table.name, ConsistentRead=True)
        items = [
            {name: value for name, value in item.items() if not name.startswith(("requests_", "last_used_at"))}
            for page in pages
            for item in page["Items"]
        ]
        return sorted(items, key=lambda item: (item["PK"]["S"], item["SK"]["S"]))
