from collections.abc import Callable

import pytest

from assistants_api.storage.table import Table
from local.proofs import audit
from local.proofs.audit import scan, violations
from local.proofs.references import COUNTABLES
from tests.harness import Account, new_key

NUMBER = "+14155550101"
ANOTHER = "acct_01jd5xexamp1e0000000000000"


@pytest.fixture
def assistant(account: Account, other_account: Account) -> str:
    """The id of an assistant that holds the number."""
    assistant: str = account.new_assistant()["id"]
    account.assign(assistant, [account.new_number(NUMBER)])
    other_account.new_number("+442071838750")
    other_account.update(other_account.new_assistant()["id"], name="Éclair")
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


def test_a_table_that_the_api_has_written_has_none(account: Account, assistant: str, table: Table) -> None:
    for step in (account.route(NUMBER), account.assign(assistant, []), account.force("delete_assistant", assistant)):
        assert step.status == 200
        assert found(table) == []


def test_an_empty_table_has_none(table: Table) -> None:
    assert found(table) == []


@pytest.mark.usefixtures("assistant")
def test_a_number_without_its_note_of_who_has_it(account: Account, table: Table) -> None:
    delete(table, f"NUMBER#{NUMBER}", "NUMBER")
    fault = "the account has the number, which is not noted as taken by it"
    assert found(table) == [f"NUMBER#{NUMBER} {account.id}: {fault}"]


@pytest.mark.usefixtures("assistant")
def test_a_number_in_two_accounts(account: Account, other_account: Account, table: Table) -> None:
    fields = {"id": "pn_14155550101", "phone_number": NUMBER, "status": "active", "created_at": "2026-01-01T00:00:00Z"}
    put(table, f"ACCOUNT#{other_account.id}", f"NUMBER#{NUMBER}", **fields)
    fault = "the account has the number, which is not noted as taken by it"
    assert found(table) == [f"NUMBER#{NUMBER} {other_account.id}: {fault}"]


def test_a_note_of_a_number_that_the_account_does_not_have(account: Account, table: Table) -> None:
    put(table, f"NUMBER#{NUMBER}", "NUMBER", account_id=account.id)
    assert found(table) == [f"NUMBER#{NUMBER} {account.id}: the account does not have this number"]


def test_a_number_that_names_an_assistant_which_does_not_list_it(
    account: Account, assistant: str, table: Table
) -> None:
    change(table, f"ACCOUNT#{account.id}", f"ASSISTANT#{assistant}", "REMOVE #phone_number_ids")
    assert found(table) == [f"{account.id} {assistant} pn_14155550101: the assistant does not list the number"]


def test_a_number_that_names_an_assistant_which_is_gone(account: Account, assistant: str, table: Table) -> None:
    delete(table, f"ACCOUNT#{account.id}", f"ASSISTANT#{assistant}")
    assert found(table) == [f"{account.id} {assistant} pn_14155550101: the assistant does not list the number"]


def test_an_assistant_that_lists_a_number_which_is_not_its_own(account: Account, assistant: str, table: Table) -> None:
    change(table, f"ACCOUNT#{account.id}", f"NUMBER#{NUMBER}", "REMOVE #assistant_id")
    fault = "the number, which it lists, is not its own"
    assert found(table) == [f"{account.id} {assistant} pn_14155550101: {fault}"]


def test_a_number_that_two_assistants_list(account: Account, assistant: str, table: Table) -> None:
    other = account.new_assistant()["id"]
    numbers = {"SS": ["pn_14155550101"]}
    change(table, f"ACCOUNT#{account.id}", f"ASSISTANT#{other}", "SET #phone_number_ids = :numbers", numbers=numbers)
    assert found(table) == [f"{account.id} {other} pn_14155550101: the number, which it lists, is not its own"]


