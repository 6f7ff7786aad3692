"""Who asks carriers decrypts credentials for it, and shows them to nobody."""

import json
from base64 import b64decode
from collections.abc import Callable
from unittest.mock import patch

import pytest
from botocore.exceptions import EndpointConnectionError
from werkzeug.wrappers import Response

from assistants_api.storage import credentials
from tests import carriers
from tests.carriers import twilio
from tests.endpoints.at_twilio import (
    NUMBER_ID,
    import_through,
)
from tests.harness import Account, Reply


@pytest.fixture(params=["import_phone_number", "sync_phone_number", "delete_phone_number", "list_carrier_numbers"])
def ask(request: pytest.FixtureRequest, account: Account, connection: str) -> Callable[[], Reply]:
    """Calls a function that asks the carrier, of a number that is imported already, in a process that has decrypted no
    credentials yet."""
    import_through(account, connection)
    twilio.asked.clear()
    credentials.from_env()._decrypted.clear()
    if request.param == "import_phone_number":
        return lambda: import_through(account, connection)
    named = connection if request.param == "list_carrier_numbers" else NUMBER_ID
    return lambda: account.call(request.param, named)


def test_whoever_asks_a_carrier_decrypts_its_credentials(ask: Callable[[], Reply]) -> None:
    assert ask().status == 200
    assert twilio.asked


@pytest.mark.long
def test_without_kms_no_carrier_is_asked_and_only_a_deletion_goes_on(
    ask: Callable[[], Reply], account: Account, output: Callable[[], str]
) -> None:
    def refuse(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="")

    events = credentials.from_env().client.meta.events
    events.register("before-call.kms.Decrypt", refuse)
    with patch("assistants_api.storage.table.REQUEST_SECONDS", 0.1):
        reply = ask()
    events.unregister("before-call.kms.Decrypt", refuse)
    assert not twilio.asked
    if account.call("get_phone_number", NUMBER_ID).status == 404:
        assert (reply.status, '"carrier_failure":"unavailable"' in output()) == (200, True)
    else:
        assert (reply.status, reply.code) == (503, "unavailable")


def test_no_answer_and_no_log_holds_a_credential(account: Account, connection: str, output: Callable[[], str]) -> None:
    token = "a-token-of-twilio"
    carriers.twilio.fault = lambda request: Response(json.dumps({"code": token, "message": token}), 400)
    account.call("update_telephony_connection", connection, body={"authToken": token})
    replies = [import_through(account, connection), account.call("list_carrier_numbers", connection)]
    assert [it.status for it in replies] == [409, 409]
    assert not any(token in it.text for it in replies)
    import_through(account, connection, number="+14155550102")
    login = twilio.asked[-1].authorization
    assert b64decode(login.removeprefix("Basic ")).decode().endswith(f":{token}")
    logged = output()
    assert logged
    assert not any(secret in logged for secret in (token, login.removeprefix("Basic ")))
