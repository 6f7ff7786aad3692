"""A pytest plugin that tests the IAM policies: each allows exactly what its function does in the endpoint tests.

A missing action fails any run. An action that the function never uses fails only a run of all endpoint tests, because
a few of them do not show that it is unused.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from local.stack.template import ROOT, TEMPLATE, document

ENDPOINT_TESTS = ROOT / "tests" / "endpoints"
IN_A_TRANSACTION = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "Get": "GetItem"}
WORKER_OUTPUT = "iam"  # the name under which a worker of pytest-xdist sends its result to the controller

Actions = Mapping[str, set[str]]  # by folder in functions/


def note(function: str, operation: str, request: Mapping[str, Any]) -> None:
    """Records that the function makes this request."""
    run.used[function] |= actions(operation, request)


def actions(operation: str, request: Mapping[str, Any]) -> set[str]:
    """The actions that the request needs, each with the kind of partition, such as `dynamodb:PutItem on ACCOUNT#*`.

    KMS knows no partitions: `kms:Encrypt`. IAM does not know transactions, only the operations in them.
    """
    if operation in ("Encrypt", "Decrypt"):
        return {f"kms:{operation}"}
    if operation in ("TransactWriteItems", "TransactGetItems"):
        parts = [part for item in request["TransactItems"] for part in item.items()]
        return {it for part, request in parts for it in actions(IN_A_TRANSACTION.get(part, f"{part}Item"), request)}
    return {f"dynamodb:{operation} on {partition.partition('#')[0]}#*" for partition in _partitions(request)}


def _partitions(request: Mapping[str, Any]) -> Iterator[str]:
    """The partition keys that the request names."""
    named = list(request.get("RequestItems", {}).values())
    keys = [key for it in named if "Keys" in it for key in it["Keys"]]
    keys += [each["DeleteRequest"]["Key"] for it in named if "Keys" not in it for each in it]
    keys += [request[name] for name in ("Key", "Item") if name in request]
    yield from (key["PK"]["S"] for key in keys)
    if "KeyConditionExpression" in request:
        yield request["ExpressionAttributeValues"][":PK"]["S"]


def allowed(template: Path = TEMPLATE) -> dict[str, set[str]]:
    """What the policies allow. Raises ValueError if one names neither the table and the kind of partition, nor the key
    of the credentials."""
    resources = document(template)["Resources"]
    functions = [it["Properties"] for it in resources.values() if it["Type"] == "AWS::Serverless::Function"]
    return {Path(it["CodeUri"]).name: set(_of_policies(it.get("Policies", []), resources)) for it in functions}


def _of_policies(policies: Iterable[Mapping[str, Any]], resources: Mapping[str, Any]) -> Iterator[str]:
    checked = resources["CheckedRelease"]["Properties"]
    tables = ({"Fn::GetAtt": "CheckedRelease.TableArn"}, checked["TableArn"])  # the latter for the check itself
    keys = ({"Fn::GetAtt": "CheckedRelease.CredentialsKeyArn"}, checked["CredentialsKeyArn"])
    for policy in policies:
        shared = resources[policy["Ref"]]["Properties"]["PolicyDocument"] if "Ref" in policy else policy
        for statement in shared["Statement"]:
            match statement:
                case {
                    "Effect": "Allow",
                    "Action": action,
                    "Resource": resource,
                    "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [partition]}},
                } if resource in tables:
                    yield from (f"{it} on {partition}" for it in ([action] if isinstance(action, str) else action))
                case {
                    "Effect": "Allow",
                    "Action": "kms:Encrypt" | "kms:Decrypt" as action,
                    "Resource": resource,
                    "Condition": {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": [_, _]}},
                } if resource in keys:
                    yield action
                case _:
                    raise ValueError(f"A policy must allow actions on a kind of partition, not {statement}.")


def faults(used: Actions, allowed: Actions, is_whole: bool) -> list[str]:
    """What is wrong with the policies, one line each; unused actions only if all endpoint tests ran."""
    found = []
    for function, may in sorted(allowed.items()):
        does = used.get(function, set())
        found += [f"{function} needs {action}, which its policy lacks." for action in sorted(does - may)]
        if is_whole:
            found += [f"{function} may {action} and never does." for action in sorted(may - does)]
    return found


class Run:
    """What this run of pytest has shown; under pytest-xdist the results of all workers."""

    def __init__(self) -> None:
        self.used: defaultdict[str, set[str]] = defaultdict(set)
        self.files: set[Path] = set()
        self.is_narrowed = False
        self.lines: list[str] = []

    def is_whole(self, session: pytest.Session) -> bool:
        is_narrowed = self.is_narrowed or any("::" in argument for argument in session.config.args)
        return session.exitstatus == 0 and not is_narrowed and self.files >= set(ENDPOINT_TESTS.rglob("test_*.py"))


run = Run()


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Without the long tests a run is whole too: the others of the same function do what those do, in less time."""
    for item in items:
        if item.get_closest_marker("long"):
            run.files.add(item.path)
        else:
            run.is_narrowed |= ENDPOINT_TESTS in item.path.parents


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    run.files.add(ROOT / report.nodeid.split("::")[0])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker of pytest-xdist has ended."""
    part = getattr(node, "workeroutput", {}).get(WORKER_OUTPUT, {"used": {}, "files": [], "is_narrowed": True})
    run.is_narrowed |= part["is_narrowed"]
    run.files |= {Path(it) for it in part["files"]}
    for function, its_actions in part["used"].items():
        run.used[function] |= set(its_actions)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        used = {function: sorted(its_actions) for function, its_actions in run.used.items()}
        files = [str(it) for it in run.files]
        session.config.workeroutput[WORKER_OUTPUT] = {"used": used, "files": files, "is_narrowed": run.is_narrowed}
        return
    is_whole, policies = run.is_whole(session), allowed()
    run.lines = faults(run.used, policies, is_whole)
    if run.lines:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    elif is_whole:
        run.lines = [f"IAM: {len(policies)} functions used every action that their policies allow, and no other."]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in run.lines:
        terminalreporter.write_line(line)