def test_more_numbers_than_an_assistant_may_hold(account: Account, assistant: str, table: Table) -> None:
    numbers = {"SS": [f"pn_1415{number:07}" for number in range(501)]}
    change(
        table, f"ACCOUNT#{account.id}", f"ASSISTANT#{assistant}", "SET #phone_number_ids = :numbers", numbers=numbers
    )
    assert f"ACCOUNT#{account.id} ASSISTANT#{assistant}: holds 501 numbers, and 500 is the most" in found(table)


def test_a_slug_that_nobody_has_taken(account: Account, table: Table) -> None:
    delete(table, "SLUG#my-team", "SLUG")
    assert found(table) == [f"SLUG#my-team {account.id}: the slug is not taken by this account"]


def test_a_slug_of_an_account_that_is_gone(account: Account, table: Table) -> None:
    delete(table, f"ACCOUNT#{account.id}", "ACCOUNT")
    assert found(table) == [
        f"ACCOUNT#{account.id}: has items and is no account",
        f"SLUG#my-team {account.id}: the account does not have this slug",
    ]


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
    (line,) = found(table)
    assert line.startswith(f"ACCOUNT#{account.id} ASSISTANT#{assistant}: ")
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
        ("REMOVE #account_slug", None, "does not parse: account_slug Field required"),
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


def test_an_api_key_with_the_slug_of_another_account(account: Account, other_account: Account, table: Table) -> None:
    sk = account.key_id.replace("key_", "APIKEY#")
    change(table, f"ACCOUNT#{account.id}", sk, "SET #account_slug = :slug", slug={"S": other_account.slug})
    assert found(table) == [f"ACCOUNT#{account.id}: has API keys with the slug other-team, which is not its own"]


def test_a_number_whose_id_is_of_another_number(account: Account, table: Table) -> None:
    account.new_number(NUMBER)
    change(table, f"ACCOUNT#{account.id}", f"NUMBER#{NUMBER}", "SET #phone_number = :other", other={"S": "+1415555019"})
    assert found(table) == [
        f"ACCOUNT#{account.id} NUMBER#{NUMBER}: has the id pn_14155550101 and the number +1415555019"
    ]


@pytest.mark.parametrize(
    ("pk", "sk"), [("ACCOUNT#{id}", "WIDGET#1"), ("WIDGET#1", "WIDGET"), ("SLUG#x", "NUMBER"), ("NUMBER#+1", "SLUG")]
)
def test_an_item_of_no_known_kind(account: Account, table: Table, pk: str, sk: str) -> None:
    put(table, pk.format(id=account.id), sk)
    assert found(table) == [f"{pk.format(id=account.id)} {sk}: is of no known kind"]


def usage(table: Table, account: Account, sk: str, **values: object) -> None:
    """An item of the account's usage; `values` in DynamoDB's form."""
    item = {"PK": {"S": f"USAGE#{account.id}"}, "SK": {"S": sk.format(key=account.key_id.removeprefix("key_"))}}
    table.client.put_item(TableName=table.name, Item=item | values)  # type: ignore[arg-type]


def test_counted_requests_are_right(account: Account, table: Table) -> None:
    limited = new_key(account.slug, account.id, rate_limit_per_hour=1000)
    for _ in range(5):
        assert limited.call("list_assistants").status == 200
    kinds = {item["SK"].partition("#")[0] for item in scan(table.client, table.name) if item["PK"].startswith("USAGE#")}
    assert kinds == {"LAST", limited.key_id.removeprefix("key_")}
    assert found(table) == []


HOUR = 490_000


