from tests.faults.scenarios.scenario import Attempt, api_keys, scenario
from tests.harness import Account, Reply, admin, new_key


def operator(action: str, **payload: object) -> Reply:
    answer = admin(action, **payload)
    status = 200 if answer["ok"] else 503 if answer["code"] == "unavailable" else 500
    return Reply(status, {"retry-after": "1"}, "")


@scenario("admin_create_account")
def _(account: Account) -> Attempt:
    new = {"slug": "new", "name": "New"}
    return Attempt(lambda: operator("create_account", **new), lambda: admin("list_api_keys", slug="new")["ok"])


@scenario("admin_create_api_key")
def _(account: Account) -> Attempt:
    key = {"slug": account.slug, "name": "x", "environment": "live", "scopes": ["*"]}

    def done() -> bool:
        assert len(api_keys(account)) <= 2
        return len(api_keys(account)) == 2

    return Attempt(lambda: operator("create_api_key", **key), done)


@scenario("admin_list_api_keys")
def _(account: Account) -> Attempt:
    return Attempt(lambda: operator("list_api_keys", slug=account.slug))


@scenario("admin_revoke_api_key")
def _(account: Account) -> Attempt:
    other = new_key(account.slug, account.id).key_id
    return Attempt(
        lambda: operator("revoke_api_key", slug=account.slug, id=other),
        lambda: api_keys(account)[other]["is_active"] is False,
    )
