"""Phone numbers in the table: whose they are, and which assistant answers them."""

from collections.abc import Iterable

from boto3.dynamodb.conditions import Attr, ConditionBase

from assistants.errors import AssistantNotFound, ConcurrentChange, PhoneNumberNotFound, PhoneNumberTaken, Unavailable
from assistants.models.assistant import Assistant
from assistants.models.ids import timestamp
from assistants.models.phone_number import AssignmentPlan, PhoneNumber, PhoneNumberAssignment, plan_assignment
from assistants.storage import assistants, keys
from assistants.storage.keys import Key
from assistants.storage.table import EXISTS, Found, Item, Put, Table, TransactionFailed, Update


def get(found: Found, account_id: str, number_id: str) -> PhoneNumber:
    """The number among what was read, raises PhoneNumberNotFound."""
    item = found.get(keys.phone_number(account_id, number_id))
    if item is None:
        raise PhoneNumberNotFound(number_id)
    return PhoneNumber.model_validate(item)


def keys_to_import(account_id: str, number_id: str) -> list[Key]:
    return [keys.phone_number(account_id, number_id), keys.phone_number_taken(number_id)]


def create(table: Table, found: Found, account_id: str, number: PhoneNumber) -> PhoneNumber:
    """Imports the number, or answers the record that the account has of it. Raises PhoneNumberTaken.

    `found` holds what was read at `keys_to_import`.
    """
    owned, taken = keys_to_import(account_id, number.id)
    if not found[owned] and not found[taken]:
        ownership = {"PK": taken[0], "SK": taken[1], "account_id": account_id}
        try:
            table.transact([Put(ownership), Put({"PK": owned[0], "SK": owned[1], **number.model_dump()})])
            return number
        except TransactionFailed as failure:
            found = failure.items
    record = found.get(owned)
    if not record:
        raise PhoneNumberTaken(number.phone_number)
    return PhoneNumber.model_validate(record)


def page(table: Table, account_id: str, limit: int, after: str | None) -> tuple[list[PhoneNumber], bool]:
    """Numbers in the order of their digits, those behind the number `after`, and whether there are more."""
    start = keys.phone_number(account_id, after)[1] if after else None
    items, more = table.query(keys.partition(account_id), keys.PHONE_NUMBER, limit, start)
    return [PhoneNumber.model_validate(item) for item in items], more


def assign(table: Table, found: Found, assistant: Assistant, wanted: PhoneNumberAssignment) -> None:
    """Makes the wanted numbers those of the assistant, all or nothing.

    `found` holds what was read of the numbers; about others the transaction tells. Losing a race, it plans anew from
    what the transaction found instead. Raises PhoneNumberNotFound, PhoneNumberNotActive, PhoneNumberAssigned,
    TooManyChanges, AssistantNotFound and, when the race goes on and on, ConcurrentChange.
    """
    account_id, own_key = assistant.account_id, keys.assistant(assistant.account_id, assistant.id)
    number_keys = {keys.phone_number(account_id, number): number for number in wanted.phone_number_ids}
    known = {number: _number(found[key]) for key, number in number_keys.items() if key in found}
    held = assistant.phone_number_ids
    for _ in range(8):
        plan = plan_assignment(assistant.id, held, wanted, known)
        if not plan.claims and not plan.releases:
            return
        try:
            table.transact(list(_actions(assistant, held, plan)))
            return
        except TransactionFailed as failure:
            for key, item in failure.items.items():
                if key in number_keys:
                    known[number_keys[key]] = _number(item)
                elif key == own_key:
                    if item is None:
                        raise AssistantNotFound(assistant.id) from None
                    held = assistants.from_item(item).phone_number_ids
    raise ConcurrentChange("Others are changing these phone numbers at the same time; try again.")


def answering(table: Table, found: Found, account_id: str, number_id: str) -> tuple[PhoneNumber, Assistant | None]:
    """The number, and the assistant that holds it. Raises PhoneNumberNotFound.

    The two are read one after the other; should the number move in between, the pair would never have existed, so it
    is read once more.
    """
    for _ in range(5):
        number = get(found, account_id, number_id)
        if number.assistant_id is None:
            return number, None
        holder = keys.assistant(account_id, number.assistant_id)
        found = table.read([keys.phone_number(account_id, number_id), holder])
        item = found[holder]
        if item and number_id in item.get("phone_number_ids", ()):
            return number, assistants.from_item(item)
    raise Unavailable


def _number(item: Item | None) -> PhoneNumber | None:
    return PhoneNumber.model_validate(item) if item else None


def _actions(assistant: Assistant, held: list[str], plan: AssignmentPlan) -> Iterable[Update]:
    """The transaction. Each action is bound to what the plan was made from, so that a race fails it whole."""
    account_id, now = assistant.account_id, timestamp()
    after = (set(held) - set(plan.releases)) | set(plan.claims)
    holders = plan.holders
    unchanged = Attr("phone_number_ids").eq(set(held)) if held else Attr("phone_number_ids").not_exists()
    yield Update(
        keys.assistant(account_id, assistant.id),
        EXISTS & unchanged,
        set={"updated_at": now} | ({"phone_number_ids": after} if after else {}),
        remove=[] if after else ["phone_number_ids"],
        add={"version": 1},
    )
    for number in plan.claims:
        yield Update(
            keys.phone_number(account_id, number),
            EXISTS & Attr("status").eq("active") & _held_by(holders.get(number)),
            set={"assistant_id": assistant.id},
        )
    for number in plan.releases:
        yield Update(keys.phone_number(account_id, number), EXISTS & _held_by(assistant.id), remove=["assistant_id"])
    for holder, numbers in plan.taken_from.items():
        yield Update(
            keys.assistant(account_id, holder),
            EXISTS,
            set={"updated_at": now},
            add={"version": 1},
            delete={"phone_number_ids": set(numbers)},
        )


def _held_by(assistant_id: str | None) -> ConditionBase:
    return Attr("assistant_id").eq(assistant_id) if assistant_id else Attr("assistant_id").not_exists()
