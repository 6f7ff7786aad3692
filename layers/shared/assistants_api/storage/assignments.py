"""Which assistant holds which phone number, in the table: both sides of it, always changed together."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from assistants_api.errors import (
    AssistantHasPhoneNumbers,
    AssistantNotFound,
    ConcurrentChange,
    Conflict,
    PhoneNumberAssigned,
    PhoneNumberNotFound,
    Unavailable,
)
from assistants_api.models.assignment import AssignmentPlan, PhoneNumberAssignment, plan_assignment
from assistants_api.models.assistant import Assistant
from assistants_api.models.ids import timestamp
from assistants_api.models.phone_number import PhoneNumber
from assistants_api.models.preconditions import NONE, Precondition
from assistants_api.models.version import Actor
from assistants_api.storage import accounts, assistants, deleted_assistants, keys, phone_numbers
from assistants_api.storage.actions import Action, Delete, Update
from assistants_api.storage.client import races
from assistants_api.storage.conditions import EXISTS, Condition, absent, equal
from assistants_api.storage.errors import TransactionFailed
from assistants_api.storage.table import Table
from assistants_api.storage.values import Item, ItemsByKey

CONTENTION = "Others are changing these phone numbers at the same time; try again."


def assign(
    table: Table, assistant: Assistant, wanted: PhoneNumberAssignment, precondition: Precondition, actor: Actor
) -> None:
    """Makes the wanted numbers those of the assistant: all or nothing if that takes one transaction.

    What takes more is done in several, of which each changes both sides. If one fails for good, the error says how much
    is done, and the same request finishes it. Raises PhoneNumberNotFound, PhoneNumberNotActive, PhoneNumberAssigned,
    AssistantNotFound, PreconditionFailed and, when others keep changing the numbers, ConcurrentChange.
    """
    assignment = Assignment(table, assistant, wanted, precondition, actor)
    try:
        assignment.carry_out()
    except (Conflict, PhoneNumberNotFound, Unavailable) as error:
        if assignment.done:
            error.message += (
                f" {assignment.done:,} of {assignment.total:,} changes are done; send the request again to finish."
            )
        raise


class Assignment:
    """An assignment under way: what is known of the numbers, and how many of its changes are done.

    The first plan takes the numbers for free, without reading them. A transaction that fails tells what it found
    instead, and the next plan is made from that. Only for a plan of several transactions are the numbers read, so that
    what stands against it is found before anything is written.
    """

    def __init__(
        self,
        table: Table,
        assistant: Assistant,
        wanted: PhoneNumberAssignment,
        precondition: Precondition,
        actor: Actor,
    ) -> None:
        self._table, self._assistant, self._wanted, self._precondition = table, assistant, wanted, precondition
        self._actor = actor
        self._before = assistant
        self._held = assistant.phone_number_ids
        self._known = dict[str, PhoneNumber | None]()
        self._gone = set[str]()  # ids of assistants that numbers name and that are not there
        self._numbers = {keys.phone_number(assistant.account_id, number): number for number in wanted.phone_number_ids}
        self.done = self.total = 0

    def carry_out(self) -> None:
        for _ in races(self._table.deadline):
            self._precondition.check(self._assistant)
            batches = self._plan()
            self.total = self.done + sum(batch.changes for batch in batches)
            try:
                for batch in batches:
                    self._write(batch, is_last=batch is batches[-1])
                return
            except TransactionFailed as failure:
                self._learn(failure.items)
        raise ConcurrentChange(CONTENTION)

    def _plan(self) -> list[AssignmentPlan]:
        plan = plan_assignment(self._assistant.id, self._held, self._wanted, self._known)
        batches, unread = list(plan.batches(self._table.max_actions - 1)), set(plan.claims) - self._known.keys()
        if len(batches) < 2 or not unread:
            return batches
        self._learn(self._table.read_many([key for key, number in self._numbers.items() if number in unread]))
        return self._plan()

    def _write(self, batch: AssignmentPlan, is_last: bool) -> None:
        """The last one decides the request. A dry run is decided by the first one: the numbers of others are read."""
        actions = list(_actions(self._assistant, self._held, batch, self._precondition, self._actor, self._gone))
        if is_last or self._table.is_dry_run:
            wanted = sorted(set(self._wanted.phone_number_ids))
            after = self._assistant.model_copy(update={"phone_number_ids": wanted})
            self._table.commit(actions, self._before, after)
        else:
            self._table.transact(actions)
        self._precondition = NONE  # it held for the first transaction, and now the assistant is as that left it
        self._held = _after(self._held, batch)
        self.done += batch.changes

    def _learn(self, items: ItemsByKey) -> None:
        """Raises AssistantNotFound."""
        for key, item in items.items():
            if key == keys.assistant(self._assistant.account_id, self._assistant.id):
                if item is None:
                    raise AssistantNotFound(self._assistant.id)
                self._assistant = assistants.from_item(item)
                self._held = self._assistant.phone_number_ids
            elif number := self._numbers.get(key):
                self._known[number] = _number(item)
            elif item is None:
                self._gone.add(key[1].removeprefix(keys.ASSISTANT))


def delete_assistant(table: Table, assistant: Assistant, actor: Actor, force: bool, precondition: Precondition) -> None:
    """Deletes an assistant that holds no number; with `force` it releases them in the same transaction.

    More than fit into it are released before, in several, so that the assistant and its numbers agree at every moment.
    The assistant is kept for a restore as it was read, with all these numbers, so the deletion is bound to that.
    Raises AssistantHasPhoneNumbers, PreconditionFailed and, when others keep changing it, ConcurrentChange.
    """
    before, key, released = assistant, keys.assistant(assistant.account_id, assistant.id), set[str]()
    for _ in races(table.deadline):
        precondition.check(assistant)
        if assistant.phone_number_ids and not force:
            raise AssistantHasPhoneNumbers(assistant.phone_number_ids)
        try:
            while len(assistant.phone_number_ids) > table.max_actions - 2:
                batch = AssignmentPlan([], assistant.phone_number_ids[: table.max_actions - 1])
                assistant = _write_release(table, assistant, batch, precondition, actor)
                released, precondition = released | set(batch.releases), NONE
            with accounts.counted(table, assistant.account_id, "assistants", -1):
                table.commit(list(_deletion(assistant, actor, released)), before, None)
            return
        except TransactionFailed as failure:
            if key in failure.items:
                item = failure.items[key]
                if item is None:
                    return  # it is gone, perhaps by an attempt whose answer was lost
                assistant = assistants.from_item(item)
    raise ConcurrentChange(CONTENTION)


def _write_release(
    table: Table, assistant: Assistant, plan: AssignmentPlan, precondition: Precondition, actor: Actor
) -> Assistant:
    """The assistant after it, without the numbers that the plan releases."""
    held = assistant.phone_number_ids
    actions = list(_actions(assistant, held, plan, precondition, actor))
    if table.is_dry_run:
        table.commit(actions, assistant, None)
    table.transact(actions)
    after = {"phone_number_ids": _after(held, plan), "assignments": assistant.assignments + 1}
    return assistant.model_copy(update=after)


def _deletion(assistant: Assistant, actor: Actor, released: set[str]) -> Iterator[Action]:
    """The transaction: the assistant goes, and what is kept of it has the numbers that were released before too."""
    account_id, held = assistant.account_id, assistant.phone_number_ids
    kept = assistant.model_copy(update={"phone_number_ids": sorted(released.union(held))})
    yield Delete(keys.assistant(account_id, assistant.id), _holding(held) & assistants.as_read(assistant))
    yield deleted_assistants.put(kept, actor)
    for number in held:
        yield release(account_id, number, assistant.id, actor)


def delete_number(table: Table, account_id: str, number: PhoneNumber, force: bool, precondition: Precondition) -> None:
    """Gives the number up, so that any account can import it; with `force` also one that an assistant holds.

    Raises PhoneNumberAssigned, PreconditionFailed and, when others keep changing it, ConcurrentChange.
    """
    key, gone = keys.phone_number(account_id, number.id), set[keys.PrimaryKey]()
    for _ in races(table.deadline):
        precondition.check(number)
        holder = number.assistant_id
        if holder and not force:
            raise PhoneNumberAssigned(
                f"The phone number is assigned to {holder}; release it there, or send ?force=true to do both."
            )
        actions: list[Action] = [
            Delete(key, EXISTS & (phone_numbers.as_read(number) if precondition else held_by(holder))),
            Delete(keys.phone_number_taken(number.id), equal("account_id", account_id)),
        ]
        if holder and keys.assistant(account_id, holder) not in gone:
            actions.append(take_from(account_id, holder, [number.id], timestamp()))
        try:
            with accounts.counted(table, account_id, "phone_numbers", -1):
                table.commit(actions, number, None)
            return
        except TransactionFailed as failure:
            if key in failure.items:
                item = failure.items[key]
                if item is None:
                    return  # it is gone, perhaps by an attempt whose answer was lost
                number = phone_numbers.from_item(item)
            gone |= {key for key, item in failure.items.items() if item is None}
    raise ConcurrentChange(CONTENTION)


def _number(item: Item | None) -> PhoneNumber | None:
    return phone_numbers.from_item(item) if item else None


def _actions(
    assistant: Assistant,
    held: list[str],
    plan: AssignmentPlan,
    precondition: Precondition,
    actor: Actor,
    gone: Collection[str] = (),
) -> Iterable[Update]:
    """The transaction. Each action is bound to what the plan was made from, so that a race fails it whole. From
    assistants that are gone nothing is taken."""
    account_id, now = assistant.account_id, timestamp()
    after = set(_after(held, plan))
    yield Update(
        keys.assistant(account_id, assistant.id),
        _as_read(assistant, held, precondition),
        set={"updated_at": now} | ({"phone_number_ids": after} if after else {}),
        remove=[] if after else ["phone_number_ids"],
        add={"assignments": 1},
    )
    for number in plan.claims:
        yield Update(
            keys.phone_number(account_id, number),
            EXISTS & equal("status", "active") & held_by(plan.holders.get(number)),
            set={"assistant_id": assistant.id, "assigned_by_id": actor.id},
            remove=["versions"],
        )
    for number in plan.releases:
        yield release(account_id, number, assistant.id, actor)
    for holder, numbers in plan.taken_from.items():
        if holder not in gone:
            yield take_from(account_id, holder, numbers, now)


def _after(held: list[str], plan: AssignmentPlan) -> list[str]:
    return sorted((set(held) - set(plan.releases)) | set(plan.claims))


def release(account_id: str, number_id: str, holder: str, actor: Actor) -> Update:
    released = {"assigned_by_id": actor.id}
    key = keys.phone_number(account_id, number_id)
    return Update(key, EXISTS & held_by(holder), set=released, remove=["assistant_id", "versions"])


def take_from(account_id: str, holder: str, numbers: Sequence[str], now: str) -> Update:
    return Update(
        keys.assistant(account_id, holder),
        EXISTS,
        set={"updated_at": now},
        add={"assignments": 1},
        delete={"phone_number_ids": set(numbers)},
    )


def _as_read(assistant: Assistant, held: Sequence[str], precondition: Precondition) -> Condition:
    """That the assistant holds these numbers and, if the request is bound to what was read, is as it was read."""
    holds = EXISTS & _holding(held)
    return holds & assistants.as_read(assistant) if precondition else holds


def _holding(numbers: Sequence[str]) -> Condition:
    return equal("phone_number_ids", set(numbers)) if numbers else absent("phone_number_ids")


def held_by(assistant_id: str | None) -> Condition:
    return equal("assistant_id", assistant_id) if assistant_id else absent("assistant_id")
