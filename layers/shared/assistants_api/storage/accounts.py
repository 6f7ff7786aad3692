"""Accounts in the table, the slugs that name them, and how many things each has."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import get_args

from assistants_api.errors import AccountNotFound, InternalError, MaximumReached, SlugTaken
from assistants_api.models.account import Account, Countable, NewAccount
from assistants_api.models.ids import new_ulid, timestamp
from assistants_api.storage import keys
from assistants_api.storage.actions import Put, Update
from assistants_api.storage.conditions import EXISTS
from assistants_api.storage.errors import TransactionFailed
from assistants_api.storage.table import Table
from assistants_api.storage.values import Item


def create(table: Table, new: NewAccount) -> Account:
    """Raises SlugTaken."""
    account = Account(id=f"acct_{new_ulid()}", slug=new.slug, name=new.name, created_at=timestamp())
    (pk, sk), slug_key = keys.account(account.id), keys.slug_taken(account.slug)
    record = account.model_dump(exclude=set(get_args(Countable)))
    claim = Put({"PK": slug_key[0], "SK": slug_key[1], "account_id": account.id})
    try:
        table.transact([claim, Put({"PK": pk, "SK": sk, **record})])
    except TransactionFailed as failure:
        holder = failure.items.get(slug_key)
        if not holder or holder["account_id"] != account.id:  # else it is ours, and only the answer was lost
            raise SlugTaken(account.slug) from None
    return account


def id_of(table: Table, slug: str) -> str:
    """The id of the account of that slug. Raises AccountNotFound."""
    key = keys.slug_taken(slug)
    item = table.read([key])[key]
    if item is None:
        raise AccountNotFound(slug)
    return str(item["account_id"])


def from_item(item: Item | None) -> Account:
    """Raises InternalError when there is none: an account isn't deleted before its API keys."""
    if item is None:
        raise InternalError("the account of the API key is missing")
    return Account.model_validate(item)


def check_room(account: Account, things: Countable) -> None:
    """Raises MaximumReached when the account has as many of these things as the deployment allows.

    The maximum stands in an environment variable such as MAX_API_KEYS or MAX_PHONE_NUMBERS.
    """
    maximum = int(os.environ[f"MAX_{things.upper()}"])
    if getattr(account, things) >= maximum:
        raise MaximumReached(maximum, things.replace("_", " ").replace("api", "API"))


@contextmanager
def counted(table: Table, account_id: str, things: Countable, change: int) -> Iterator[None]:
    """Counts what the write in the `with` block adds or removes, at the same time, so that it takes no longer.

    The count is not in the write's transaction: all creates of an account would contend for it. So it is nearly right,
    and `make audit` says by how much it differs. A count that fails or is late is left out, so that it stops no write.
    """
    if table.is_dry_run:
        yield
        return
    count = Update(keys.account(account_id), EXISTS, add={things: change})
    outcome = table.start_count(count)
    try:
        yield
    except BaseException:
        if outcome().item:
            table.start_count(replace(count, add={things: -change}))()
        raise
    outcome()
