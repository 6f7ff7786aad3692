from collections.abc import Callable

import pytest

from assistants_api.storage.table import Table
from local.proofs import audit
from local.proofs.audit import scan, violations
from tests.harness import Account

NUMBER = "+14155550101"
ANOTHER = "acct_01jd5xexamp1e0000000000000"


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of a test has the name of the one that a running stack has, which the command would audit instead."""
    monkeypatch.setattr(audit, "running", lambda: None)


@pytest.fixture
def assistant(account: Account, other_account: Account) -> str:
    """The id of an assistant that holds the number. Both accounts have one of everything that is counted."""
    account.new_connection()
    other_account.new_connection()
    assistant: str = account.new_assistant("custom")["id"]
    account.assign(assistant, [account.new_number(NUMBER)])
    other_account.new_number("+442071838750")
    other_account.update(other_account.new_assistant("custom")["id"], name="Éclair")
    return assistant


def found(table: Table) -> list[str]:
    return sorted(violations(scan(table.client, table.name)))


def change(table: Table, pk: str, sk: str, expression: str, **values: object) -> None:
    """Changes an item that was right. `#x` are the attributes, `:x` the values in DynamoDB's form."""
    names = {word.strip(","): word.strip(",#") for word in expression.split() if word.startswith("#")}
    table.client.update_item(
        TableName=table.name,
        Key={"PK": {"S": pk}, "SK": {"S": sk}},
        UpdateExpression=expression,
        ExpressionAttributeNames=names,
        **({"ExpressionAttributeValues": {f":{name}": value for name, value in values.items()}} if values else {}),  # type: ignore[arg-type]
    )


def delete(table: Table, pk: str, sk: str) -> None:
    table.client.delete_item(TableName=table.name, Key={"PK": {"S": pk}, "SK": {"S": sk}})


def put(table: Table, pk: str, sk: str, **attributes: str) -> None:
    item = {"PK": pk, "SK": sk, **attributes}
    table.client.put_item(TableName=table.name, Item={name: {"S": value} for name, value in item.items()})


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """The lines of stderr since the last call. The audit doesn't pause."""
    monkeypatch.setattr(audit, "PAUSE_SECONDS", 0)

    def lines() -> list[str]:
        printed = capsys.readouterr()
        assert [line for line in printed.out.splitlines() if not line.startswith("{")] == []  # but what functions log
        return printed.err.splitlines()

    return lines
