"""`python -m local.admin`: what it asks of AdminFunction, what it prints, and how it ends."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import NoRegionError

from assistants_api.storage import account_erasure, account_export
from assistants_api.storage.table import Table
from local.admin.__main__ import main
from local.admin.commands import COMMANDS
from local.admin.operator import PAUSES
from local.stack.admin import AdminError
from tests.catalogue import ADMIN_ACTIONS
from tests.harness import ROOT, Account, admin

NUMBER = "+14155550101"
Command = Callable[..., tuple[int, list[str], str]]


def ask(payload: Mapping[str, Any], stack: str | None, endpoint: str | None) -> Any:
    return admin(**payload)


@pytest.fixture
def command(table: Table, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs the command line: its exit code, what it prints but for the log, and its errors."""

    def run(*arguments: str) -> tuple[int, list[str], str]:
        code = main(list(arguments), ask)
        printed = capsys.readouterr()
        return code, [line for line in printed.out.splitlines() if '"service":"assistants"' not in line], printed.err

    return run


def test_there_is_a_command_for_each_action() -> None:
    names = {sample.name.removeprefix("admin_") for sample in ADMIN_ACTIONS}
    assert {name.replace("-", "_") for name in COMMANDS} == names


def test_the_life_of_an_account(command: Command, account: Account, other_account: Account) -> None:
    account.new_number(NUMBER)
    code, lines, _ = command("create-account", "third", "Third")
    assert (code, lines[0].endswith("  Third"), "in use" in lines[1]) == (0, True, True)
    assert "suspended since" in command("suspend-account", "my-team")[1][1]
    assert "in use" in command("resume-account", "my-team")[1][1]
    assert command("rename-account", "my-team", "--new-slug", "our-team")[1][0].startswith(f"our-team  {account.id}")
    assert command("transfer-phone-number", "our-team", NUMBER, "other-team")[1] == [f"{NUMBER}  active, no assistant"]
    assert command("free-phone-number", "other-team", NUMBER)[1] == [f"{NUMBER} is free: any account can import it."]
    code, lines, _ = command("list-accounts")
    assert [line.split()[0] for line in lines] == ["our-team", "other-team", "third", "3"]


def test_quotas_are_numbers_or_the_deployments(command: Command, account: Account) -> None:
    _, lines, _ = command("set-quotas", "my-team", "--max-assistants", "7", "--max-api-keys", "0")
    assert lines[2:4] == ["  1 of 0 api keys, of its own", "  0 of 7 assistants, of its own"]
    code, lines, _ = command("list-over-quota")
    assert (code, "over its maximum of api_keys" in lines[0]) == (0, True)
    _, lines, _ = command("set-quotas", "my-team", "--max-api-keys", "default")
    assert lines[2] == "  1 of 100 api keys"


def test_a_key_is_made_shown_with_its_usage_and_revoked(command: Command, account: Account) -> None:
    code, lines, _ = command("create-api-key", "my-team", "CI", "--scopes", "assistants:read, calls:route")
    assert (code, lines[0].startswith("tk_live_")) == (0, True)
    assert lines[2].strip() == "active, assistants:read calls:route, 1,000 requests an hour"
    key_id = lines[1].split()[0]
    assert any("0 of 1,000 requests of this hour" in line for line in command("show-account", "my-team")[1])
    assert "not active" in command("revoke-api-key", "my-team", key_id)[1][1]
    assert len(command("list-api-keys", "my-team")[1]) == 4


def test_an_export_is_json_lines_of_all_pages(
    command: Command, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_export, "PAGE", 1)
    for _ in range(2):
        account.new_assistant()
    kinds = [json.loads(line)["kind"] for line in command("export-account", "my-team")[1]]
    assert kinds == ["account", "api_key", "assistant", "assistant", "version", "version"]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited = list[float]()
    monkeypatch.setattr("local.admin.operator.time.sleep", waited.append)
    return waited


def failing(times: int, *answers: Any) -> Callable[..., Any]:
    """AdminFunction, which is unavailable so many times before each of the answers."""
    unavailable = {"ok": False, "code": "unavailable", "error": "The database did not respond."}
    left = [each for answer in answers for each in (*[unavailable] * times, answer)]
    return lambda *_: left.pop(0)


ENDLESS = len(PAUSES) + 1
EXPORT = [
    {"ok": True, "records": [{"kind": "account"}], "next_cursor": "-c1"},
    {"ok": True, "records": [{"kind": "api_key"}], "next_cursor": None},
]


