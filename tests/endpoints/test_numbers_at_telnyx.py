"""Phone numbers that are imported through a connection at Telnyx. What all carriers have in common is tested at
Twilio."""

from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from local.stack.carriers import API_KEY
from tests.carriers import telnyx
from tests.conftest import Stored
from tests.harness import Account, Reply

NUMBER, NUMBER_ID = "+14155550101", "pn_14155550101"
PUBLIC_KEY = f"{'A' * 43}="


def connect(account: Account, api_key: str = API_KEY) -> str:
    return account.new_connection(provider="telnyx", apiKey=api_key, publicKey=PUBLIC_KEY)


@pytest.fixture
def connection(account: Account) -> str:
    return connect(account)


def import_through(account: Account, connection: str, number: str = NUMBER) -> Reply:
    body = {"accountSlug": account.slug, "phoneNumber": number, "connectionId": connection}
    return account.call("import_phone_number", body=body)


def state_of(reply: Reply) -> str:
    assert reply.status == 200, reply.text
    return str(reply.json["phone_number"]["sync"]["state"])


def settings(connection: str) -> dict[str, Any]:
    """Of an application whose calls come here."""
    base = f"https://api.example.com/telephony/telnyx/{connection}"
    return {
        "friendly_name": f"assistants {connection}",
        "active": True,
        "voice_url": f"{base}/voice",
        "voice_method": "post",
        "voice_fallback_url": f"{base}/voice",
        "status_callback": f"{base}/status",
        "status_callback_method": "post",
    }


def only_application() -> dict[str, Any]:
    (application,) = telnyx.applications.values()
    return application


def test_the_first_number_makes_the_application_of_the_connection_and_others_join_it(
    account: Account, connection: str
) -> None:
    reply = import_through(account, connection)
    assert state_of(reply) == "synced"
    assert reply.json["phone_number"]["carrier_id"] == telnyx.numbers[NUMBER]["id"]
    application = only_application()
    assert settings(connection).items() <= application.items()
    assert state_of(import_through(account, connection, "+14155550102")) == "synced"
    assert {telnyx.numbers[it]["connection_id"] for it in (NUMBER, "+14155550102")} == {application["id"]}
    assert only_application() == application
    asked = len(telnyx.changes())
    assert state_of(import_through(account, connection)) == "synced"
    assert len(telnyx.changes()) == asked


@pytest.mark.parametrize("case", ["not there", "one that contains it", "not active"])
def test_what_cannot_work_is_refused_and_nothing_is_stored_or_set(
    account: Account, connection: str, stored: Stored, case: str
) -> None:
    if case == "not active":
        telnyx.numbers[NUMBER]["status"] = "port_pending"
    else:
        telnyx.numbers.clear()
    if case == "one that contains it":
        telnyx.add("+141555501010")
    before = stored.items()
    reply = import_through(account, connection)
    assert (reply.status, reply.code) == (
        409,
        "number_not_usable" if case == "not active" else "number_not_at_carrier",
    )
    assert (stored.items(), telnyx.changes()) == (before, [])


def test_a_wrong_key_is_refused_without_showing_it(account: Account, stored: Stored) -> None:
    connection = connect(account, "KEY-that-is-wrong")
    before = stored.items()
    reply = import_through(account, connection)
    assert (reply.status, reply.code) == (409, "carrier_refused")
    assert "with all of apiKey" in reply.json["error"]
    assert "KEY-that" not in reply.text
    assert stored.items() == before


@pytest.mark.parametrize(
    "drift",
    [
        {"voice_url": "https://elsewhere.example.com"},
        {"voice_method": "get", "active": False},
        {"voice_fallback_url": None, "status_callback": ""},
    ],
)
def test_sync_repairs_the_application(account: Account, connection: str, drift: dict[str, Any]) -> None:
    import_through(account, connection)
    only_application().update(drift)
    reply = account.call("sync_phone_number", NUMBER_ID)
    assert {it["field"] for it in reply.json["drift"]} == drift.keys()
    assert state_of(reply) == "synced"
    assert settings(connection).items() <= only_application().items()
    assert account.call("sync_phone_number", NUMBER_ID).json["drift"] == []