@pytest.mark.parametrize(
    ("sk", "values", "says"),
    [
        (f"{{key}}#{HOUR}", {"ttl": {"N": str((HOUR + 2) * 3600)}}, "does not parse: reserved Field required"),
        (f"{{key}}#{HOUR}", {"reserved": {"N": "1"}}, "does not parse: ttl Field required"),
        (f"{{key}}#{HOUR}", {"reserved": {"N": "0"}, "ttl": {"N": "1764000000"}}, "reserved Input should be greater"),
        (f"{{key}}#{HOUR}", {"reserved": {"N": "1"}, "ttl": {"N": str(HOUR * 3600)}}, "deleted before its hour ends"),
        ("LAST#{key}", {}, "does not parse: last_used_at Field required"),
        ("LAST#{key}", {"last_used_at": {"S": "today"}}, "does not parse: last_used_at Input should be"),
        ("{key}", {}, "is of no known kind"),
        ("{key}#now", {}, "is of no known kind"),
        ("WIDGET", {}, "is of no known kind"),
    ],
)
def test_usage_that_is_not_right(account: Account, table: Table, sk: str, values: dict[str, object], says: str) -> None:
    usage(table, account, sk, **values)
    (line,) = found(table)
    assert line.startswith(f"USAGE#{account.id} {sk.format(key=account.key_id.removeprefix('key_'))}: ")
    assert says in line


def test_usage_of_an_account_that_is_not_there(account: Account, table: Table) -> None:
    put(table, f"USAGE#{ANOTHER}", f"LAST#{'0' * 64}", last_used_at="2026-01-01T00:00:00Z")
    assert found(table) == [f"ACCOUNT#{ANOTHER}: has items and is no account"]


def test_what_an_earlier_release_counted_on_a_key_is_ignored(account: Account, table: Table) -> None:
    sk = account.key_id.replace("key_", "APIKEY#")
    change(table, f"ACCOUNT#{account.id}", sk, "SET #requests_490000 = :count", count={"N": "7"})
    assert found(table) == []


COUNTS = "SET #api_keys = :keys, #assistants = :assistants, #phone_numbers = :numbers"


def miscounted(table: Table, account: Account, keys: int, assistants: int, numbers: int) -> None:
    counts = {"keys": keys, "assistants": assistants, "numbers": numbers}
    change(table, f"ACCOUNT#{account.id}", "ACCOUNT", COUNTS, **{name: {"N": str(it)} for name, it in counts.items()})


def counts(table: Table, account: Account) -> tuple[int | None, ...]:
    key = {"PK": {"S": f"ACCOUNT#{account.id}"}, "SK": {"S": "ACCOUNT"}}
    item = table.client.get_item(TableName=table.name, Key=key)["Item"]
    return tuple(int(item[it]["N"]) if it in item else None for it in COUNTABLES)


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """The lines of stderr since the last call. The audit doesn't pause."""
    monkeypatch.setattr(audit, "PAUSE_SECONDS", 0)

    def lines() -> list[str]:
        printed = capsys.readouterr()
        assert [line for line in printed.out.splitlines() if not line.startswith("{")] == []  # but what functions log
        return printed.err.splitlines()

    return lines


@pytest.mark.usefixtures("assistant")
def test_what_the_api_counts_is_right(
    account: Account, other_account: Account, table: Table, printed: Callable[[], list[str]]
) -> None:
    assert audit.main([table.name]) == 0
    assert printed() == [f"No violations in {table.name}."]
    assert (counts(table, account), counts(table, other_account)) == ((1, 1, 1), (1, 1, 1))


@pytest.mark.usefixtures("assistant")
def test_counts_that_differ_are_a_note_and_no_violation(
    account: Account, table: Table, printed: Callable[[], list[str]]
) -> None:
    miscounted(table, account, 3, -1, 1)
    assert audit.main([table.name]) == 0
    assert printed() == [
        f"note: ACCOUNT#{account.id}: has 1 api_keys and counts 3",
        f"note: ACCOUNT#{account.id}: has 1 assistants and counts -1",
        "To write the right counts: make audit TABLE=... RECOUNT=1",
        f"No violations in {table.name}.",
    ]
    assert counts(table, account) == (3, -1, 1)
    assert found(table) == []


