"""Whatever goes wrong between a carrier's webhook and DynamoDB or KMS, the call is answered with markup, in time."""

from itertools import count
from typing import Any
from unittest.mock import patch

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from assistants_api import webhook
from assistants_api.storage import client as storage, credentials
from assistants_api.storage.table import Table
from local.proofs.audit import scan, violations
from tests.catalogue import READ, TRANSACT
from tests.faults import injection
from tests.faults.injection import ALWAYS, Fault, injected
from tests.faults.test_every_endpoint import ANYWHERE, READING, TRANSACTING, WRITING
from tests.harness import Account
from tests.webhooks import SAY, answering, connected, elements, ring, ringing, said, send, signed, stream

pytestmark = pytest.mark.usefixtures("without_waiting")

STAYING = {
    "access is denied": injection.refused("AccessDeniedException"),
    "there is no table": injection.refused("ResourceNotFoundException"),
    "the request is invalid": injection.refused("ValidationException"),
}
DISABLED = ClientError(
    {"Error": {"Code": "DisabledException"}, "ResponseMetadata": {"HTTPStatusCode": 400}},  # type: ignore[typeddict-item]
    "Decrypt",
)
READS = ANYWHERE | READING
WRITES = ANYWHERE | WRITING | TRANSACTING


@pytest.fixture
def connection(account: Account) -> str:
    answering(account)
    return connected(account)


def by_name(faults: dict[str, Fault]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("fault", [pytest.param(fault, id=name) for name, fault in faults.items()])


@by_name(READS)
def test_a_read_that_fails_once_is_not_noticed(table: Table, connection: str, fault: Fault) -> None:
    with injected(table.client, fault, 1, READ):
        stream(ring(connection))


@by_name(WRITES)
def test_a_write_that_fails_once_is_not_noticed(table: Table, connection: str, fault: Fault) -> None:
    with injected(table.client, fault, 1, TRANSACT):
        first = ring(connection)
    stream(first)
    assert ring(connection).text == first.text
    assert list(violations(scan(table.client, table.name))) == []


@by_name(READS | STAYING)
def test_a_read_that_goes_on_failing_is_a_busy_signal_where_the_connection_is_unknown(
    table: Table, connection: str, fault: Fault
) -> None:
    webhook._known.cache_clear()
    with injected(table.client, fault, ALWAYS, READ):
        (reject,) = elements(ring(connection))
    assert (reject.tag, reject.attrib) == ("Reject", {"reason": "busy"})


@by_name(READS | STAYING)
def test_a_read_that_goes_on_failing_is_the_fallback_of_a_connection_that_this_process_knows(
    table: Table, connection: str, fault: Fault
) -> None:
    ring(connection, CallSid="CA1")
    with injected(table.client, fault, ALWAYS, READ):
        assert said(ring(connection)) == SAY["text"]


@by_name(WRITES | STAYING)
def test_a_write_that_goes_on_failing_is_the_fallback_and_a_repeat_is_told_what_stands(
    table: Table, connection: str, fault: Fault
) -> None:
    with injected(table.client, fault, ALWAYS, TRANSACT):
        assert said(ring(connection)) == SAY["text"]
    first = ring(connection)
    stream(first)
    assert ring(connection).text == first.text
    assert list(violations(scan(table.client, table.name))) == []


@by_name(READS | STAYING)
def test_a_second_read_that_fails_is_the_fallback(table: Table, connection: str, fault: Fault) -> None:
    """That of who holds the number, which the first call to it in a process takes."""
    with injected(table.client, later(fault), ALWAYS, READ) as sent:
        assert said(ring(connection)) == SAY["text"]
    assert len(sent.sent) > 1


def later(fault: Fault) -> Fault:
    """The fault, from the second request on."""
    requests = count()
    is_first = list[bool]()

    def before(operation: str) -> AWSResponse | None:
        is_first.append(not next(requests))
        return None if is_first[-1] else fault.before(operation)

    def after(operation: str, reply: injection.Reply) -> None:
        if not is_first[-1]:
            fault.after(operation, reply)

    return Fault(before, after)


@pytest.mark.parametrize(
    "failure",
    [
        EndpointConnectionError(endpoint_url="kms"),
        ReadTimeoutError(endpoint_url="kms"),
        DISABLED,
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_a_key_service_that_does_not_decrypt_is_the_fallback(connection: str, failure: Exception) -> None:
    service = credentials.from_env()
    with patch.object(service.client, "decrypt", side_effect=failure, __name__="decrypt"):
        assert said(ring(connection)) == SAY["text"]
    stream(ring(connection))


def test_a_bug_is_a_busy_signal_and_not_an_error(connection: str) -> None:
    event = signed(connection, ringing())
    del event["rawPath"]
    (reject,) = elements(send(event))
    assert reject.tag == "Reject"


def test_the_time_of_all_attempts_together_ends_before_the_carrier_gives_up() -> None:
    """No attempt begins after it, and the last one takes a connection and a read."""
    config: Any = storage.CONFIG
    assert webhook.SECONDS + config.connect_timeout + config.read_timeout < 5


def test_a_process_knows_the_connections_that_it_read_last(
    account: Account, connection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook._known.cache_clear()
    monkeypatch.setattr(webhook, "MAX_KNOWN", 2)
    others = [connected(account) for _ in range(2)]
    for each in (connection, others[0], connection, others[1]):
        ring(each)
    assert [*webhook._known()] == [connection, others[1]]
