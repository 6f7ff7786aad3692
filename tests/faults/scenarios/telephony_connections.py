from typing import Any

from tests.catalogue import QUERY, READ, TRANSACT
from tests.faults.scenarios.scenario import Attempt, scenario
from tests.harness import Account


def connections(account: Account) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = account.call("list_telephony_connections").json["telephony_connections"]
    return listed


@scenario("create_telephony_connection")
def _(account: Account) -> Attempt:
    def done() -> bool:
        found = connections(account)
        assert len(found) <= 1
        return len(found) == 1

    return Attempt(lambda: account.call("create_telephony_connection"), done)


@scenario("list_telephony_connections")
def _(account: Account) -> Attempt:
    account.new_connection()
    return Attempt(lambda: account.call("list_telephony_connections"))


@scenario("get_telephony_connection")
def _(account: Account) -> Attempt:
    connection = account.new_connection()
    return Attempt(lambda: account.call("get_telephony_connection", connection))


@scenario("update_telephony_connection")
def _(account: Account) -> Attempt:
    connection = account.new_connection()
    etag = account.call("get_telephony_connection", connection).headers["etag"]

    def done() -> bool:
        now = account.call("get_telephony_connection", connection).headers["etag"]
        assert now in ('"1"', '"2"')
        return now == '"2"'

    return Attempt(
        lambda: account.call(
            "update_telephony_connection", connection, body={"authToken": "new"}, headers={"if-match": etag}
        ),
        done,
    )


@scenario("delete_telephony_connection")
def _(account: Account) -> Attempt:
    connection = account.new_connection()
    return Attempt(lambda: account.force("delete_telephony_connection", connection), lambda: not connections(account))


@scenario("delete_telephony_connection", "after a look for its numbers", (READ, QUERY, TRANSACT))
def _(account: Account) -> Attempt:
    connection = account.new_connection()
    return Attempt(lambda: account.call("delete_telephony_connection", connection), lambda: not connections(account))


@scenario("list_carrier_numbers")
def _(account: Account) -> Attempt:
    connection = account.new_connection()
    return Attempt(lambda: account.call("list_carrier_numbers", connection))