@pytest.mark.usefixtures("assistant")
def test_a_recount_writes_the_right_counts(
    account: Account, other_account: Account, table: Table, printed: Callable[[], list[str]]
) -> None:
    """Also where an earlier release has counted nothing."""
    miscounted(table, account, 3, -1, 1)
    change(table, f"ACCOUNT#{other_account.id}", "ACCOUNT", "REMOVE #api_keys, #assistants, #phone_numbers")
    assert audit.main(["--recount", table.name]) == 0
    assert sorted(printed()) == sorted(
        [
            f"No violations in {table.name}.",
            f"note: ACCOUNT#{account.id}: has 1 api_keys and counts 3; the right count is written",
            f"note: ACCOUNT#{account.id}: has 1 assistants and counts -1; the right count is written",
            f"note: ACCOUNT#{other_account.id}: has 1 api_keys and counts 0; the right count is written",
            f"note: ACCOUNT#{other_account.id}: has 1 assistants and counts 0; the right count is written",
            f"note: ACCOUNT#{other_account.id}: has 1 phone_numbers and counts 0; the right count is written",
        ]
    )
    assert (counts(table, account), counts(table, other_account)) == ((1, 1, 1), (1, 1, 1))
    assert audit.main(["--recount", table.name]) == 0
    assert printed() == [f"No violations in {table.name}."]


@pytest.mark.usefixtures("assistant")
@pytest.mark.parametrize("before", [3, None])
def test_a_recount_loses_no_count_made_meanwhile(
    account: Account,
    table: Table,
    printed: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    before: int | None,
) -> None:
    miscounted(table, account, 1, before or 0, 1)
    if before is None:
        change(table, f"ACCOUNT#{account.id}", "ACCOUNT", "REMOVE #assistants")
    pauses: list[Callable[[], object]] = [lambda: None, account.new_assistant]  # then the write
    monkeypatch.setattr("time.sleep", lambda seconds: pauses.pop(0)())
    assert audit.main([table.name, "--recount"]) == 1
    assert pauses == []
    note = f"has 1 assistants and counts {before or 0}; it changed meanwhile, so run this again"
    assert printed() == [f"note: ACCOUNT#{account.id}: {note}", f"No violations in {table.name}."]
    assert counts(table, account) == (1, (before or 0) + 1, 1)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert audit.main([table.name, "--recount"]) == 0
    assert counts(table, account) == (1, 2, 1)


def test_the_last_use_of_a_key_that_is_gone_is_a_note(
    account: Account, table: Table, printed: Callable[[], list[str]]
) -> None:
    put(table, f"USAGE#{account.id}", f"LAST#{'0' * 64}", last_used_at="2026-01-01T00:00:00Z")
    assert audit.main([table.name]) == 0
    note = f"note: USAGE#{account.id} LAST#{'0' * 64}: is the last use of a key that is gone"
    assert printed() == [note, f"No violations in {table.name}."]


def test_the_command_prints_a_line_each_and_fails(
    account: Account, table: Table, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PAUSE_SECONDS", 0)
    assert audit.main([table.name]) == 0
    assert capsys.readouterr().out == ""
    put(table, "WIDGET#1", "WIDGET")
    put(table, "WIDGET#2", "WIDGET")
    assert audit.main([table.name]) == 1
    printed = capsys.readouterr()
    assert printed.out == "WIDGET#1 WIDGET: is of no known kind\nWIDGET#2 WIDGET: is of no known kind\n"
    assert printed.err == f"2 violations in {table.name}.\n"


def test_what_only_looks_broken_during_the_scan_is_not_reported(
    account: Account, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(table, "WIDGET#1", "WIDGET")
    monkeypatch.setattr("time.sleep", lambda seconds: delete(table, "WIDGET#1", "WIDGET"))
    assert audit.main([table.name]) == 0


def test_a_table_that_is_not_there_is_not_a_table_without_violations(
    table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [audit.main(arguments) for arguments in (["nowhere"], ["--recount", "nowhere"], ["--recount"], [])] == [
        2
    ] * 4
    assert "ResourceNotFoundException" in capsys.readouterr().err
