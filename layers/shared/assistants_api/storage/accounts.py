"""Accounts in the table, and how many things each has."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from assistants_api.errors import InternalError, MaximumReached
from assistants_api.models.account import COUNTABLES, Account, Countable, Maxima
from assistants_api.storage import keys
from assistants_api.storage.actions import Update
from assistants_api.storage.conditions import EXISTS
from assistants_api.storage.readers import reader
from assistants_api.storage.table import Table
from assistants_api.storage.values import Item

_read = reader(Account.model_validate)


def from_item(item: Item | None) -> Account:
    """Raises InternalError when there is none: an account isn't deleted before what it has."""
    if item is None:
        raise InternalError("the account is missing")
    return _read(item)


def maxima_of_deployment() -> Maxima:
    """They stand in environment variables such as MAX_API_KEYS or MAX_PHONE_NUMBERS."""
    return {things: int(os.environ[f"MAX_{things.upper()}"]) for things in COUNTABLES}


def check_room(account: Account, things: Countable) -> None:
    """Raises MaximumReached when the account has as many of these things as it may."""
    maximum = account.maxima(maxima_of_deployment())[things]
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
