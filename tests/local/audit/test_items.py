import pytest

from assistants_api.storage.table import Table
from tests.harness import Account
from tests.local.audit.conftest import ANOTHER, NUMBER, change, found, put
from tests.webhooks import CALL_ID, connected, ring


@pytest.mark.parametrize(
    ("expression", "value", "says"),
    [
        ("SET #version = :value", {"N": "0"}, "has the version 0"),
        ("SET #version = :value", {"S": "one"}, "does not parse: version Input should be a valid integer"),
        ("SET #id = :value", {"S": "asst_01jd5xexamp1e0000000000000"}, "has the id asst_01jd5xexamp1e0000000000000"),
        ("SET #id = :value", {"S": "7"}, "The assistant id is malformed"),
        ("SET #account_id = :value", {"S": ANOTHER}, f"and the account {ANOTHER}"),
        ("SET #name = :value", {"S": "Other"}, "name_folded is another"),
        ("SET #temperature = :value", {"S": "hot"}, "does not parse: temperature"),
        ("REMOVE #system_prompt", None, "does not parse: system_prompt Field required"),
    ],
)
def test_an_assistant_that_is_not_right(
    account: Account, table: Table, expression: str, value: dict[str, str] | None, says: str
) -> None:
    assistant = account.new_assistant()["id"]
    values = {"value": value} if value else {}
    change(table, f"ACCOUNT#{account.id}", f"ASSISTANT#{assistant}", expression, **values)
    (line,) = (it for it in found(table) if it.startswith(f"ACCOUNT#{account.id} ASSISTANT#{assistant}: "))
    assert says in line


@pytest.mark.parametrize(
    ("expression", "value", "says"),
    [
        ("SET #id = :value", {"S": f"key_{'0' * 64}"}, f"has the id key_{'0' * 64}"),
        ("SET #account_id = :value", {"S": ANOTHER}, f"and the account {ANOTHER}"),
        ("SET #key_prefix = :value", {"S": "tk_test_x"}, "has the key_prefix tk_test_x"),
        ("SET #environment = :value", {"S": "prod"}, "does not parse: environment"),
        ("SET #scopes = :value", {"L": []}, "has no scope"),
        ("SET #scopes = :value", {"L": [{"S": "everything"}]}, "has the unknown scope everything"),
        ("SET #expires_at = :value", {"S": "soon"}, "does not parse: expires_at"),
        ("SET #revoked_at = :value", {"S": "2026-01-01T00:00:00Z"}, "was revoked by the operator and is active"),
        ("SET #usage_id = :value", {"S": "7"}, "The API key id is malformed"),
    ],
)
def test_an_api_key_that_is_not_right(
    account: Account, table: Table, expression: str, value: dict[str, object] | None, says: str
) -> None:
    sk = account.key_id.replace("key_", "APIKEY#")
    values = {"value": value} if value else {}
    change(table, f"ACCOUNT#{account.id}", sk, expression, **values)
    (line,) = found(table)
    assert line.startswith(f"ACCOUNT#{account.id} {sk}: ")
    assert says in line


def test_the_slug_that_an_earlier_release_stored_with_a_key_is_ignored(account: Account, table: Table) -> None:
    sk = account.key_id.replace("key_", "APIKEY#")
    change(table, f"ACCOUNT#{account.id}", sk, "SET #account_slug = :slug", slug={"S": "of-before"})
    assert found(table) == []
    assert account.call("test_api_key", query={"accountSlug": account.slug}).json["account_slug"] == account.slug


def test_a_number_whose_id_is_of_another_number(account: Account, table: Table) -> None:
    account.new_number(NUMBER)
    change(table, f"ACCOUNT#{account.id}", f"NUMBER#{NUMBER}", "SET #phone_number = :other", other={"S": "+1415555019"})
    assert found(table) == [
        f"ACCOUNT#{account.id} NUMBER#{NUMBER}: has the id pn_14155550101 and the number +1415555019"
    ]


def test_a_number_of_a_connection_that_another_account_has(
    account: Account, other_account: Account, table: Table
) -> None:
    account.new_number(NUMBER, connectionId=account.new_connection())
    assert found(table) == []
    foreign = other_account.new_connection()
    change(table, f"ACCOUNT#{account.id}", f"NUMBER#{NUMBER}", "SET #connection_id = :id", id={"S": foreign})
    assert found(table) == [
        f"ACCOUNT#{account.id} NUMBER#{NUMBER}: was imported through {foreign}, which is no connection of its account"
    ]


@pytest.mark.parametrize(
    ("pk", "sk"), [("ACCOUNT#{id}", "WIDGET#1"), ("WIDGET#1", "WIDGET"), ("SLUG#x", "NUMBER"), ("NUMBER#+1", "SLUG")]
)
def test_an_item_of_no_known_kind(account: Account, table: Table, pk: str, sk: str) -> None:
    put(table, pk.format(id=account.id), sk)
    assert found(table) == [f"{pk.format(id=account.id)} {sk}: is of no known kind"]


def test_an_answer_under_an_idempotency_key_is_known(account: Account, table: Table) -> None:
    account.call("create_assistant", headers={"idempotency-key": "a"})
    assert found(table) == []


def test_an_answer_that_cannot_be_given_again_is_not_right(account: Account, table: Table) -> None:
    account.call("create_assistant", headers={"idempotency-key": "a"})
    items = table.client.scan(TableName=table.name)["Items"]
    key = next(item["SK"]["S"] for item in items if item["SK"]["S"].startswith("IDEMPOTENCY#"))
    change(table, f"ACCOUNT#{account.id}", key, "SET #compressed = :text", text={"B": b"cut"})
    assert any("does not parse" in line for line in found(table))


def test_credentials_that_are_not_encrypted(account: Account, table: Table) -> None:
    pk, sk = f"ACCOUNT#{account.id}", f"CONNECTION#{account.new_connection()}"
    assert found(table) == []
    change(table, pk, sk, "SET #credentials = :text", text={"S": "a token"})
    assert found(table) == [f"{pk} {sk}: does not parse: credentials is not binary"]


def test_a_call_under_another_id_or_of_nobody(account: Account, assistant: str, table: Table) -> None:
    account.update(assistant, inbound_enabled=True)
    ring(connected(account))
    assert found(table) == []
    pk, sk = f"ACCOUNT#{account.id}", f"ANSWER#{CALL_ID}"
    change(table, pk, sk, "SET #id = :id, #ttl = :ttl REMOVE #assistant_id", id={"S": "CA1"}, ttl={"N": "1"})
    assert [line.partition(": ")[2].split(" ")[0] for line in found(table)] == ["has", "is", "is"]


def test_a_connection_without_a_proper_id(account: Account, table: Table) -> None:
    put(table, f"ACCOUNT#{account.id}", "CONNECTION#1", provider="sip")
    assert any("CONNECTION#1: does not parse" in line for line in found(table))
