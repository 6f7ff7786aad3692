"""A number that is deleted, imported and synced at the same time: it is here and Twilio sends its calls here, or
neither."""

from collections.abc import Callable

import pytest
from werkzeug.wrappers import Request, Response

from assistants_api.storage.table import Table
from tests.carriers import twilio
from tests.endpoints.at_twilio import (
    NUMBER,
    NUMBER_ID,
    at_twilio,
    import_through,
    number_of,
    settings,
    stored_number,
)
from tests.harness import Account, Reply, race

NOWHERE = {"voice_url": "", "voice_fallback_url": "", "status_callback": ""}
Act = Callable[[], object]


def before_changes(*acts: Act) -> None:
    """Lets each act once, in turn, right before the next change at Twilio, and answer it if it returns an answer."""
    waiting = [*acts]

    def fault(request: Request) -> Response | None:
        answer = waiting.pop(0)() if request.method == "POST" and waiting else None
        return answer if isinstance(answer, Response) else None

    twilio.fault = fault


def fail() -> Response:
    return Response(status=500)


def leads_nowhere() -> bool:
    return twilio.numbers[NUMBER].items() >= NOWHERE.items()


@pytest.fixture
def delete(account: Account) -> Callable[[], Reply]:
    return lambda: account.call("delete_phone_number", NUMBER_ID)


@pytest.fixture
def import_again(account: Account, connection: str) -> Act:
    """An import that finds the number set."""

    def act() -> None:
        assert number_of(import_through(account, connection))["sync"]["state"] == "synced"

    return act


def test_a_number_that_is_imported_while_its_deletion_tells_twilio_rings_here(
    account: Account, connection: str, delete: Callable[[], Reply], import_again: Act
) -> None:
    import_through(account, connection)
    before_changes(import_again)
    assert delete().status == 200
    assert stored_number(account)["sync"]["state"] == "synced"
    assert at_twilio(connection) == settings(connection)


def test_a_number_that_is_imported_between_two_deletions_at_once_rings_here(
    account: Account, connection: str, table: Table, delete: Callable[[], Reply], import_again: Act
) -> None:
    import_through(account, connection)

    def rival() -> None:
        assert delete().status == 200
        race(table, "BatchGetItem", lambda: import_through(account, connection))

    race(table, "TransactWriteItems", rival)
    assert delete().status == 200
    assert stored_number(account)["sync"]["state"] == "synced"
    assert at_twilio(connection) == settings(connection)


def test_a_change_whose_answer_is_lost_is_made_good_too(
    account: Account, connection: str, delete: Callable[[], Reply], import_again: Act
) -> None:
    import_through(account, connection)

    def change_and_fail() -> Response:
        import_again()
        twilio.numbers[NUMBER] |= NOWHERE
        return fail()

    before_changes(change_and_fail)
    assert delete().status == 200
    assert stored_number(account)["sync"]["state"] == "synced"
    assert at_twilio(connection) == settings(connection)


def test_a_number_that_could_not_be_set_again_says_so(
    account: Account, connection: str, delete: Callable[[], Reply], import_again: Act
) -> None:
    import_through(account, connection)
    before_changes(import_again, fail)
    assert delete().status == 200
    assert stored_number(account)["sync"]["state"] == "failed"
    assert leads_nowhere()


def test_a_number_that_goes_to_another_connection_is_left_to_that(
    account: Account, connection: str, delete: Callable[[], Reply]
) -> None:
    other = account.new_connection()
    import_through(account, connection)
    before_changes(lambda: import_through(account, other))
    assert delete().status == 200
    assert stored_number(account)["connection_id"] == other


def test_a_number_that_is_deleted_before_its_import_tells_twilio_leads_nowhere(
    account: Account, connection: str, delete: Callable[[], Reply]
) -> None:
    before_changes(delete)
    reply = import_through(account, connection)
    assert (reply.status, reply.code) == (404, "phone_number_not_found")
    assert leads_nowhere()


def test_a_number_that_is_deleted_before_its_sync_tells_twilio_leads_nowhere(
    account: Account, connection: str, delete: Callable[[], Reply]
) -> None:
    import_through(account, connection)
    twilio.numbers[NUMBER] |= NOWHERE
    before_changes(delete)
    reply = account.call("sync_phone_number", NUMBER_ID)
    assert (reply.status, reply.code) == (404, "phone_number_not_found")
    assert leads_nowhere()


@pytest.mark.parametrize("function", ["import_phone_number", "sync_phone_number"])
def test_a_number_that_is_imported_again_after_that_rings_here(
    account: Account, connection: str, delete: Callable[[], Reply], import_again: Act, function: str
) -> None:
    import_through(account, connection)
    twilio.numbers[NUMBER] |= NOWHERE
    before_changes(delete, import_again)
    reply = account.call(function, NUMBER_ID) if function.startswith("sync") else import_through(account, connection)
    assert (reply.status, reply.code) == (404, "phone_number_not_found")
    assert stored_number(account)["sync"]["state"] == "synced"
    assert at_twilio(connection) == settings(connection)


def test_a_carrier_that_fails_by_then_changes_no_answer(
    account: Account, connection: str, delete: Callable[[], Reply]
) -> None:
    before_changes(delete, fail)
    assert import_through(account, connection).code == "phone_number_not_found"


def test_a_deletion_that_finds_no_number_asks_nobody(
    account: Account, connection: str, delete: Callable[[], Reply]
) -> None:
    import_through(account, connection)
    delete()
    twilio.numbers[NUMBER] |= settings(connection)
    asked = len(twilio.asked)
    assert (delete().status, len(twilio.asked)) == (404, asked)
