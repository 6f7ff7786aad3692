from typing import Any

import pytest

from assistants_api.models.assistant import CONFIGURATION
from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, Reply, race

NUMBER = "+14155550101"


def export(account: Account, assistant: str) -> dict[str, Any]:
    exported: dict[str, Any] = account.call("export_assistant", assistant).json["export"]
    return exported


def send(account: Account, document: object, **query: str) -> Reply:
    return account.call("import_assistant", body={"accountSlug": account.slug, "export": document}, query=query)


def configuration(assistant: dict[str, Any]) -> dict[str, Any]:
    return {name: assistant[name] for name in CONFIGURATION}


def document(**fields: Any) -> dict[str, Any]:
    own = {name: value for name, value in fields.items() if name not in ("external_id", "templateId")}
    return {**{k: v for k, v in fields.items() if k not in own}, "configuration": {"name": "A", **own}}


def count(account: Account) -> int:
    return int(account.call("list_assistants").json["count"])


def test_an_export_has_configuration_template_and_numbers_and_no_ids(account: Account) -> None:
    assistant = account.new_assistant("outbound-setter", temperature=0.3)
    account.assign(assistant["id"], [account.new_number(NUMBER)])
    exported = export(account, assistant["id"])
    assert exported == {
        "format": 1,
        "templateId": "outbound-setter",
        "configuration": configuration(assistant),
        "phone_numbers": [NUMBER],
    }
    assert not any(part in str(exported) for part in (account.id, assistant["id"], "pn_", account.key_id))


def test_the_answer_of_an_export_makes_the_same_assistant_in_another_account(
    account: Account, other_account: Account
) -> None:
    assistant = account.new_assistant("inbound-support", system_prompt="Hi {{contact.first_name}}", temperature=0.3)
    answer = account.call("export_assistant", assistant["id"])
    made = other_account.call("import_assistant", raw=answer.text)
    assert made.status == 200
    imported = made.json["assistant"]
    assert configuration(imported) == configuration(assistant)
    assert (imported["type"], imported["version"], imported["phone_number_ids"]) == ("inbound-support", 1, [])
    assert imported["account_id"] == other_account.id


@pytest.mark.parametrize("named", [{}, {"external_id": "sales/outbound"}])
def test_an_import_again_changes_only_what_differs(account: Account, stored: Stored, named: dict[str, str]) -> None:
    first = send(account, document(**named, temperature=0.3)).json["assistant"]
    before = stored.items()
    again = send(account, document(**named, temperature=0.3))
    assert (again.status, again.json["assistant"]) == (200, first)
    assert stored.items() == before
    changed = send(account, document(**named, temperature=0.4)).json["assistant"]
    assert (changed["id"], changed["version"], changed["temperature"]) == (first["id"], 2, 0.4)
    (newest, *_) = account.call("list_versions", first["id"]).json["versions"]
    assert newest["changed_fields"] == ["temperature"]
    assert count(account) == 1


def test_an_assistant_of_an_external_id_is_changed_in_two_round_trips(account: Account, calls: list[str]) -> None:
    """It is read together with the API key; that of a name is found by a query."""
    send(account, document(external_id="a", temperature=0.3))
    calls.clear()
    assert send(account, document(external_id="a", temperature=0.4)).json["assistant"]["version"] == 2
    assert calls == ["BatchGetItem", "TransactWriteItems"]


def test_an_external_id_of_another_account_means_another_assistant(account: Account, other_account: Account) -> None:
    mine = send(account, document(external_id="a")).json["assistant"]
    theirs = send(other_account, document(external_id="a")).json["assistant"]
    assert (theirs["id"] != mine["id"], theirs["version"], theirs["account_id"]) == (True, 1, other_account.id)


def test_the_assistant_of_an_external_id_may_change_its_name(account: Account) -> None:
    first = send(account, {"external_id": "a", "configuration": {"name": "Old"}}).json["assistant"]
    renamed = send(account, {"external_id": "a", "configuration": {"name": "New"}}).json["assistant"]
    assert (renamed["id"], renamed["name"], renamed["external_id"]) == (first["id"], "New", "a")
    assert export(account, first["id"])["external_id"] == "a"


def test_an_assistant_is_sent_back_whole_with_or_without_an_external_id(account: Account) -> None:
    named = send(account, document(external_id="a")).json["assistant"]
    unnamed = account.new_assistant() | {"external_id": None}
    for whole in (named, unnamed):
        reply = account.update(whole["id"], **whole)
        assert (reply.status, reply.json["assistant"]["version"]) == (200, whole["version"])
        assert account.update(whole["id"], external_id="b").code == "read_only_field"


