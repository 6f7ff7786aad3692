"""What AdminFunction answers, as lines for people."""

from collections.abc import Iterator, Mapping
from typing import Any

THINGS = ("api_keys", "assistants", "phone_numbers", "telephony_connections")


def state(account: Any) -> str:
    if account["erasing_since"]:
        return f"being erased since {account['erasing_since']}"
    return f"suspended since {account['suspended_at']}" if account["suspended_at"] else "in use"


def line_of_account(account: Any) -> str:
    counts = ", ".join(f"{account[it]:,} {it.replace('_', ' ')}" for it in THINGS)
    over = f"; over its maximum of {', '.join(account['over'])}" if "over" in account else ""
    return f"{account['slug']}  {account['id']}  {state(account)}; {counts}{over}"


def account(answer: Any) -> Iterator[str]:
    shown = answer["account"]
    yield f"{shown['slug']}  {shown['id']}  {shown['name']}"
    yield f"  created {shown['created_at']}, {state(shown)}"


def quotas(answer: Any) -> Iterator[str]:
    yield from account(answer)
    for things, maximum in answer["maxima"].items():
        whose = "" if answer["account"][f"max_{things}"] is None else ", of its own"
        yield f"  {answer['account'][things]:,} of {maximum:,} {things.replace('_', ' ')}{whose}"


def usage(answer: Any) -> Iterator[str]:
    yield from quotas(answer)
    yield from keys(answer)


def keys(answer: Any) -> Iterator[str]:
    for each in answer["api_keys"]:
        yield from _key(each)
    yield from unreadable(answer)


def unreadable(answer: Any) -> Iterator[str]:
    yield from (f"  can't be read: {each}" for each in answer.get("unreadable", ()))


def key(answer: Any) -> Iterator[str]:
    yield from _key(answer["api_key"])


def new_key(answer: Any) -> Iterator[str]:
    yield answer["full_key"]
    yield from key(answer)


def _key(shown: Any) -> Iterator[str]:
    yield f"  {shown['id']}  {shown['name']}"
    is_active = "active" if shown["is_active"] else "not active"
    expires = f", expires {shown['expires_at']}" if shown["expires_at"] else ""
    yield f"    {is_active}{expires}, {' '.join(shown['scopes'])}{_requests(shown)}"


def _requests(shown: Any) -> str:
    limit = shown["rate_limit_per_hour"]
    if limit is None:
        return ", without a limit"
    used = shown.get("requests_this_hour")
    return f", {limit:,} requests an hour" if used is None else f", {used:,} of {limit:,} requests of this hour"


def number(answer: Any) -> Iterator[str]:
    shown = answer["phone_number"]
    yield f"{shown['phone_number']}  {shown['status']}, {shown['assistant_id'] or 'no assistant'}"


def freed(answer: Any) -> Iterator[str]:
    yield f"{answer['phone_number']['phone_number']} is free: any account can import it."


def report(erased: Mapping[str, int]) -> Iterator[str]:
    yield from (f"{count:,} {things}" for things, count in sorted(erased.items()))
