import pytest

from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, Reply, race


def test_an_imported_number_is_active_free_and_named_by_its_digits(account: Account) -> None:
    reply = account.call("import_phone_number")
    number = reply.json["phone_number"]
    assert (reply.status, reply.json.keys()) == (200, {"success", "phone_number"})
    assert number == {
        "id": "pn_14155550101",
        "phone_number": "+14155550101",
        "status": "active",
        "assistant_id": None,
        "versions": None,
        "fallback": None,
        "provider": None,
        "label": "Main line",
        "connection_id": None,
        "carrier_id": None,
        "sync": None,
        "created_at": number["created_at"],
    }


def test_the_same_number_again_writes_nothing(account: Account, stored: Stored) -> None:
    first = account.call("import_phone_number").json
    before = stored.items()
    again = account.call("import_phone_number")
    assert (again.status, again.json) == (200, first)
    assert stored.items() == before


@pytest.mark.parametrize(
    "fields", [{"label": "Other"}, {"provider": "twilio"}, {"label": "Other", "provider": "twilio"}]
)
def test_a_number_that_the_account_has_gets_the_fields_sent_and_keeps_the_others(
    account: Account, fields: dict[str, str]
) -> None:
    number = account.new_number(label="First", provider="vonage")
    assistant = account.new_assistant()["id"]
    account.assign(assistant, [number])
    account.call("update_phone_number", number, body={"status": "suspended"})
    before = account.call("get_phone_number", number).json["phone_number"]
    body = {"accountSlug": account.slug, "phoneNumber": "+14155550101", **fields}
    again = account.call("import_phone_number", body=body)
    assert (again.status, again.json["phone_number"]) == (200, before | fields)
    assert (again.json["phone_number"]["status"], before["assistant_id"]) == ("suspended", assistant)
    assert account.call("get_phone_number", number).json["phone_number"] == before | fields


def test_null_says_nothing_of_an_optional_field(account: Account) -> None:
    body = {"accountSlug": account.slug, "phoneNumber": "+14155550101"}
    nothing: dict[str, object] = {"label": None, "provider": None}
    reply = account.call("import_phone_number", body=body | nothing)
    assert (reply.status, reply.json["phone_number"] | nothing) == (200, reply.json["phone_number"])
    labelled = account.call("import_phone_number", body=body | {"label": "Main line"}).json
    assert account.call("import_phone_number", body=body | nothing).json == labelled


def test_a_number_deleted_while_it_is_imported_again_is_new(account: Account, table: Table) -> None:
    number = account.new_number(label="Old", provider="twilio")
    race(table, "TransactWriteItems", lambda: None, lambda: account.call("delete_phone_number", number))
    again = account.call("import_phone_number").json["phone_number"]
    assert (again["label"], again["provider"]) == ("Main line", None)
    assert account.call("get_phone_number", number).json["phone_number"] == again


def test_a_number_of_another_account_is_taken_and_the_other_account_is_not_named(
    account: Account, other_account: Account, stored: Stored
) -> None:
    other_account.new_number("+14155550101")
    before = stored.items()
    reply = account.call("import_phone_number")
    assert (reply.status, reply.code) == (409, "phone_number_taken")
    assert other_account.slug not in reply.text
    assert other_account.id not in reply.text
    assert stored.items() == before


def test_two_accounts_importing_one_number_at_once_have_one_winner(
    account: Account, other_account: Account, table: Table
) -> None:
    theirs = {"accountSlug": other_account.slug, "phoneNumber": "+14155550101"}
    replies: list[Reply] = []
    race(table, "TransactWriteItems", lambda: replies.append(other_account.call("import_phone_number", body=theirs)))
    assert account.call("import_phone_number").status == 409
    assert [reply.status for reply in replies] == [200]
    assert account.call("list_phone_numbers").json["numbers"] == []


def test_two_imports_of_one_number_at_once_answer_the_same_record(account: Account, table: Table) -> None:
    replies: list[Reply] = []
    race(table, "TransactWriteItems", lambda: replies.append(account.call("import_phone_number")))
    assert account.call("import_phone_number").json == replies[0].json


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        *[
            ("phoneNumber", text, "E.164")
            for text in ("(415) 555-0101", "+0123456789", "+1", "+1234567890123456", "", "sip:sales@carrier.example")
        ],
        *[
            ("phoneNumber", text, "; did you mean +14155550101.")
            for text in ("14155550101", "+1 415 555 0101", "+1 (415) 555-0101", "0014155550101", "+14155550101\n",
                         "\u202a+14155550101\u202c", "+１４１５５５５０１０１", "tel:+14155550101", "pn_14155550101")
        ],
        ("phoneNumber", 14155550101, "must be a string, not a number"),
        ("phoneNumber", None, "null"),
        ("label", "", "at least 1"),
        ("label", "x" * 201, "at most 200"),
        ("provider", 5, "must be a string"),
        ("phonenumber", "+14155550101", "did you mean phoneNumber"),
    ],
)  # fmt: skip
def test_a_bad_field_is_refused_and_nothing_is_stored(
    account: Account, stored: Stored, field: str, value: object, says: str
) -> None:
    before = stored.items()
    body = {"accountSlug": account.slug, "phoneNumber": "+14155550101", field: value}
    reply = account.call("import_phone_number", body=body)
    assert (reply.status, reply.json["details"][0]["field"]) == (400, f"/{field}")
    assert says in reply.json["error"]
    assert stored.items() == before
