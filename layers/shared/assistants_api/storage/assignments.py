"""Which assistant holds which phone number, in the table: both sides of it, always changed together."""

from collections.abc import Iterable, Sequence

from assistants_api.errors import (
    AssistantHasPhoneNumbers,
    AssistantNotFound,
    ConcurrentChange,
    PhoneNumberAssigned,
    Unavailable,
)
from assistants_api.models.assistant import Assistant
from assistants_api.models.ids import timestamp
from assistants_api.models.phone_number import (
    MAX_ACTIONS,
    AssignmentPlan,
    PhoneNumber,
    PhoneNumberAssignment,
    plan_assignment,
)
from assistants_api.storage import assistants, keys, phone_numbers
from assistants_api.storage.conditions import EXISTS, Condition, absent, equal
from assistants_api.storage.table import Action, Delete, Item, ItemsByKey, Table, TransactionFailed, Update

ATTEMPTS = 30  # to win a race: as many as there is time for
CONTENTION = "Others are changing these phone numbers at the same time; try again."


def assign(table: Table, found: ItemsByKey, assistant: Assistant, wanted: PhoneNumberAssignment) -> None:
    """Makes the wanted numbers those of the assistant, all or nothing.

    `found` holds what was read of the numbers, if anything; about others the transaction tells. If that finds what the
    plan did not expect, it plans anew. Raises PhoneNumberNotFound, PhoneNumberNotActive, PhoneNumberAssigned,
    TooManyChanges, AssistantNotFound and, when the race goes on and on, ConcurrentChange.
    """
    account_id, own_key = assistant.account_id, keys.assistant(assistant.account_id, assistant.id)
    number_keys = {keys.phone_number(account_id, number): number for number in wanted.phone_number_ids}
    known = {number: _number(found[key]) for key, number in number_keys.items() if key in found}
    held = assistant.phone_number_ids
    attempts = table.attempts(ATTEMPTS)
    # Planned before an attempt has to wait: the plan may be a refusal, or have nothing left to do.
    while not (plan := plan_assignment(assistant.id, held, wanted, known)).is_empty:
        if next(attempts, None) is None:
            raise ConcurrentChange(CONTENTION)
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


def resolve_route(
    table: Table, found: ItemsByKey, account_id: str, number_id: str
) -> tuple[PhoneNumber, Assistant | None]:
    """The number, and the assistant that holds it. Raises PhoneNumberNotFound.

    The two are read one after the other; should the number move in between, the pair would never have existed, so it
    is read once more.
    """
    for _ in table.attempts():
        number = phone_numbers.get(found, account_id, number_id)
        if number.assistant_id is None:
            return number, None
        holder = keys.assistant(account_id, number.assistant_id)
        found = table.read([keys.phone_number(account_id, number_id), holder])
        item = found[holder]
        if item and number_id in item.get("phone_number_ids", ()):
            return number, assistants.from_item(item)
    raise Unavailable


def delete_assistant(table: Table, assistant: Assistant, force: bool) -> None:
    """Deletes an assistant that holds no number; with `force` it releases them in the same transaction.

    One transaction releases up to 99 numbers. Of more, it first releases what is over, so that the assistant and its
    numbers agree at every moment. Raises AssistantHasPhoneNumbers and, when a race goes on and on, ConcurrentChange.
    """
    key, held = keys.assistant(assistant.account_id, assistant.id), assistant.phone_number_ids
    for _ in table.attempts(ATTEMPTS):
        if held and not force:
            raise AssistantHasPhoneNumbers(held)
        batch, kept = held[: MAX_ACTIONS - 1], held[MAX_ACTIONS - 1 :]
        releases = [_release(assistant.account_id, number, assistant.id) for number in batch]
        try:
            if kept:
                table.transact(list(_actions(assistant, held, AssignmentPlan([], batch))))
                rest = assistant.model_copy(update={"phone_number_ids": kept})
                delete_assistant(table, rest, force)  # at once: only who loses a race waits
                return
            table.transact([Delete(key, EXISTS & _holding(held)), *releases])
            return
        except TransactionFailed as failure:
            if key in failure.items:
                item = failure.items[key]
                if item is None:
                    return  # it is gone, be it by the attempt whose answer was lost
                held = assistants.from_item(item).phone_number_ids
    raise ConcurrentChange(CONTENTION)


def delete_number(table: Table, account_id: str, number: PhoneNumber, force: bool) -> None:
    """Gives the number up, so that any account can import it; with `force` also one that an assistant holds.

    Raises PhoneNumberAssigned and, when a race goes on and on, ConcurrentChange.
    """
    key = keys.phone_number(account_id, number.id)
    for _ in table.attempts(ATTEMPTS):
        holder = number.assistant_id
        if holder and not force:
            raise PhoneNumberAssigned(
                f"The phone number is assigned to {holder}; release it there, or send ?force=true to do both."
            )
        actions: list[Action] = [
            Delete(key, EXISTS & _held_by(holder)),
            Delete(keys.phone_number_taken(number.id), equal("account_id", account_id)),
        ]
        if holder:
            actions.append(_take_from(account_id, holder, [number.id], timestamp()))
        try:
            table.transact(actions)
            return
        except TransactionFailed as failure:
            if key in failure.items:
                item = failure.items[key]
                if item is None:
                    return  # it is gone, be it by the attempt whose answer was lost
                number = phone_numbers.from_item(item)
    raise ConcurrentChange(CONTENTION)


def _number(item: Item | None) -> PhoneNumber | None:
    return phone_numbers.from_item(item) if item else None


def _actions(assistant: Assistant, held: list[str], plan: AssignmentPlan) -> Iterable[Update]:
    """The transaction. Each action is bound to what the plan was made from, so that a race fails it whole."""
    account_id, now = assistant.account_id, timestamp()
    after = (set(held) - set(plan.releases)) | set(plan.claims)
    holders = plan.holders
    yield Update(
        keys.assistant(account_id, assistant.id),
        EXISTS & _holding(held),
        set={"updated_at": now} | ({"phone_number_ids": after} if after else {}),
        remove=[] if after else ["phone_number_ids"],
        add={"version": 1},
    )
    for number in plan.claims:
        yield Update(
            keys.phone_number(account_id, number),
            EXISTS & equal("status", "active") & _held_by(holders.get(number)),
            set={"assistant_id": assistant.id},
        )
    for number in plan.releases:
        yield _release(account_id, number, assistant.id)
    for holder, numbers in plan.taken_from.items():
        yield _take_from(account_id, holder, numbers, now)


def _release(account_id: str, number_id: str, holder: str) -> Update:
    return Update(keys.phone_number(account_id, number_id), EXISTS & _held_by(holder), remove=["assistant_id"])


def _take_from(account_id: str, holder: str, numbers: Sequence[str], now: str) -> Update:
    return Update(
        keys.assistant(account_id, holder),
        EXISTS,
        set={"updated_at": now},
        add={"version": 1},
        delete={"phone_number_ids": set(numbers)},
    )


def _holding(numbers: Sequence[str]) -> Condition:
    return equal("phone_number_ids", set(numbers)) if numbers else absent("phone_number_ids")


def _held_by(assistant_id: str | None) -> Condition:
    return equal("assistant_id", assistant_id) if assistant_id else absent("assistant_id")
