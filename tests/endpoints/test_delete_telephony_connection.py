from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, race


def test_nothing_of_it_stays(account: Account, stored: Stored) -> None:
    before = stored.items()
    connection = account.new_connection()
    reply = account.call("delete_telephony_connection", connection)
    assert (reply.status, reply.json["message"]) == (200, "Telephony connection deleted successfully")
    assert stored.items() == before
    assert account.call("delete_telephony_connection", connection).code == "telephony_connection_not_found"


def test_one_that_changes_before_it_is_deleted_stays_if_the_request_says_so(account: Account, table: Table) -> None:
    connection = account.new_connection()
    etag = account.call("get_telephony_connection", connection).headers["etag"]
    body = {"authToken": "new"}
    race(table, "TransactWriteItems", lambda: account.call("update_telephony_connection", connection, body=body))
    reply = account.call("delete_telephony_connection", connection, headers={"if-match": etag})
    assert (reply.status, reply.code) == (412, "precondition_failed")
    assert account.call("get_telephony_connection", connection).status == 200
