from tests.catalogue import QUERY, READ, TRANSACT
from tests.faults.scenarios.scenario import Attempt, fresh_number, scenario
from tests.harness import Account


def assistants(account: Account, **query: str) -> list[str]:
    return [assistant["id"] for page in account.pages("list_assistants", **query) for assistant in page["assistants"]]


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


@scenario("list_versions")
def _(account: Account) -> Attempt:
    assistant = account.new_assistant()["id"]
    return Attempt(lambda: account.call("list_versions", assistant))


@scenario("get_version")
def _(account: Account) -> Attempt:
    assistant = account.new_assistant()["id"]
    return Attempt(lambda: account.call("get_version", assistant, "1"))


@scenario("restore_version")
def _(account: Account) -> Attempt:
    assistant = account.new_assistant(temperature=0.1)["id"]

    def done() -> bool:
        now = account.get(assistant)
        versions = account.call("list_versions", assistant).json["versions"]
        assert [it["version"] for it in versions] == list(range(now["version"], 0, -1))
        return bool(now["temperature"] == 0.7)

    return Attempt(lambda: account.call("restore_version", assistant, "1", body={}), done)


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


@scenario("restore_assistant")
def _(account: Account) -> Attempt:
    assistant = account.new_assistant()["id"]
    account.call("delete_assistant", assistant)

    def done() -> bool:
        live, deleted = assistants(account), assistants(account, deleted="true")
        assert sorted([live, deleted]) == [[], [assistant]]
        return bool(live)

    return Attempt(lambda: account.call("restore_assistant", assistant, body={}), done)


@scenario("list_assistants", "that were deleted")
def _(account: Account) -> Attempt:
    account.call("delete_assistant", account.new_assistant()["id"])
    return Attempt(lambda: account.call("list_assistants", query={"deleted": "true"}))


@scenario("assign_phone_numbers")
def _(account: Account) -> Attempt:
    assistant, numbers = account.new_assistant()["id"], [account.new_number(fresh_number()) for _ in range(2)]

    def done() -> bool:
        after = account.get(assistant)
        changes = account.changes(assistant)
        assert (after["phone_number_ids"], changes) in [([], 1), (numbers, 2)]
        return changes == 2

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
        changes = account.changes(assistant)
        held = (after["phone_number_ids"], changes, account.get(holder)["phone_number_ids"])
        assert held in [([dropped], 2, [taken]), ([taken, free], 3, [])]
        return changes == 3

    return Attempt(lambda: account.assign(assistant, [taken, free], reassign=True), done)


@scenario("render_assistant")
def _(account: Account) -> Attempt:
    assistant = account.new_assistant("custom", system_prompt="{{contact.fist_name}}")["id"]
    body = {"variables": {"contact": {"first_name": "Ada"}}}
    return Attempt(lambda: account.call("render_assistant", assistant, body=body))


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


@scenario("list_providers")
def _(account: Account) -> Attempt:
    return Attempt(lambda: account.call("list_providers"))


@scenario("export_assistant")
def _(account: Account) -> Attempt:
    assistant = account.new_assistant()["id"]
    return Attempt(lambda: account.call("export_assistant", assistant))


@scenario("import_assistant")
def _(account: Account) -> Attempt:
    name = fresh_number()
    body = {"export": {"external_id": name, "configuration": {"name": name}}}

    def done() -> bool:
        found = assistants(account, name=name)
        assert len(found) <= 1
        return len(found) == 1

    return Attempt(lambda: account.call("import_assistant", body=body), done)


@scenario("import_assistant", "of a name that is there", (READ, QUERY, TRANSACT))
def _(account: Account) -> Attempt:
    name = f"Holder of {fresh_number()}"
    assistant = account.new_assistant(name=name, temperature=0.1)["id"]
    body = {"export": {"configuration": {"name": name, "temperature": 0.2}}}
    return Attempt(
        lambda: account.call("import_assistant", body=body),
        lambda: bool(account.get(assistant)["temperature"] == 0.2),
    )
