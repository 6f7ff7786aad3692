"""Actions of AdminFunction, as an operator invokes them."""

from collections.abc import Iterator
from typing import Any

from tests.harness import Account, admin


def done(action: str, **payload: object) -> Any:
    answer = admin(action, **payload)
    assert answer["ok"] is True, answer
    return answer


def refusal(action: str, **payload: object) -> tuple[str, str]:
    answer = admin(action, **payload)
    assert answer["ok"] is False
    return answer["code"], answer["error"]


def shown(account: Account) -> Any:
    return done("show_account", slug=account.slug)["account"]


def pages(action: str, **payload: object) -> Iterator[Any]:
    for _ in range(1_000):
        page = done(action, **payload)
        yield page
        if page["next_cursor"] is None:
            return
        payload["cursor"] = page["next_cursor"]
    raise AssertionError("The pages have no end.")
