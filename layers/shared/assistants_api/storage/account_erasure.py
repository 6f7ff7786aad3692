"""Erasing an account, in as many invocations as that takes:

    invocation 1     notes that it is being erased, so that no request is served and no call recorded any more
    30 seconds       in which what was running ends: nothing writes for the account after that
    invocations 2..  delete what it has, page by page; a phone number together with the note of whose it is
    the last one     deletes account, slug and entry in the list, in one transaction

Where the next one begins is what is still there. So it can be killed at any item, and repeated as often as one likes.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from assistants_api.errors import AccountNotFound, AccountNotSuspended, Unavailable
from assistants_api.models.account import Account
from assistants_api.models.ids import phone_number_id, timestamp
from assistants_api.storage import accounts, keys
from assistants_api.storage.actions import Action, Delete, Update
from assistants_api.storage.conditions import absent, equal, present
from assistants_api.storage.errors import ConditionFailed, TransactionFailed
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.table import MAX_ACTIONS, Table
from assistants_api.storage.values import key_of

QUIET_SECONDS = 30  # the longest timeout of a function
MAX_SECONDS = 3  # of deleting, in an invocation
PAGE = 500  # items
KINDS = {  # what the report calls them, by the start of the sort key
    keys.ANSWER: "answers to calls",
    keys.API_KEY: "API keys",
    keys.ASSISTANT: "assistants",
    keys.CALL: "calls",
    keys.CALL_DAY: "counts of calls",
    keys.CONNECTION: "telephony connections",
    keys.DELETED_ASSISTANT: "deleted assistants",
    keys.IDEMPOTENCY: "answers under idempotency keys",
    keys.LAST_USE: "last uses of API keys",
    keys.PHONE_NUMBER: "phone numbers",
    keys.VERSION: "versions",
}
COUNTS = "counts of requests"  # each under its API key, without a kind


@dataclass(frozen=True)
class Erasure:
    """What an invocation has done. Unless it is all, invoke again, so many seconds later."""

    is_done: bool
    erased: Mapping[str, int] = field(default_factory=dict)
    wait_seconds: int = 0


def erase(table: Table, account: Account) -> Erasure:
    """Raises AccountNotSuspended, AccountNotFound and, when not even a first page could be deleted, Unavailable."""
    if wait := _seconds_until_quiet(_begun(table, account)):
        return Erasure(False, wait_seconds=wait)
    erased, ends = Counter[str](), time.monotonic() + MAX_SECONDS
    try:
        for page in _pages(table, account.id):
            _delete(table, account.id, page)
            erased.update(map(_kind, page))
            if time.monotonic() > ends:
                return Erasure(False, erased)
        _finish(table, account)
    except Unavailable:
        if not erased:
            raise
        return Erasure(False, erased, wait_seconds=1)
    return Erasure(True, erased)


def _begun(table: Table, account: Account) -> Account:
    if account.erasing_since:
        return account
    begin = Update(
        keys.account(account.id),
        present("suspended_at") & absent("erasing_since"),
        set={"erasing_since": timestamp()},
    )
    try:
        return accounts.from_item(table.update(begin))
    except ConditionFailed as failure:
        if failure.item is None:
            raise AccountNotFound(account.slug) from None
        stored = accounts.from_item(failure.item)
        if not stored.erasing_since:  # else it was begun by an attempt whose answer was lost
            raise AccountNotSuspended(account.slug) from None
        return stored


def _seconds_until_quiet(account: Account) -> int:
    began = datetime.fromisoformat(str(account.erasing_since))
    return max(0, QUIET_SECONDS + 1 - int((datetime.now(UTC) - began).total_seconds()))


def _pages(table: Table, account_id: str) -> Iterator[Sequence[PrimaryKey]]:
    """The keys of all that the account has but its own item, which comes first in its partition."""
    for partition, first in ((keys.partition(account_id), keys.ACCOUNT_ITEM), (keys.usage_partition(account_id), None)):
        after = first
        while True:  # until the partition ends, or the time of the invocation
            items, after = table.query(partition, "", PAGE, after=after, attributes=())
            if items:
                yield [key_of(item) for item in items]
            if after is None:
                break


def _kind(key: PrimaryKey) -> str:
    kind, separator, _ = key[1].partition("#")
    return COUNTS if key[0].startswith(keys.USAGE) and kind != "LAST" else KINDS.get(kind + separator, "others")


def _delete(table: Table, account_id: str, page: Sequence[PrimaryKey]) -> None:
    numbers = [key for key in page if key[1].startswith(keys.PHONE_NUMBER)]
    for start in range(0, len(numbers), MAX_ACTIONS // 2):
        _free(table, account_id, numbers[start : start + MAX_ACTIONS // 2])
    table.delete_many([key for key in page if not key[1].startswith(keys.PHONE_NUMBER)])


def _free(table: Table, account_id: str, numbers: Sequence[PrimaryKey]) -> None:
    """Deletes each number together with the note of whose it is. A note that says another account's stays."""
    actions = [action for number in numbers for action in _freeing(account_id, number)]
    try:
        table.transact(actions)
    except TransactionFailed as failure:
        table.transact([action for action in actions if action.key not in failure.items])


def _freeing(account_id: str, number: PrimaryKey) -> Iterator[Delete]:
    taken = keys.phone_number_taken(phone_number_id(number[1].removeprefix(keys.PHONE_NUMBER)))
    yield Delete(number)
    yield Delete(taken, absent("PK") | equal("account_id", account_id))


def _finish(table: Table, account: Account) -> None:
    slug = Delete(keys.slug_taken(account.slug), absent("PK") | equal("account_id", account.id))
    actions: list[Action] = [Delete(keys.account(account.id)), Delete(keys.listed_account(account.id)), slug]
    table.transact(actions)
