import pytest

from tests.harness import Account

MISSING = "conn_01jd5xexamp1e000000000000001jd5xexamp1e0000000000000"
BY_ID = ["get_telephony_connection", "update_telephony_connection", "delete_telephony_connection"]


@pytest.mark.parametrize("function", BY_ID)
def test_one_of_another_account_is_as_one_that_never_was(
    account: Account, other_account: Account, function: str
) -> None:
    theirs = other_account.new_connection(provider="sip")
    for connection in (theirs, MISSING):
        reply = account.call(function, connection, body={})
        assert (reply.status, reply.code) == (404, "telephony_connection_not_found")
    assert other_account.call("get_telephony_connection", theirs).status == 200


@pytest.mark.parametrize("function", BY_ID)
@pytest.mark.parametrize("malformed", ["x", "conn_", MISSING.upper(), MISSING.replace("conn", "asst"), f"{MISSING}0"])
def test_a_malformed_id_is_refused(account: Account, function: str, malformed: str) -> None:
    reply = account.call(function, malformed, body={})
    assert (reply.status, reply.code) == (400, "malformed_id")
