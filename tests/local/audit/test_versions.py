from typing import Any

import pytest

from assistants_api.storage.table import Table
from local.proofs.audit import findings, scan
from tests.harness import Account
from tests.local.audit.conftest import change, delete, found


@pytest.fixture
def assistant(account: Account) -> str:
    made = account.new_assistant()["id"]
    account.update(made, system_prompt="Long. " * 1_000)
    account.update(made, temperature=0.1)
    return str(made)


def version(account: Account, assistant: str, number: int) -> tuple[str, str]:
    return f"ACCOUNT#{account.id}", f"VERSION#{assistant}#{number:08}"


@pytest.mark.usefixtures("assistant")
def test_a_history_that_the_api_has_written_is_right(table: Table) -> None:
    assert found(table) == []


@pytest.mark.parametrize("number", [2, 3])
def test_a_version_that_is_missing_is_a_gap(account: Account, assistant: str, table: Table, number: int) -> None:
    delete(table, *version(account, assistant, number))
    assert found(table) == [f"ACCOUNT#{account.id} {assistant}: its history up to version 3 has gaps"]


def test_a_history_may_begin_later_than_its_assistant(account: Account, assistant: str, table: Table) -> None:
    delete(table, *version(account, assistant, 1))
    assert found(table) == []


def test_a_version_of_another_number_is_not_right(account: Account, assistant: str, table: Table) -> None:
    change(table, *version(account, assistant, 1), "SET #version = :number", number={"N": "7"})
    assert any("has the version 7 of the assistant" in line for line in found(table))


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("REMOVE #compressed", {}),
        ("REMOVE #changed_by_id", {}),
        ("SET #compressed = :value", {"value": {"B": b"no zlib"}}),
    ],
)
def test_a_version_that_does_not_parse_is_not_right(
    account: Account, assistant: str, table: Table, expression: str, values: dict[str, object]
) -> None:
    pk, sk = version(account, assistant, 2)
    change(table, pk, sk, expression, **values)
    assert any("does not parse" in line for line in found(table))


def test_a_deleted_assistant_keeps_its_history(account: Account, assistant: str, table: Table) -> None:
    account.call("delete_assistant", assistant)
    both = findings(scan(table.client, table.name))
    assert (both.violations, both.leftovers) == (set(), set())
    delete(table, *version(account, assistant, 2))
    assert found(table) == [f"ACCOUNT#{account.id} {assistant}: its history up to version 3 has gaps"]


@pytest.mark.parametrize(
    ("expression", "values", "says"),
    [
        ("REMOVE #ttl", {}, "does not parse: KeyError('ttl')"),
        ("SET #ttl = :value", {"value": {"N": "1764000000"}}, "and can be restored until 2025-11-24T16:00:00Z"),
        ("REMOVE #deleted_by_id", {}, "does not parse: KeyError('deleted_by_id')"),
        ("SET #id = :value", {"value": {"S": "asst_01jd5xexamp1e0000000000000"}}, "has the id asst_01jd5xexamp1e"),
        ("SET #version = :value", {"value": {"N": "0"}}, "has the version 0"),
        ("SET #name = :value", {"value": {"S": "Other"}}, "name_folded is another"),
    ],
)
def test_a_deleted_assistant_that_is_not_right(
    account: Account, assistant: str, table: Table, expression: str, values: dict[str, object], says: str
) -> None:
    account.call("delete_assistant", assistant)
    change(table, f"ACCOUNT#{account.id}", f"DELETED#{assistant}", expression, **values)
    assert any(line.startswith(f"ACCOUNT#{account.id} DELETED#{assistant}: ") and says in line for line in found(table))


def test_an_assistant_that_is_there_and_deleted_is_not_right(account: Account, assistant: str, table: Table) -> None:
    account.call("delete_assistant", assistant)
    key = {"PK": {"S": f"ACCOUNT#{account.id}"}, "SK": {"S": f"DELETED#{assistant}"}}
    kept: Any = table.client.get_item(TableName=table.name, Key=key)["Item"]
    table.client.put_item(TableName=table.name, Item=kept | {"SK": {"S": f"ASSISTANT#{assistant}"}})
    assert found(table) == [f"ACCOUNT#{account.id} DELETED#{assistant}: is both there and deleted"]


def test_the_history_of_an_assistant_that_is_gone_is_left_over(account: Account, assistant: str, table: Table) -> None:
    delete(table, f"ACCOUNT#{account.id}", f"ASSISTANT#{assistant}")
    left = findings(scan(table.client, table.name)).leftovers
    assert left == {f"ACCOUNT#{account.id} VERSION#{assistant}#: is the history of an assistant that is gone"}