def test_sync_takes_a_number_back_from_another_application(account: Account, connection: str) -> None:
    import_through(account, connection)
    own = only_application()["id"]
    telnyx.numbers[NUMBER]["connection_id"] = "1"
    (drift,) = account.call("sync_phone_number", NUMBER_ID).json["drift"]
    assert drift == {"field": "connection_id", "found": "1", "wanted": own}
    assert telnyx.numbers[NUMBER]["connection_id"] == own


def test_an_application_that_was_deleted_is_made_again(account: Account, connection: str) -> None:
    import_through(account, connection)
    telnyx.applications.clear()
    assert state_of(account.call("sync_phone_number", NUMBER_ID)) == "synced"
    assert telnyx.numbers[NUMBER]["connection_id"] == only_application()["id"]


def test_a_deleted_number_leaves_the_application_that_others_share(account: Account, connection: str) -> None:
    for number in (NUMBER, "+14155550102"):
        import_through(account, connection, number)
    assert account.call("delete_phone_number", NUMBER_ID).status == 200
    assert telnyx.numbers[NUMBER]["connection_id"] is None
    assert telnyx.numbers["+14155550102"]["connection_id"] == only_application()["id"]


def test_a_number_that_another_application_has_by_now_stays_there(account: Account, connection: str) -> None:
    import_through(account, connection)
    telnyx.numbers[NUMBER]["connection_id"] = "1"
    assert account.call("delete_phone_number", NUMBER_ID).status == 200
    assert telnyx.numbers[NUMBER]["connection_id"] == "1"


def test_what_ends_between_application_and_number_is_mended_by_a_sync(account: Account, connection: str) -> None:
    def refuse(request: Request) -> Response | None:
        return Response(status=503) if "phone_numbers" in request.path and request.method == "PATCH" else None

    telnyx.fault = refuse
    assert state_of(import_through(account, connection)) == "failed"
    application = only_application()
    telnyx.fault = lambda request: None
    assert state_of(account.call("sync_phone_number", NUMBER_ID)) == "synced"
    assert only_application() == application


@pytest.mark.parametrize("limit", ["1", "2", "100"])
def test_its_numbers_are_listed_in_pages(account: Account, connection: str, limit: str) -> None:
    import_through(account, connection)
    telnyx.numbers["+14155550102"]["status"] = "deleted"
    pages = list(account.pages("list_carrier_numbers", connection, limit=limit))
    listed = {it["phone_number"]: it for page in pages for it in page["numbers"]}
    assert [*listed] == [*telnyx.numbers]
    assert {number for number, it in listed.items() if it["leads_here"]} == {NUMBER}
    assert {number for number, it in listed.items() if it["obstacle"]} == {"+14155550102"}
    assert listed[NUMBER]["phone_number_id"] == NUMBER_ID


@pytest.fixture
def second(account: Account, connection: str) -> dict[str, Any]:
    """Of two applications of the connection, as two first imports at once make them; it has the number."""
    other = "+14155550102"
    waiting = [other]

    def import_other(request: Request) -> None:
        if request.method == "POST" and waiting:
            import_through(account, connection, waiting.pop())

    telnyx.fault = import_other
    assert state_of(import_through(account, connection)) == "synced"
    first, second = telnyx.applications.values()
    assert [telnyx.numbers[it]["connection_id"] for it in (other, NUMBER)] == [first["id"], second["id"]]
    return second


def test_a_number_of_any_application_of_the_connection_leads_here(
    account: Account, connection: str, second: dict[str, Any]
) -> None:
    assert account.call("sync_phone_number", NUMBER_ID).json["drift"] == []
    second["voice_url"] = "https://elsewhere.example.com"
    telnyx.applications[second["id"]] = second
    assert [it["field"] for it in account.call("sync_phone_number", NUMBER_ID).json["drift"]] == ["voice_url"]
    assert all(settings(connection).items() <= it.items() for it in telnyx.applications.values())
    assert telnyx.numbers[NUMBER]["connection_id"] == second["id"]


def test_a_deleted_number_is_taken_from_any_application_of_the_connection(
    account: Account, second: dict[str, Any]
) -> None:
    assert telnyx.numbers[NUMBER]["connection_id"] == second["id"]
    assert account.call("delete_phone_number", NUMBER_ID).status == 200
    assert telnyx.numbers[NUMBER]["connection_id"] is None
    assert len(telnyx.applications) == 2
