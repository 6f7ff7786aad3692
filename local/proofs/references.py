"""What the audit remembers of the items that it has seen: what others have to agree with, and how many there are."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from assistants_api.models.account import COUNTABLES, Countable
from assistants_api.models.assistant import Assistant
from assistants_api.models.warnings import warnings
from assistants_api.storage import keys
from assistants_api.storage.actions import Action, ConditionCheck, Update
from assistants_api.storage.conditions import EXISTS, absent, equal

Item = Mapping[str, Any]


@dataclass(frozen=True)
class Miscount:
    """An account that has `actual` of these things and counts `counted`; None stands for no count at all."""

    account_id: str
    things: Countable
    counted: int | None
    actual: int
    done = "the right count is written"

    def __str__(self) -> str:
        return f"{keys.partition(self.account_id)}: has {self.actual} {self.things} and counts {self.counted or 0}"

    def correction(self) -> list[Action]:
        """A transaction, which fails when the count has changed meanwhile, so that no change is lost."""
        unchanged = absent(self.things) if self.counted is None else equal(self.things, self.counted)
        return [Update(keys.account(self.account_id), EXISTS & unchanged, set={self.things: self.actual})]


@dataclass(frozen=True)
class Unlisted:
    """An account that an earlier release made, which kept no list of accounts."""

    account_id: str
    done = "it is added"

    def __str__(self) -> str:
        return f"{keys.ALL_ACCOUNTS}: lacks the account {self.account_id}"

    def correction(self) -> list[Action]:
        """A transaction, which fails when the account is gone."""
        entry = Update(keys.listed_account(self.account_id), set={"account_id": self.account_id})
        return [ConditionCheck(keys.account(self.account_id), EXISTS), entry]


class References:
    """Facts that two items must agree on, and what is wrong where only one of them states it. It counts, too."""

    def __init__(self, today: date | None = None) -> None:
        self._today = today
        self.attention = set[str]()  # the assistants that need a person today, and of what
        self._unmatched: dict[tuple[str, ...], str] = {}  # fact -> what is wrong if no other item states it
        self._accounts = set[str]()
        self._listed = set[str]()
        self._erasing = set[str]()
        self._partitions = set[str]()
        self._counts: dict[str, Mapping[Countable, int]] = {}  # of each account, as its item states them
        self._actual = Counter[tuple[str, Countable]]()
        self._api_keys = set[tuple[str, str]]()
        self._last_uses = set[tuple[str, str]]()
        self._assistants: dict[tuple[str, str], int] = {}  # the version of each that is there or can be restored
        self._versions = defaultdict[tuple[str, str], set[int]](set)
        self._pins = set[tuple[str, str, str, int]]()

    def add(self, kind: str, *fact: str, fault: str) -> None:
        """Adds a fact as one item states it. The other item states it with the same kind and another fault."""
        key = (kind, *fact)
        if self._unmatched.setdefault(key, fault) != fault:
            del self._unmatched[key]

    def add_account(self, account_id: str, counts: Mapping[Countable, int]) -> None:
        self._accounts.add(account_id)
        self._counts[account_id] = counts

    def add_listed(self, account_id: str) -> None:
        self._listed.add(account_id)

    def add_thing(self, account_id: str, things: Countable) -> None:
        self._actual[account_id, things] += 1

    def add_api_key(self, account_id: str, sha256: str) -> None:
        self._api_keys.add((account_id, sha256))

    def add_last_use(self, account_id: str, sha256: str) -> None:
        self._last_uses.add((account_id, sha256))

    def add_assistant(self, account_id: str, assistant_id: str, version: int) -> bool:
        """Whether it was not added before."""
        is_new = (account_id, assistant_id) not in self._assistants
        self._assistants[account_id, assistant_id] = version
        return is_new

    def add_attention(self, account_id: str, assistant: Assistant) -> None:
        if self._today and (found := warnings(assistant, self._today)):
            where = " ".join(keys.assistant(account_id, assistant.id))
            reasons = dict.fromkeys(f"{each['field']} {each['code']}" for each in found)
            self.attention.add(f"{where}: needs a person: {', '.join(reasons)}")

    def add_version(self, account_id: str, assistant_id: str, version: int) -> None:
        self._versions[account_id, assistant_id].add(version)

    def add_pin(self, account_id: str, number_id: str, assistant_id: str, version: int) -> None:
        self._pins.add((account_id, number_id, assistant_id, version))

    def add_partition(self, account_id: str) -> None:
        self._partitions.add(account_id)

    def add_erasing(self, account_id: str) -> None:
        self._erasing.add(account_id)

    def is_of_erasing(self, line: str) -> bool:
        """Whether the line is about an account that is being erased: what is left of that need not agree."""
        return any(account_id in line for account_id in self._erasing)

    def unmatched(self) -> Iterator[str]:
        for (_, *fact), fault in self._unmatched.items():
            yield f"{' '.join(fact)}: {fault}"
        for account_id in sorted(self._listed - self._accounts):
            yield f"{keys.ALL_ACCOUNTS} {account_id}: is in the list of accounts and is no account"
        for account_id in sorted(self._partitions - self._accounts):
            yield f"{keys.partition(account_id)}: has items and is no account"
        for (account_id, assistant_id), newest in self._assistants.items():
            found = self._versions[account_id, assistant_id]
            if found and found != set(range(min(found), newest + 1)):
                yield f"{keys.partition(account_id)} {assistant_id}: its history up to version {newest} has gaps"
        for account_id, number_id, assistant_id, version in sorted(self._pins):
            if version not in self._versions.get((account_id, assistant_id), ()):
                where = f"{keys.partition(account_id)} {number_id}"
                yield f"{where}: is pinned to version {version} of {assistant_id}, which is not there"

    def miscounts(self) -> Iterator[Miscount | Unlisted]:
        yield from map(Unlisted, self._accounts - self._listed)
        for account_id, counts in self._counts.items():
            for things in COUNTABLES:
                counted, actual = counts.get(things), self._actual[account_id, things]
                if (counted or 0) != actual:
                    yield Miscount(account_id, things, counted, actual)

    def erasures(self) -> Iterator[str]:
        for account_id in self._erasing:
            yield f"{keys.partition(account_id)}: is being erased; erase_account finishes it"

    def leftovers(self) -> Iterator[str]:
        """What a request that was running when its key was deleted can leave, and what PurgeVersions has yet to do."""
        for account_id, sha256 in self._last_uses - self._api_keys:
            yield f"{keys.usage_partition(account_id)} {keys.LAST_USE}{sha256}: is the last use of a key that is gone"
        for account_id, assistant_id in self._versions.keys() - self._assistants.keys():
            where = f"{keys.partition(account_id)} {keys.versions(assistant_id)}"
            yield f"{where}: is the history of an assistant that is gone"
