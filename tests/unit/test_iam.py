from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import pytest

from assistants_api.storage.actions import ConditionCheck, Delete, Put, Update
from assistants_api.storage.conditions import EXISTS
from assistants_api.storage.table import Table
from local.proofs import iam
from tests.harness import ROOT, named

ALLOWED = {
    "get_assistant": {"dynamodb:BatchGetItem on ACCOUNT#*", "dynamodb:UpdateItem on USAGE#*"},
    "reject_unknown_route": set[str](),
}


def test_a_transaction_is_what_is_done_in_it(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = ("ACCOUNT#a", "X#1"), ("ACCOUNT#a", "X#2")

    def handler(event: object, context: object) -> None:
        table.transact([Put({"PK": one[0], "SK": one[1]})])
        table.transact([Delete(one, EXISTS), Put({"PK": two[0], "SK": two[1]})])
        table.transact([Update(two, EXISTS, set={"name": "x"})])
        table.run_in_background(lambda: table.read([two])).result()

    monkeypatch.setattr(iam.run, "used", defaultdict[str, set[str]](set))
    named("example", handler)(None, None)
    assert iam.run.used == {
        "example": {f"dynamodb:{part}Item on ACCOUNT#*" for part in ("BatchGet", "Delete", "Put", "Update")}
    }


def test_a_check_in_a_transaction_is_an_action_of_its_own() -> None:
    check = ConditionCheck(("ACCOUNT#a", "X"), EXISTS).request("assistants")
    assert iam.actions("TransactWriteItems", {"TransactItems": [{"ConditionCheck": check}]}) == {
        "dynamodb:ConditionCheckItem on ACCOUNT#*"
    }


def test_what_a_policy_lacks_is_a_fault_of_any_run_and_what_it_has_too_much_of_a_whole_one() -> None:
    used = {"get_assistant": {"dynamodb:BatchGetItem on ACCOUNT#*", "dynamodb:Scan"}}
    lacks = "get_assistant needs dynamodb:Scan, which its policy lacks."
    assert iam.faults(used, ALLOWED, is_whole=False) == [lacks]
    assert iam.faults(used, ALLOWED, is_whole=True) == [
        lacks,
        "get_assistant may dynamodb:UpdateItem on USAGE#* and never does.",
    ]


def test_a_run_is_whole_without_long_tests_and_not_without_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iam, "run", iam.Run())
    path = iam.ENDPOINT_TESTS / "test_x.py"

    def deselect(*markers: str) -> None:
        item: Any = SimpleNamespace(path=path, get_closest_marker=lambda name: name in markers)
        iam.pytest_deselected([item])

    deselect("long")
    assert (iam.run.files, iam.run.is_narrowed) == ({path}, False)
    deselect()
    assert iam.run.is_narrowed


def test_the_policies_are_those_of_the_template() -> None:
    functions = {path.name for path in (ROOT / "functions").iterdir() if (path / "app.py").exists()}
    assert iam.allowed().keys() == functions
    assert iam.allowed()["get_assistant"] == ALLOWED["get_assistant"]
