"""What an operator does with accounts: makes, finds and lists them, and changes what they are called and may do."""

from collections.abc import Iterator
from typing import Any

from assistants_api.errors import AccountNotFound, ConcurrentChange, SlugTaken
from assistants_api.models.account import COUNTABLES, Account
from assistants_api.models.account_requests import AccountListQuery, AccountNames, AccountQuotas, NewAccount
from assistants_api.models.ids import new_ulid, timestamp
from assistants_api.storage import accounts, keys
from assistants_api.storage.actions import Action, Delete, Put, Update
from assistants_api.storage.client import races
from assistants_api.storage.conditions import EXISTS, absent, equal
from assistants_api.storage.errors import ConditionFailed, TransactionFailed
from assistants_api.storage.pages import Listed, fitting
from assistants_api.storage.table import Table
from assistants_api.storage.values import Item

STAYS = EXISTS & absent("erasing_since")


def create(table: Table, new: NewAccount) -> Account:
    """Raises SlugTaken."""
    account = Account(id=f"acct_{new_ulid()}", slug=new.slug, name=new.name, created_at=timestamp())
    (pk, sk), record = keys.account(account.id), account.model_dump(exclude=set[str](COUNTABLES))
    try:
        table.transact([_claim(account), Put({"PK": pk, "SK": sk, **record}), _entry(account.id)])
    except TransactionFailed as failure:
        _check_holder(failure, account)
    return account


def id_of_slug(table: Table, slug: str) -> str:
    """Raises AccountNotFound."""
    key = keys.slug_taken(slug)
    holder = table.read([key])[key]
    if holder is None:
        raise AccountNotFound(slug)
    return str(holder["account_id"])


def of_slug(table: Table, slug: str) -> Account:
    """Raises AccountNotFound."""
    account = keys.account(id_of_slug(table, slug))
    return accounts.from_item(table.read([account])[account])


def in_use(table: Table, slug: str) -> Account:
    """Raises AccountNotFound and AccountErasing."""
    account = of_slug(table, slug)
    account.check_stays()
    return account


def page(table: Table, wanted: AccountListQuery) -> Listed[Account]:
    """In the order of their creation."""
    after = wanted.model_dump().get("cursor")
    entries, next_key = table.query(keys.ALL_ACCOUNTS, "", wanted.limit, after=after)
    found = table.read_many([keys.account(entry["SK"]) for entry in entries])
    return fitting([item for item in found.values() if item], next_key, accounts.from_item)


def suspend(table: Table, account: Account) -> Account:
    """Raises AccountNotFound and AccountErasing, as all changes do."""
    if account.suspended_at:
        return account
    return _change(table, account, set={"suspended_at": timestamp()})


def resume(table: Table, account: Account) -> Account:
    return _change(table, account, remove=["suspended_at"])


def set_quotas(table: Table, account: Account, wanted: AccountQuotas) -> Account:
    """Sets those that are sent; None leaves it to the deployment again."""
    given = {name: maximum for name, maximum in wanted.sent().items() if maximum is not None}
    return _change(table, account, set=given, remove=wanted.sent().keys() - given.keys())


def rename(table: Table, account: Account, wanted: AccountNames) -> Account:
    """The old slug is free then, and API keys work on: they name the account by its id. Raises SlugTaken and
    ConcurrentChange too."""
    sent = wanted.sent()
    for _ in races(table.deadline):
        names = {"slug": sent.get("new_slug", account.slug), "name": sent.get("name", account.name)}
        renamed = account.model_copy(update=names)
        try:
            table.transact(list(_renaming(account, renamed)))
            return renamed
        except TransactionFailed as failure:
            _check_holder(failure, renamed)
            if keys.account(account.id) in failure.items:
                account = _unerased(failure.items[keys.account(account.id)], account)
    raise ConcurrentChange("Others are renaming the account at the same time; try again.")


def _renaming(account: Account, renamed: Account) -> Iterator[Action]:
    """The transaction. An account of an earlier release gets its entry in the list with it."""
    as_read = STAYS & equal("slug", account.slug) & equal("name", account.name)
    yield Update(keys.account(account.id), as_read, set={"slug": renamed.slug, "name": renamed.name})
    yield _entry(account.id)
    if renamed.slug != account.slug:
        yield _claim(renamed)
        yield Delete(keys.slug_taken(account.slug), equal("account_id", account.id))


def _change(table: Table, account: Account, **changes: Any) -> Account:
    """Raises AccountNotFound and AccountErasing."""
    try:
        return accounts.from_item(table.update(Update(keys.account(account.id), STAYS, **changes)))
    except ConditionFailed as failure:
        return _unerased(failure.item, account)


def _unerased(item: Item | None, account: Account) -> Account:
    """The account as it is now. Raises AccountNotFound and AccountErasing."""
    if item is None:
        raise AccountNotFound(account.slug)
    stored = accounts.from_item(item)
    stored.check_stays()
    return stored


def _claim(account: Account) -> Put:
    pk, sk = keys.slug_taken(account.slug)
    return Put({"PK": pk, "SK": sk, "account_id": account.id})


def _entry(account_id: str) -> Update:
    return Update(keys.listed_account(account_id), set={"account_id": account_id})


def _check_holder(failure: TransactionFailed, account: Account) -> None:
    """Raises SlugTaken, but not where an attempt whose answer was lost gave the slug to this account."""
    key = keys.slug_taken(account.slug)
    holder = failure.items.get(key)
    if key in failure.items and not (holder and holder["account_id"] == account.id):
        raise SlugTaken(account.slug) from None
