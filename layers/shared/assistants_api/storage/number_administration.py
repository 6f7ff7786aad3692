"""What an operator does with a phone number of an account: finds it, and moves it to another account."""

from collections.abc import Collection, Iterator

from assistants_api.errors import ConcurrentChange, PhoneNumberHeldElsewhere
from assistants_api.models.account import Account
from assistants_api.models.ids import phone_number_id, timestamp
from assistants_api.models.phone_number import PhoneNumber
from assistants_api.storage import accounts, assignments, keys, phone_numbers
from assistants_api.storage.actions import Action, Delete, Put, Update
from assistants_api.storage.client import races
from assistants_api.storage.conditions import EXISTS, equal
from assistants_api.storage.errors import TransactionFailed
from assistants_api.storage.resources import Unreadable, even_unreadable
from assistants_api.storage.table import Table
from assistants_api.storage.values import Item


def of_account(table: Table, account: Account, number: str) -> PhoneNumber:
    """Raises PhoneNumberHeldElsewhere, which names the account that has it, and ItemUnreadable."""
    return phone_numbers.from_item(_item(table, account, number))


def to_free(table: Table, account: Account, number: str) -> PhoneNumber | Unreadable:
    """Raises PhoneNumberHeldElsewhere."""
    return even_unreadable(phone_numbers.from_item, _item(table, account, number))


def _item(table: Table, account: Account, number: str) -> Item:
    owned, taken = (
        keys.phone_number(account.id, phone_number_id(number)),
        keys.phone_number_taken(phone_number_id(number)),
    )
    items = table.read([owned, taken])
    if item := items[owned]:
        return item
    holder = items[taken]
    slug = _slug(table, holder["account_id"]) if holder else None
    raise PhoneNumberHeldElsewhere(number, account.slug, slug)


def transfer(table: Table, account: Account, number: PhoneNumber, to: Account) -> PhoneNumber:
    """The number as the other account has it: free, with its label and its provider.

    Its assistant, its pin, its fallback and its connection are the old account's, and stay behind. Raises
    PhoneNumberHeldElsewhere and ConcurrentChange.
    """
    given, gone = keys.phone_number(to.id, number.id), set[keys.PrimaryKey]()
    for _ in races(table.deadline):
        moved = _moved(number)
        try:
            with (
                accounts.counted(table, account.id, "phone_numbers", -1),
                accounts.counted(table, to.id, "phone_numbers", 1),
            ):
                table.transact(list(_transfer(account, number, to, moved, gone)))
            return moved
        except TransactionFailed as failure:
            if item := failure.items.get(given):
                return phone_numbers.from_item(item)  # by an attempt whose answer was lost
            gone |= {key for key, item in failure.items.items() if item is None}
            number = of_account(table, account, number.phone_number)
    raise ConcurrentChange("Others are changing the phone number at the same time; try again.")


def _transfer(
    account: Account, number: PhoneNumber, to: Account, moved: PhoneNumber, gone: Collection[keys.PrimaryKey]
) -> Iterator[Action]:
    """The transaction. From an assistant that is gone nothing is taken."""
    pk, sk = keys.phone_number(to.id, number.id)
    yield Delete(keys.phone_number(account.id, number.id), EXISTS & phone_numbers.as_read(number))
    yield Update(keys.phone_number_taken(number.id), equal("account_id", account.id), set={"account_id": to.id})
    yield Put({"PK": pk, "SK": sk, **moved.model_dump()})
    if number.assistant_id and keys.assistant(account.id, number.assistant_id) not in gone:
        yield assignments.take_from(account.id, number.assistant_id, [number.id], timestamp())


def _moved(number: PhoneNumber) -> PhoneNumber:
    kept = number.model_dump(include={"id", "phone_number", "status", "label", "provider"})
    return PhoneNumber(**kept, created_at=timestamp())


def _slug(table: Table, account_id: str) -> str:
    key = keys.account(account_id)
    return accounts.from_item(table.read([key])[key]).slug
