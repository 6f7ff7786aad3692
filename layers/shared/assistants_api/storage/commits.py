"""How a request that changes something is done: at once, or only tried. `idempotency` has a third way, for retries.

Whoever writes knows what is there before and what will be after, so that the answer is known before the write.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from assistants_api import answers
from assistants_api.answers import Answer
from assistants_api.storage.actions import Action, ConditionCheck
from assistants_api.storage.conditions import EXISTS
from assistants_api.storage.errors import TransactionFailed
from assistants_api.storage.keys import ACCOUNT
from assistants_api.storage.values import ItemsByKey

if TYPE_CHECKING:
    from assistants_api.storage.table import Table


class Commit(Protocol):
    """`writes` says whether anything is written, `own_actions` how many actions it adds to the transaction."""

    writes: bool
    own_actions: int

    def run(self, action: Callable[[], Any], table: "Table", stored: ItemsByKey) -> Answer:
        """The answer to the result of the action, whose last write goes through `transact`."""
        ...

    def transact(self, table: "Table", actions: Sequence[Action], before: Any, after: Any) -> None:
        """Raises TransactionFailed."""


class Write:
    writes, own_actions = True, 0

    def __init__(self, answer: Callable[[Any], Answer]) -> None:
        self._answer = answer

    def run(self, action: Callable[[], Any], table: "Table", stored: ItemsByKey) -> Answer:
        return self._answer(action())

    def transact(self, table: "Table", actions: Sequence[Action], before: Any, after: Any) -> None:
        table.transact(actions)


class WouldSucceed(Exception):
    """How a dry run ends when nothing stands against its write."""

    def __init__(self, before: Any, after: Any) -> None:
        self.before, self.after = before, after


class DryRun:
    """DynamoDB checks the conditions itself: beside them the transaction has one that fails, so nothing is done."""

    writes, own_actions = False, 1

    def __init__(self, answer: Callable[[Any], Answer]) -> None:
        self._answer = answer

    def run(self, action: Callable[[], Any], table: "Table", stored: ItemsByKey) -> Answer:
        try:
            before = after = action()
        except WouldSucceed as end:
            before, after = end.before, end.after
        return answers.dry_run(self._answer(after), before, after)

    def transact(self, table: "Table", actions: Sequence[Action], before: Any, after: Any) -> None:
        """Raises WouldSucceed too."""
        never = ConditionCheck((f"{ACCOUNT}-", str(uuid4())), EXISTS)
        try:
            table.transact([*actions, never])
        except TransactionFailed as failure:
            if failed := {key: item for key, item in failure.items.items() if key != never.key}:
                raise TransactionFailed(failed) from None
        raise WouldSucceed(before, after)
