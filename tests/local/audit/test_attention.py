"""The assistants that need a person, which the audit notes."""

from collections.abc import Callable
from datetime import date

import pytest

from assistants_api.storage.table import Table
from local.proofs import audit
from local.proofs.audit import findings, scan
from tests.harness import Account

BEFORE, AFTER = date(2026, 2, 1), date(2026, 11, 25)


def test_an_assistant_that_needs_a_person_is_noted_with_the_fields(account: Account, table: Table) -> None:
    account.new_assistant("custom", "Right")
    prompt = account.new_assistant("custom", system_prompt="{{a}} {{b}} {{")["id"]
    retired = account.new_assistant("custom", voice_model="sonic-english", temperature=2.0, model="gpt-5.6-sol")["id"]
    faults = f"ACCOUNT#{account.id} ASSISTANT#{prompt}: needs a person: /system_prompt unknown_variable, " + (
        "/system_prompt unclosed_braces"
    )
    temperature = f"ACCOUNT#{account.id} ASSISTANT#{retired}: needs a person: /temperature unsupported_temperature"
    both = temperature.replace(": /", ": /voice_model retired_model, /")
    assert findings(scan(table.client, table.name), BEFORE).attention == {faults, temperature}
    assert findings(scan(table.client, table.name), AFTER).attention == {faults, both}


def test_a_note_of_it_is_no_violation_and_needs_no_second_scan(
    account: Account, table: Table, printed: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant = account.new_assistant("custom", system_prompt="{{first_name}}")["id"]
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail("It paused for a second scan."))
    assert audit.main([table.name]) == 0
    assert printed() == [
        f"note: ACCOUNT#{account.id} ASSISTANT#{assistant}: needs a person: /system_prompt unknown_variable",
        f"No violations in {table.name}.",
    ]
