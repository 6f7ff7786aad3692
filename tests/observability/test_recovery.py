"""The queries of docs/disaster-recovery.md find in the log what they should."""

import re
from collections.abc import Iterator

import pytest

from assistants_api.storage.table import Table
from tests.harness import ROOT, Account
from tests.observability.queries import run
from tests.observability.recording import Recording, recorded
from tests.operator import done

NUMBER = "+14155550123"
TEXT = (ROOT / "docs/disaster-recovery.md").read_text("utf-8")
OF_OPERATOR, OF_ACCOUNTS, OF_KEY = (
    re.sub(r"\n +", "\n", it).strip() for it in re.findall(r"^ +fields @timestamp.*\n(?: +\| .*\n)+", TEXT, re.M)
)


@pytest.fixture
def recording(table: Table) -> Iterator[Recording]:
    with recorded(table) as recording:
        yield recording


def act(recording: Recording, action: str, **payload: object) -> None:
    recording.invoke(lambda: done(action, **payload))


def test_what_the_operator_did_is_found_and_not_what_was_only_read(recording: Recording, account: Account) -> None:
    act(recording, "list_accounts")
    for action in ("show_account", "list_api_keys", "suspend_account", "resume_account"):
        act(recording, action, slug=account.slug)
    found = [(it["action"], it["slug"]) for it in run(OF_OPERATOR, recording.lines)]
    assert found == [("suspend_account", account.slug), ("resume_account", account.slug)]


def test_a_number_that_the_operator_moved_is_found_by_its_last_four_digits(
    recording: Recording, account: Account, other_account: Account
) -> None:
    account.new_number(NUMBER)
    act(recording, "transfer_phone_number", slug=account.slug, to_slug=other_account.slug, phone_number=NUMBER)
    act(recording, "free_phone_number", slug=other_account.slug, phone_number=NUMBER)
    found = [(it["action"], it["phone_number"]) for it in run(OF_OPERATOR, recording.lines)]
    assert found == [("transfer_phone_number", f"pn_...{NUMBER[-4:]}"), ("free_phone_number", f"pn_...{NUMBER[-4:]}")]
    assert not [line for line in recording.lines if NUMBER[1:] in str(line)]


def test_the_keys_that_a_key_made_and_changed_are_found(recording: Recording, account: Account) -> None:
    body = {"name": "Second", "environment": "test", "scopes": ["calls:route"]}
    made = recording.invoke(lambda: account.call("create_api_key", body=body)).json["api_key"]["id"]
    recording.invoke(lambda: account.call("update_api_key", made, body={"name": "Renamed"}))
    recording.invoke(lambda: account.call("list_api_keys"))
    found = run(OF_KEY.replace("key_...", account.key_id), recording.lines)
    assert [it.get("created", it.get("resource")) for it in found] == [made, made]
    assert [it["route"] for it in run(OF_ACCOUNTS, recording.lines)] == [it["route"] for it in found]
    assert run(OF_KEY, recording.lines) == []
