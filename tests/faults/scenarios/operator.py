from typing import Any

from tests.faults.scenarios.scenario import Attempt, api_keys, fresh_number, scenario
from tests.harness import Account, Reply, admin, new_account, new_key


def operator(action: str, **payload: object) -> Reply:
    answer = admin(action, **payload)
    status = 200 if answer["ok"] else 503 if answer["code"] == "unavailable" else 500
    return Reply(status, {"retry-after": "1"}, "")


@scenario("admin_create_account")
def _(account: Account) -> Attempt:
    new = {"slug": "new", "name": "New"}
    return Attempt(lambda: operator("create_account", **new), lambda: admin("list_api_keys", slug="new")["ok"])


def shown(slug: str) -> Any:
    return admin("show_account", slug=slug)["account"]


for reading in ("list_accounts", "list_over_quota"):

    @scenario(f"admin_{reading}")
    def _(account: Account, action: str = reading) -> Attempt:
        return Attempt(lambda: operator(action))


for reading in ("show_account", "export_account"):

    @scenario(f"admin_{reading}")
    def _(account: Account, action: str = reading) -> Attempt:
        return Attempt(lambda: operator(action, slug=account.slug))


@scenario("admin_suspend_account")
def _(account: Account) -> Attempt:
    return Attempt(
        lambda: operator("suspend_account", slug=account.slug),
        lambda: shown(account.slug)["suspended_at"] is not None,
    )


@scenario("admin_resume_account")
def _(account: Account) -> Attempt:
    admin("suspend_account", slug=account.slug)
    return Attempt(
        lambda: operator("resume_account", slug=account.slug), lambda: shown(account.slug)["suspended_at"] is None
    )


@scenario("admin_rename_account")
def _(account: Account) -> Attempt:
    def done() -> bool:
        is_free, renamed = (not admin("show_account", slug=slug)["ok"] for slug in (account.slug, "our-team"))
        assert is_free is not renamed
        return is_free

    return Attempt(lambda: operator("rename_account", slug=account.slug, new_slug="our-team", name="Our Team"), done)


@scenario("admin_set_quotas")
def _(account: Account) -> Attempt:
    return Attempt(
        lambda: operator("set_quotas", slug=account.slug, max_assistants=7, max_api_keys=None),
        lambda: shown(account.slug)["max_assistants"] == 7,
    )


@scenario("admin_erase_account")
def _(account: Account) -> Attempt:
    """What begins it."""
    admin("suspend_account", slug=account.slug)
    return Attempt(
        lambda: operator("erase_account", slug=account.slug),
        lambda: shown(account.slug)["erasing_since"] is not None,
    )


@scenario("admin_transfer_phone_number")
def _(account: Account) -> Attempt:
    other, number = new_account("other-team"), fresh_number()
    account.assign(account.new_assistant()["id"], [account.new_number(number)])
    sent = {"slug": account.slug, "phone_number": number, "to_slug": other.slug}

    def done() -> bool:
        mine, theirs = (len(each.call("list_phone_numbers").json["numbers"]) for each in (account, other))
        assert mine + theirs == 1
        return theirs == 1

    return Attempt(lambda: operator("transfer_phone_number", **sent), done)


@scenario("admin_free_phone_number")
def _(account: Account) -> Attempt:
    number = fresh_number()
    account.assign(account.new_assistant()["id"], [account.new_number(number)])
    return Attempt(
        lambda: operator("free_phone_number", slug=account.slug, phone_number=number),
        lambda: account.call("list_phone_numbers").json["numbers"] == [],
    )


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
