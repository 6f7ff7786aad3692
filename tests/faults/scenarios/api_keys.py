from tests.catalogue import READ, TRANSACT
from tests.faults.scenarios.scenario import Attempt, api_keys, scenario
from tests.harness import Account, new_key


@scenario("create_api_key")
def _(account: Account) -> Attempt:
    body = {"name": "x", "scopes": ["calls:route"]}

    def done() -> bool:
        assert len(api_keys(account)) <= 2
        return len(api_keys(account)) == 2

    return Attempt(lambda: account.call("create_api_key", body=body), done)


@scenario("list_api_keys")
def _(account: Account) -> Attempt:
    return Attempt(lambda: account.call("list_api_keys"))


@scenario("test_api_key")
def _(account: Account) -> Attempt:
    return Attempt(lambda: account.call("test_api_key"))


@scenario("update_api_key")
def _(account: Account) -> Attempt:
    other = new_key(account.slug, account.id).key_id
    return Attempt(
        lambda: account.call("update_api_key", other, body={"name": "New"}),
        lambda: api_keys(account)[other]["name"] == "New",
    )


@scenario("update_api_key", "to be inactive", (READ, TRANSACT))
def _(account: Account) -> Attempt:
    other = new_key(account.slug, account.id).key_id
    return Attempt(
        lambda: account.call("update_api_key", other, body={"is_active": False}),
        lambda: api_keys(account)[other]["is_active"] is False,
    )


@scenario("delete_api_key")
def _(account: Account) -> Attempt:
    other = new_key(account.slug, account.id).key_id
    return Attempt(lambda: account.call("delete_api_key", other), lambda: other not in api_keys(account))


@scenario("rotate_api_key")
def _(account: Account) -> Attempt:
    other = new_key(account.slug, account.id).key_id

    def done() -> bool:
        after = api_keys(account)
        assert (len(after), after[other]["expires_at"] is None) in [(2, True), (3, False)]
        return len(after) == 3

    return Attempt(lambda: account.call("rotate_api_key", other, body={"grace_seconds": 60}), done)