def test_accounts_have_external_ids_of_their_own(account: Account, other_account: Account) -> None:
    ids = {send(caller, document(external_id="a")).json["assistant"]["id"] for caller in (account, other_account)}
    assert len(ids) == 2


@pytest.mark.parametrize("name", ["a", " A ", "Ａ"])
def test_a_name_is_found_in_any_case(account: Account, name: str) -> None:
    first = send(account, document()).json["assistant"]["id"]
    assert send(account, {"configuration": {"name": name}}).json["assistant"]["id"] == first


def test_a_name_that_two_have_is_a_409_that_says_how(account: Account, stored: Stored) -> None:
    account.new_assistant(name="A")
    account.new_assistant(name="a")
    before = stored.items()
    refused = send(account, document())
    assert (refused.status, refused.code) == (409, "name_not_unique")
    assert "external_id" in refused.json["error"]
    assert stored.items() == before


def test_another_template_is_refused(account: Account) -> None:
    send(account, document(templateId="custom"))
    refused = send(account, document(templateId="follow-up"))
    assert (refused.status, refused.code) == (409, "another_template")
    assert refused.json["details"][0]["field"] == "/export/templateId"


def test_a_dry_run_shows_what_would_be_made_or_changed(account: Account, stored: Stored) -> None:
    before = stored.items()
    made = send(account, document(temperature=0.3), dry_run="true").json
    assert {"field": "temperature", "from": None, "to": 0.3} in made["diff"]
    assert stored.items() == before
    send(account, document(temperature=0.3))
    changed = send(account, document(temperature=0.4), dry_run="true").json
    assert changed["diff"] == [{"field": "temperature", "from": 0.3, "to": 0.4}]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "/export/configuration"),
        ({"configuration": {}}, "/export/configuration/name"),
        ({"configuration": {"name": "A", "temperature": 3}}, "/export/configuration/temperature"),
        ({"configuration": {"name": "A", "colour": "red"}}, "/export/configuration/colour"),
        ({"configuration": {"name": "A", "voice_provider": "nobody"}}, "/export/configuration/voice_provider"),
        ({"configuration": {"name": "A"}, "phone_numbers": ["415"]}, "/export/phone_numbers/0"),
        ({"configuration": {"name": "A"}, "external_id": " "}, "/export/external_id"),
        ({"configuration": {"name": "A"}, "format": 2}, "/export/format"),
        ("A", "/export"),
    ],
)
def test_a_wrong_document_names_what_is_wrong(account: Account, sent: object, field: str) -> None:
    refused = send(account, sent)
    assert (refused.status, refused.code) == (400, "invalid_request")
    assert refused.json["details"][0]["field"] == field


def test_two_imports_under_an_external_id_make_one(account: Account, table: Table) -> None:
    race(table, "TransactWriteItems", lambda: send(account, document(external_id="a", temperature=0.3)))
    second = send(account, document(external_id="a", temperature=0.4))
    assert (second.status, second.json["assistant"]["version"]) == (200, 2)
    assert count(account) == 1


def test_one_that_is_deleted_meanwhile_is_made_anew(account: Account, table: Table) -> None:
    first = send(account, document(temperature=0.3)).json["assistant"]["id"]
    race(table, "TransactWriteItems", lambda: account.call("delete_assistant", first))
    second = send(account, document(temperature=0.4))
    assert second.status == 200
    assert second.json["assistant"]["id"] != first
    assert count(account) == 1


def test_one_whose_external_id_was_deleted_is_restored_first(account: Account) -> None:
    first = send(account, document(external_id="a")).json["assistant"]["id"]
    account.call("delete_assistant", first)
    refused = send(account, document(external_id="a", temperature=0.4))
    assert (refused.status, refused.code) == (409, "assistant_deleted")
    assert f"/api/assistants/{first}/restore" in refused.json["error"]
    assert account.call("restore_assistant", first).status == 200
    assert send(account, document(external_id="a", temperature=0.4)).json["assistant"]["version"] == 2


@pytest.mark.parametrize("named", [{}, {"external_id": "a"}])
def test_a_maximum_counts_what_is_made_alone(
    account: Account, monkeypatch: pytest.MonkeyPatch, named: dict[str, str]
) -> None:
    send(account, document(**named, temperature=0.3))
    monkeypatch.setenv("MAX_ASSISTANTS", "1")
    assert send(account, document(**named, temperature=0.4)).status == 200
    assert send(account, {"configuration": {"name": "B"}}).code == "maximum_reached"
