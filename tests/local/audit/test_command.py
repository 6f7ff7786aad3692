import pytest

from assistants_api.storage.table import Table
from local.proofs import audit
from tests.harness import Account
from tests.local.audit.conftest import delete, put


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
