"""What CloudFormation asks of the check of a release, and is told."""

from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from werkzeug import Request, Response
from werkzeug.serving import make_server

from assistants_api import release
from assistants_api.storage.table import Table
from tests.harness import load_handler, sample

NOBODY = "http://127.0.0.1:9"  # nothing listens there


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "PAUSE_SECONDS", 0.0)
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)  # whatever this machine has


def checked(event: dict[str, Any]) -> None:
    load_handler("check_release")(event, None)


@pytest.fixture
def cloudformation() -> Iterator[tuple[str, list[Any]]]:
    """Where it wants its answers, and those that it got."""
    told: list[Any] = []

    @Request.application
    def receive(request: Request) -> Response:
        told.append((request.method, request.headers.get("Content-Type"), request.query_string, request.get_json(True)))
        return Response()

    server = make_server("127.0.0.1", 0, receive)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/answer?signature=x", told
    server.shutdown()
    thread.join()
    server.server_close()


CloudFormation = tuple[str, list[Any]]


def told(cloudformation: CloudFormation, **fields: Any) -> Any:
    """The answer that CloudFormation gets when it asks with the fields besides."""
    url, answers = cloudformation
    checked({**sample("check_release"), "ResponseURL": url, **fields})
    ((method, kind, query, answer),) = answers
    assert (method, kind, query) == ("PUT", "", b"signature=x")
    answers.clear()
    event = sample("check_release")
    assert {name: answer[name] for name in ("StackId", "RequestId", "LogicalResourceId")} == {
        name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")
    }
    return answer


def asked(cloudformation: CloudFormation, **fields: Any) -> Any:
    answer = told(cloudformation, **fields)
    return answer["Status"], answer["Reason"], answer["PhysicalResourceId"]


def test_cloudformation_is_told_the_name_of_what_was_checked(table: Table, cloudformation: CloudFormation) -> None:
    status, reason, name = asked(cloudformation)
    assert (status, reason) == ("SUCCESS", "")
    assert name.startswith("configuration-")
    assert asked(cloudformation)[2] == name


def test_the_rights_of_functions_are_to_what_was_checked(table: Table, cloudformation: CloudFormation) -> None:
    properties = sample("check_release")["ResourceProperties"]
    answered = told(cloudformation)["Data"]
    assert {name: answered[name] for name in ("TableArn", "CredentialsKeyArn")} == {
        name: properties[name] for name in ("TableArn", "CredentialsKeyArn")
    }


def test_the_properties_of_an_earlier_release_are_answered_without_what_they_lack(
    table: Table, cloudformation: CloudFormation
) -> None:
    assert told(cloudformation, ResourceProperties={"Table": "assistants"})["Data"].keys() == {"Name"}


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_any_other_property_makes_another_name(table: Table, cloudformation: CloudFormation, kind: str) -> None:
    properties = sample("check_release")["ResourceProperties"]
    names = {
        asked(cloudformation, RequestType=kind, ResourceProperties=properties | changed)[2]
        for changed in ({}, {"LogLevel": "DEBUG"}, {"CaBundle": "/x"}, {"ServiceTimeout": "1"}, {"ServiceToken": "x"})
    }
    assert len(names) == 3


def test_cloudformation_is_told_why_a_release_is_refused_and_the_name_stays(
    cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/no/such.pem")
    status, reason, name = asked(cloudformation, RequestType="Update", PhysicalResourceId="configuration-0")
    assert (status, name) == ("FAILED", "configuration-0")
    assert reason.startswith("CaBundle: the functions have no file /no/such.pem")
    assert asked(cloudformation)[:2] == (status, reason)


def updated(cloudformation: CloudFormation, physical_id: str, level: str) -> Any:
    """What it is told of an update of the resource with this id to this LogLevel."""
    properties = sample("check_release")["ResourceProperties"] | {"LogLevel": level}
    return asked(cloudformation, RequestType="Update", PhysicalResourceId=physical_id, ResourceProperties=properties)


def test_a_configuration_has_the_same_name_whatever_stood_before_it(
    table: Table, cloudformation: CloudFormation
) -> None:
    names = {
        told(cloudformation, RequestType="Update", PhysicalResourceId=physical_id)["Data"]["Name"]
        for physical_id in ("configuration-0", "configuration-1/configuration-2")
    }
    assert names == {asked(cloudformation)[2]} == {told(cloudformation)["Data"]["Name"]}


def test_the_id_of_an_update_has_the_name_that_it_takes_the_place_of(
    table: Table, cloudformation: CloudFormation
) -> None:
    first = asked(cloudformation)[2]
    _, _, second = updated(cloudformation, first, "DEBUG")
    _, _, third = updated(cloudformation, second, "WARN")
    debug, warn = (it.split("/")[0] for it in (second, third))
    assert (second, third) == (f"{debug}/{first}", f"{warn}/{debug}")
    assert len({first, debug, warn}) == 3


def test_a_rollback_is_never_refused(
    cloudformation: CloudFormation, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = asked(cloudformation)[2]
    _, _, second = updated(cloudformation, first, "DEBUG")
    monkeypatch.setenv("AWS_CA_BUNDLE", "/no/such.pem")
    assert updated(cloudformation, first, "INFO") == ("SUCCESS", "", first), "after its own failure"
    assert updated(cloudformation, second, "DEBUG") == ("SUCCESS", "", second), "after its own failure, later"
    assert updated(cloudformation, second, "INFO") == ("SUCCESS", "", first), "after that of a later resource"


def test_what_was_rolled_back_is_checked_again(
    cloudformation: CloudFormation, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = asked(cloudformation)[2]
    _, _, second = updated(cloudformation, first, "DEBUG")
    _, _, back = updated(cloudformation, second, "INFO")
    monkeypatch.setenv("AWS_CA_BUNDLE", "/no/such.pem")
    assert updated(cloudformation, back, "DEBUG")[0] == "FAILED"


def test_a_deletion_is_never_refused(cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/no/such.pem")
    assert asked(cloudformation, RequestType="Delete", PhysicalResourceId="x/y") == ("SUCCESS", "", "x/y")


def test_cloudformation_is_told_of_a_bug_too(cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug() -> None:
        raise LookupError

    monkeypatch.setattr(release, "check", bug)
    with pytest.raises(LookupError):
        asked(cloudformation)
    ((*_, answer),) = cloudformation[1]
    assert (answer["Status"], answer["Reason"]) == ("FAILED", "The check itself failed; the log of the stack says why.")


def test_an_answer_that_does_not_arrive_is_an_error_that_lambda_tries_again(table: Table) -> None:
    with pytest.raises(ConnectionRefusedError):
        checked({**sample("check_release"), "ResponseURL": f"{NOBODY}/answer"})
