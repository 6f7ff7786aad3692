"""Whatever happens to assistants and numbers, in whatever order, both sides of every assignment agree."""

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from assistants_api.storage.table import Table
from tests.engines import new_table
from tests.harness import new_account

NUMBERS = [f"+1415555010{digit}" for digit in range(4)]
# Assigning is what most of the others need to have happened.
OPERATIONS = st.tuples(
    st.sampled_from(
        ["assign"] * 5
        + ["import", "import", "create", "clone", "delete", "release", "pin", "pin", "assign any", "release any"]
    ),
    st.sampled_from([0, 1]),
    st.integers(0, 9),
    st.sets(st.integers(0, 9), min_size=1, max_size=3),
    st.booleans(),
)


def id_of(number: str) -> str:
    return number.replace("+", "pn_")


class TwoAccounts:
    """`owner`, `holder` and `pinned` are what should be: whose a number is, which assistant holds it, and which are
    pinned. `which` counts those there are, round and round."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.accounts = [new_account("my-team"), new_account("other-team")]
        self.assistants: list[list[str]] = [[], []]
        self.owner: dict[str, int] = {}
        self.holder: dict[str, str] = {}
        self.pinned = set[str]()
        for account in (0, 1):
            self.create(account)
            for number in NUMBERS[2 * account :][:2]:
                self.import_number(account, number)

    def held(self, assistant: str) -> list[str]:
        return sorted(id_of(number) for number, holder in self.holder.items() if holder == assistant)

    def own_numbers(self, account: int) -> list[str]:
        return sorted(number for number, owner in self.owner.items() if owner == account)

    def some_assistant(self, account: int, which: int) -> str:
        """One of the account's, or of nobody if it has none."""
        own = self.assistants[account]
        return own[which % len(own)] if own else "asst_01jd5xexamp1e0000000000000"

    def do(self, operation: str, account: int, which: int, several: set[int], flag: bool) -> None:
        own, any_number = self.own_numbers(account), NUMBERS[which % len(NUMBERS)]
        match operation:
            case "create":
                self.create(account)
            case "clone":
                self.clone(account, which)
            case "import":
                self.import_number(account, any_number)
            case "assign":
                self.assign(account, which, {own[each % len(own)] for each in several if own}, flag)
            case "assign any":
                self.assign(account, which, {NUMBERS[each % len(NUMBERS)] for each in several}, flag)
            case "delete":
                self.delete(account, which, flag)
            case "release":
                self.release(account, own[which % len(own)] if own else any_number, flag)
            case "pin":
                self.pin(account, own[which % len(own)] if own else any_number, flag)
            case "release any":
                self.release(account, any_number, flag)

    def create(self, account: int) -> None:
        self.assistants[account].append(self.accounts[account].new_assistant("inbound-support")["id"])

    def clone(self, account: int, which: int) -> None:
        reply = self.accounts[account].call("clone_assistant", self.some_assistant(account, which), raw="")
        assert reply.status == (200 if self.assistants[account] else 404)
        if reply.status == 200:
            assert reply.json["assistant"]["phone_number_ids"] == []
            self.assistants[account].append(reply.json["assistant"]["id"])

    def import_number(self, account: int, number: str) -> None:
        caller = self.accounts[account]
        body = {"accountSlug": caller.slug, "phoneNumber": number}
        reply = caller.call("import_phone_number", body=body)
        assert reply.status == (200 if self.owner.setdefault(number, account) == account else 409)

    def assign(self, account: int, which: int, numbers: set[str], reassign: bool) -> None:
        assistant = self.some_assistant(account, which)
        reply = self.accounts[account].assign(assistant, [id_of(number) for number in numbers], reassign=reassign)
        if not self.assistants[account] or any(self.owner.get(number) != account for number in numbers):
            assert reply.status == 404
        elif not reassign and any(self.holder.get(number, assistant) != assistant for number in numbers):
            assert (reply.status, reply.code) == (409, "phone_number_assigned")
        else:
            assert reply.status == 200
            before = self.holder
            self.holder = {number: holder for number, holder in before.items() if holder != assistant}
            self.holder |= dict.fromkeys(numbers, assistant)
            self.pinned -= {number for number, holder in before.items() if self.holder.get(number) != holder}

    def delete(self, account: int, which: int, force: bool) -> None:
        assistant = self.some_assistant(account, which)
        query = {"force": str(force).lower()}
        reply = self.accounts[account].call("delete_assistant", assistant, query=query, body={})
        if not self.assistants[account]:
            assert reply.status == 404
        elif self.held(assistant) and not force:
            assert (reply.status, reply.code) == (409, "assistant_has_phone_numbers")
        else:
            assert reply.status == 200
            self.assistants[account].remove(assistant)
            self.pinned -= {number for number, holder in self.holder.items() if holder == assistant}
            self.holder = {number: holder for number, holder in self.holder.items() if holder != assistant}

    def release(self, account: int, number: str, force: bool) -> None:
        query = {"force": str(force).lower()}
        reply = self.accounts[account].call("delete_phone_number", id_of(number), query=query, body={})
        if self.owner.get(number) != account:
            assert reply.status == 404
        elif number in self.holder and not force:
            assert (reply.status, reply.code) == (409, "phone_number_assigned")
        else:
            assert reply.status == 200
            del self.owner[number]
            self.holder.pop(number, None)
            self.pinned.discard(number)

    def pin(self, account: int, number: str, flag: bool) -> None:
        """To the version that each assistant has, or to the newest."""
        versions = [{"version": 1}] if flag else []
        reply = self.accounts[account].call("update_phone_number", id_of(number), body={"versions": versions})
        if self.owner.get(number) != account:
            assert reply.status == 404
        elif flag and number not in self.holder:
            assert (reply.status, reply.code) == (409, "phone_number_not_assigned")
        else:
            assert reply.status == 200
            self.pinned = self.pinned | {number} if flag else self.pinned - {number}

    def check_stored(self) -> None:
        """Both sides of every assignment, and of the ownership of every number, at every step."""
        seen = "PK, SK, account_id, assistant_id, phone_number_ids"
        items = self.table.client.scan(TableName=self.table.name, ConsistentRead=True, ProjectionExpression=seen)[
            "Items"
        ]
        parts = {f"ACCOUNT#{account.id}": index for index, account in enumerate(self.accounts)}
        assistants, numbers, taken = {}, list[tuple[str, int, str | None]](), {}
        for item in items:
            pk, (kind, _, name) = item["PK"]["S"], item["SK"]["S"].partition("#")
            if kind == "ASSISTANT":
                assistants[parts[pk], name] = sorted(item.get("phone_number_ids", {"SS": []})["SS"])
            elif pk.startswith("NUMBER#"):
                taken[pk.removeprefix("NUMBER#")] = parts[f"ACCOUNT#{item['account_id']['S']}"]
            elif kind == "NUMBER":
                numbers.append((name, parts[pk], item["assistant_id"]["S"] if "assistant_id" in item else None))
        both = ((account, assistant) for account in (0, 1) for assistant in self.assistants[account])
        assert assistants == {(account, assistant): self.held(assistant) for account, assistant in both}
        assert sorted(numbers) == sorted(
            (number, owner, self.holder.get(number)) for number, owner in self.owner.items()
        )
        assert taken == self.owner

    def check_answers(self, account: int) -> None:
        """The lists, the single resources and the routes agree, and show nothing of the other account."""
        caller, own = self.accounts[account], self.assistants[account]
        listed: dict[str, Any] = {
            each["id"]: each for page in caller.pages("list_assistants") for each in page["assistants"]
        }
        assert {name: each["phone_number_ids"] for name, each in listed.items()} == {one: self.held(one) for one in own}
        assert all(caller.get(assistant) == listed[assistant] for assistant in own)
        numbers = {each["phone_number"]: each for each in caller.call("list_phone_numbers").json["numbers"]}
        assert list(numbers) == self.own_numbers(account)
        for number in NUMBERS:
            routed, single = caller.route(number), caller.call("get_phone_number", id_of(number))
            if number not in numbers:
                assert (routed.status, single.status) == (404, 404)
                continue
            holder = self.holder.get(number, "")
            assert single.json["phone_number"] == routed.json["phone_number"] == numbers[number]
            assert numbers[number]["assistant_id"] == (holder or None)
            assert (numbers[number]["versions"] is not None) == (number in self.pinned)
            expected = listed[holder] if holder else None
            if number in self.pinned:  # as of its version, which was made before the assignments
                expected = listed[holder] | {"updated_at": listed[holder]["created_at"]}
            assert routed.json["assistant"] == expected
            assert routed.json["reason"] == ("routed" if holder else "unassigned")
        for foreign in self.assistants[1 - account]:
            assert caller.call("get_assistant", foreign).status == 404


@pytest.mark.long
@settings(max_examples=10, deadline=None)
@given(st.lists(OPERATIONS, min_size=20, max_size=20))
def test_numbers_and_assistants_agree_whatever_happens(operations: list[tuple[str, int, int, set[int], bool]]) -> None:
    with new_table() as table:
        world = TwoAccounts(table)
        for operation in operations:
            world.do(*operation)
            world.check_stored()
        for account in (0, 1):
            world.check_answers(account)
