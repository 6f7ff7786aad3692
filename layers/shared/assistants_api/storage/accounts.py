"""Accounts in the table, and the slugs that name them."""

from assistants_api.errors import AccountNotFound, SlugTaken
from assistants_api.models.account import Account, NewAccount
from assistants_api.models.ids import new_ulid, timestamp
from assistants_api.storage import keys
from assistants_api.storage.actions import Put
from assistants_api.storage.table import Table, TransactionFailed


def create(table: Table, new: NewAccount) -> Account:
    """Raises SlugTaken."""
    account = Account(id=f"acct_{new_ulid()}", slug=new.slug, name=new.name, created_at=timestamp())
    (pk, sk), slug_key = keys.account(account.id), keys.slug_taken(account.slug)
    record = account.model_dump()
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
