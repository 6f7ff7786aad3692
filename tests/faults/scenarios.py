"""Every endpoint doing what it is for, and how to tell from the table whether it was done."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from tests.catalogue import READ, TRANSACT, WITH_TABLE, Sample
from tests.harness import Account, Reply, admin, new_key


@dataclass(frozen=True)
class Attempt:
    """`done` says whether what `act` asks for has happened; of what only reads, it always has."""

    act: Callable[[], Reply]
    done: Callable[[], bool] = lambda: True


@dataclass(frozen=True, kw_only=True)
class Scenario(Sample):
    """A call of the function, or the action of AdminFunction, with this name in tests/catalogue.py."""

    function: str
    prepare: Callable[[Account], Attempt]


SCENARIOS: list[Scenario] = []
_round_trips = {sample.name: sample.round_trips for sample in WITH_TABLE}
_digits = count()


def scenario(
    function: str, case: str = "", round_trips: tuple[str, ...] = ()
) -> Callable[[Callable[[Account], Attempt]], None]:
    """The usual case, or another one with its own round trips."""

    def add(prepare: Callable[[Account], Attempt]) -> None:
        name, made = f"{function} {case}".strip(), round_trips or _round_trips[function]
        SCENARIOS.append(Scenario(name=name, round_trips=made, function=function, prepare=prepare))

    return add


def fresh_number() -> str:
    return f"+1415{next(_digits):07}"


def operator(action: str, **payload: object) -> Reply:
    answer = admin(action, **payload)
    status = 200 if answer["ok"] else 503 if answer["code"] == "unavailable" else 500
    return Reply(status, {"retry-after": "1"}, "")


def assistants(account: Account) -> list[str]:
    return [assistant["id"] for page in account.pages("list_assistants") for assistant in page["assistants"]]


def api_keys(account: Account) -> dict[str, dict[str, object]]:
    return {key["id"]: key for key in admin("list_api_keys", slug=account.slug)["api_keys"]}


# Assistants


@scenario("create_assistant")
def _(account: Account) -> Attempt:
    body = {"accountSlug": account.slug, "name": "x", "templateId": "inbound-support"}

    def done() -> bool:
        found = assistants(account)
        assert len(found) <= 1
        return len(found) == 1

    return Attempt(lambda: account.call("create_assistant", body=body), done)


@scenario("clone_assistant")
def _(account: Account) -> Attempt:
    original = account.new_assistant()["id"]

    def done() -> bool:
        found = assistants(account)
        assert len(found) <= 2
        return len(found) == 2

    return Attempt(lambda: account.call("clone_assistant", original, body={"name": "Clone"}), done)


@scenario("get_assistant")
def _(account: Account) -> Attempt:
    assistant = account.new_assistant()["id"]
    return Attempt(lambda: account.call("get_assistant", assistant))


@scenario("list_assistants")
def _(account: Account) -> Attempt:
    account.new_assistant()
    return Attempt(lambda: account.call("list_assistants"))


@scenario("update_assistant")
def _(account: Account) -> Attempt:
    assistant = account.new_assistant()["id"]

    def done() -> bool:
        after = account.get(assistant)
        assert (after["name"], after["version"]) in [("Test", 1), ("New", 2)]
        return bool(after["name"] == "New")

    return Attempt(lambda: account.update(assistant, {"if-match": '"1"'}, name="New"), done)


@scenario("delete_assistant")
def _(account: Account) -> Attempt:
    assistant, number = account.new_assistant()["id"], account.new_number(fresh_number())
    account.assign(assistant, [number])
    return Attempt(
        lambda: account.force("delete_assistant", assistant),
        lambda: account.call("get_assistant", assistant).status == 404,
    )


@scenario("assign_phone_numbers")
def _(account: Account) -> Attempt:
    assistant, numbers = account.new_assistant()["id"], [account.new_number(fresh_number()) for _ in range(2)]

    def done() -> bool:
        after = account.get(assistant)
        assert (after["phone_number_ids"], after["version"]) in [([], 1), (numbers, 2)]
        return after["version"] == 2  # type: ignore[no-any-return]

    return Attempt(lambda: account.assign(assistant, numbers), done)


# The first transaction tells who holds a number.
@scenario("assign_phone_numbers", "that others hold", (READ, TRANSACT, TRANSACT))
def _(account: Account) -> Attempt:
    holder, assistant = account.new_assistant()["id"], account.new_assistant()["id"]
    taken, free, dropped = (account.new_number(fresh_number()) for _ in range(3))
    account.assign(holder, [taken])
    account.assign(assistant, [dropped])

    def done() -> bool:
        after = account.get(assistant)
        held = (after["phone_number_ids"], after["version"], account.get(holder)["phone_number_ids"])
        assert held in [([dropped], 2, [taken]), ([taken, free], 3, [])]
        return after["version"] == 3  # type: ignore[no-any-return]

    return Attempt(lambda: account.assign(assistant, [taken, free], reassign=True), done)


@scenario("list_assignable_numbers")
def _(account: Account) -> Attempt:
    assistant = account.new_assistant()["id"]
    account.new_number(fresh_number())
    return Attempt(lambda: account.call("list_assignable_numbers", assistant))


@scenario("list_templates")
def _(account: Account) -> Attempt:
    return Attempt(lambda: account.call("list_templates"))


@scenario("get_template")
def _(account: Account) -> Attempt:
    return Attempt(lambda: account.call("get_template", "custom"))


# Phone numbers and calls


@scenario("import_phone_number")
def _(account: Account) -> Attempt:
    number = fresh_number()
    body = {"accountSlug": account.slug, "phoneNumber": number}
    return Attempt(
        lambda: account.call("import_phone_number", body=body),
        lambda: account.call("get_phone_number", number.replace("+", "pn_")).status == 200,
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


# API keys


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


# The operator


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