@pytest.mark.parametrize(
    ("arguments", "answers"),
    [
        (["list-accounts"], [{"ok": True, "accounts": [], "next_cursor": it} for it in ("c", None)]),
        (["list-over-quota"], [{"ok": True, "accounts": [], "next_cursor": it} for it in ("c", None)]),
        (["export-account", "my-team"], EXPORT),
        (
            ["erase-account", "my-team", "--yes"],
            [{"ok": True, "erased": {}, "wait_seconds": 0, "done": it} for it in (False, True)],
        ),
    ],
)
def test_what_takes_many_invocations_outlasts_what_passes(
    arguments: list[str], answers: list[Any], pauses: list[float]
) -> None:
    assert main(arguments, failing(ENDLESS - 1, *answers)) == 0
    assert pauses == [*PAUSES, *PAUSES]
    pauses.clear()
    assert main(arguments, failing(ENDLESS, *answers)) == 1
    assert pauses == [*PAUSES]


def test_what_is_refused_is_asked_once(pauses: list[float]) -> None:
    refusal = {"ok": False, "code": "account_not_found", "error": "There is none."}
    assert main(["export-account", "my-team"], failing(0, refusal)) == 1
    assert pauses == []


@pytest.mark.parametrize("last", ["unavailable", "account_not_found"])
def test_an_export_that_fails_says_where_to_go_on(
    capsys: pytest.CaptureFixture[str], pauses: list[float], last: str
) -> None:
    failure = {"ok": False, "code": last, "error": "It failed."}
    assert main(["export-account", "my-team"], failing(0, EXPORT[0], *[failure] * ENDLESS)) == 1
    printed = capsys.readouterr()
    assert printed.out == '{"kind": "account"}\n'
    assert printed.err == f"To go on from here, add --cursor=-c1\nIt failed. ({last})\n"


def test_an_export_goes_on_from_a_cursor() -> None:
    asked = list[object]()

    def note(payload: Mapping[str, Any], *_: str | None) -> Any:
        asked.append(payload)
        return EXPORT[1]

    assert main(["export-account", "my-team", "--cursor=-c1"], note) == 0
    assert asked == [{"action": "export_account", "slug": "my-team", "cursor": "-c1"}]


def test_an_erasure_goes_on_until_it_is_done_and_reports_everything(
    command: Command, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_erasure, "MAX_SECONDS", -1)
    waited = list[float]()

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        monkeypatch.setattr(account_erasure, "QUIET_SECONDS", -1)

    monkeypatch.setattr("local.admin.commands.time.sleep", sleep)
    account.new_assistant()
    command("suspend-account", "my-team")
    code, lines, _ = command("erase-account", "my-team", "--yes")
    assert (code, len(waited)) == (0, 1)
    assert lines[0].startswith("Waiting for 3")
    assert lines[-1] == "my-team is erased: 1 API keys; 1 assistants; 1 last uses of API keys; 1 versions."
    assert command("show-account", "my-team")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show-account", "nobody"], "There is no account nobody; check the slug, or create the account first."),
        (["erase-account", "my-team"], "This erases my-team for good: export it first, then add --yes."),
        (["erase-account", "my-team", "--yes"], "The account my-team is in use; suspend it with suspend_account"),
        (["rename-account", "my-team"], "Send at least one of new_slug, name."),
        (["create-api-key", "my-team", "x", "--scopes", "all"], "must be * or one of"),
    ],
)
def test_a_refusal_is_an_error(command: Command, account: Account, arguments: list[str], said: str) -> None:
    code, lines, errors = command(*arguments)
    assert (code, lines) == (1, [])
    assert said in errors


@pytest.mark.parametrize("failure", [AdminError("It failed."), NoRegionError()])
def test_a_function_that_cannot_be_asked_is_another_error(
    failure: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(payload: Mapping[str, Any], stack: str | None, endpoint: str | None) -> Any:
        raise failure

    assert main(["list-accounts"], fail) == 2
    assert capsys.readouterr().err == f"{failure}\n"


def test_where_to_ask_is_passed_on() -> None:
    asked = list[object]()

    def note(payload: Mapping[str, Any], *where: str | None) -> Any:
        asked.append((payload, *where))
        return {"ok": True, "accounts": [], "next_cursor": None}

    for where in ([], ["--stack", "mine"], ["--endpoint", "http://127.0.0.1:3000"]):
        assert main([*where, "list-accounts"], note) == 0
    payload = {"action": "list_accounts"}
    assert asked == [(payload, None, None), (payload, "mine", None), (payload, None, "http://127.0.0.1:3000")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["drop-table"], "invalid choice: 'drop-table'"),
        (["set-quotas", "my-team", "--max-assistants", "many"], "invalid maximum value: 'many'"),
        (["--stack", "a", "--endpoint", "b", "list-accounts"], "not allowed with argument"),
    ],
)
def test_a_wrong_command_line_is_refused_before_anything_is_asked(arguments: list[str], said: str) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "local.admin", *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
