"""Who asks AdminFunction, as often as an action takes."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

MAX_INVOCATIONS = 1_000_000  # of one action; each deletes or answers up to some hundred things
PAUSES = (1, 2, 4, 8, 16, 32)  # seconds, between attempts at what is unavailable

Payload = Mapping[str, object]


class Refused(Exception):
    """AdminFunction refused; the message says why, and what would be accepted."""


class Unavailable(Refused):
    """What AdminFunction needs does not respond, which passes by itself."""


class Operator:
    def __init__(self, invoke: Callable[[Payload], Any]) -> None:
        self._invoke = invoke

    def ask(self, action: str, payload: Payload) -> Any:
        """The answer. Raises Refused, and what the invocation raises."""
        answer = self._invoke({"action": action, **payload})
        if not answer["ok"]:
            failure = Unavailable if answer["code"] == "unavailable" else Refused
            raise failure(f"{answer['error']} ({answer['code']})")
        return answer

    def _ask_patiently(self, action: str, payload: Payload) -> Any:
        for pause in PAUSES:
            try:
                return self.ask(action, payload)
            except Unavailable:
                time.sleep(pause)
        return self.ask(action, payload)

    def pages(self, action: str, payload: Payload) -> Iterator[Any]:
        """The answers until there is no next cursor."""
        for _ in range(MAX_INVOCATIONS):
            answer = self._ask_patiently(action, payload)
            yield answer
            if answer["next_cursor"] is None:
                return
            payload = {**payload, "cursor": answer["next_cursor"]}

    def until_done(self, action: str, payload: Payload) -> Iterator[Any]:
        """The answers until one says that all is done."""
        for _ in range(MAX_INVOCATIONS):
            answer = self._ask_patiently(action, payload)
            yield answer
            if answer["done"]:
                return
