from tests import carriers
from tests.catalogue import READ, TRANSACT
from tests.faults.scenarios.scenario import Attempt, fresh_number, scenario
from tests.harness import Account, Reply


@scenario("import_phone_number")
def _(account: Account) -> Attempt:
    number = fresh_number()
    body = {"accountSlug": account.slug, "phoneNumber": number}
    return Attempt(
        lambda: account.call("import_phone_number", body=body),
        lambda: account.call("get_phone_number", number.replace("+", "pn_")).status == 200,
    )


def at_carrier() -> str:
    """A number of the carrier's that is not imported."""
    number = fresh_number()
    carriers.twilio.add(number)
    return number


@scenario("import_phone_number", "through a connection", (READ, TRANSACT, TRANSACT))
def _(account: Account) -> Attempt:
    connection, number = account.new_connection(), at_carrier()
    body = {"accountSlug": account.slug, "phoneNumber": number, "connectionId": connection}
    return Attempt(
        lambda: account.call("import_phone_number", body=body),
        lambda: account.call("get_phone_number", number.replace("+", "pn_")).status == 200,
    )


@scenario("sync_phone_number")
def _(account: Account) -> Attempt:
    connection, number = account.new_connection(), at_carrier()
    imported = account.new_number(number, connectionId=connection)
    first = account.call("get_phone_number", imported).json["phone_number"]["sync"]
    carriers.twilio.numbers[number]["trunk_sid"] = f"TK{'0' * 32}"

    def done() -> bool:
        return bool(account.call("get_phone_number", imported).json["phone_number"]["sync"] != first)

    return Attempt(lambda: account.call("sync_phone_number", imported), done)


@scenario("delete_phone_number", "of a connection", (READ, TRANSACT, READ, READ))
def _(account: Account) -> Attempt:
    number = account.new_number(at_carrier(), connectionId=account.new_connection())
    return Attempt(
        lambda: account.force("delete_phone_number", number),
        lambda: account.call("get_phone_number", number).status == 404,
    )


@scenario("get_phone_number")
def _(account: Account) -> Attempt:
    number = account.new_number(fresh_number())
    return Attempt(lambda: account.call("get_phone_number", number))


@scenario("list_phone_numbers")
def _(account: Account) -> Attempt:
    account.new_number(fresh_number())
    return Attempt(lambda: account.call("list_phone_numbers"))


@scenario("update_phone_number")
def _(account: Account) -> Attempt:
    number = account.new_number(fresh_number())
    body = {"accountSlug": account.slug, "status": "suspended"}
    return Attempt(
        lambda: account.call("update_phone_number", number, body=body),
        lambda: account.call("get_phone_number", number).json["phone_number"]["status"] == "suspended",
    )


def pinned(account: Account) -> str:
    """A number that is pinned to an older version and the newest one."""
    assistant, number = account.new_assistant("inbound-support", first_message="Hello")["id"], fresh_number()
    account.assign(assistant, [account.new_number(number)])
    assert pin(account, number, 1, 2).status == 200
    return number


def pin(account: Account, number: str, *versions: int) -> Reply:
    body = {"versions": [{"version": version, "weight": 100 // len(versions)} for version in versions]}
    return account.call("update_phone_number", number.replace("+", "pn_"), body=body)


@scenario("update_phone_number", "to pin it", (READ, TRANSACT))
def _(account: Account) -> Attempt:
    number = pinned(account)
    return Attempt(
        lambda: pin(account, number, 2),
        lambda: [it["version"] for it in account.route(number).json["phone_number"]["versions"]] == [2],
    )


@scenario("delete_phone_number")
def _(account: Account) -> Attempt:
    assistant, number = account.new_assistant()["id"], account.new_number(fresh_number())
    account.assign(assistant, [number])
    return Attempt(
        lambda: account.force("delete_phone_number", number),
        lambda: account.call("get_phone_number", number).status == 404,
    )


@scenario("route_call")
def _(account: Account) -> Attempt:
    assistant, number = account.new_assistant("inbound-support")["id"], fresh_number()
    account.assign(assistant, [account.new_number(number)])
    return Attempt(lambda: account.route(number))


@scenario("prepare_call")
def _(account: Account) -> Attempt:
    assistant, number = account.new_assistant("inbound-support")["id"], fresh_number()
    account.assign(assistant, [account.new_number(number)])
    return Attempt(lambda: account.call("prepare_call", number, body={}))


@scenario("route_call", "to a number that is pinned", (READ, READ))
def _(account: Account) -> Attempt:
    number = pinned(account)
    return Attempt(lambda: account.call("route_call", number, query={"caller": "+14155550199"}))


@scenario("prepare_call", "to a number that is pinned", (READ, READ))
def _(account: Account) -> Attempt:
    number = pinned(account)
    return Attempt(lambda: account.call("prepare_call", number, body={}, query={"caller": "+14155550199"}))
