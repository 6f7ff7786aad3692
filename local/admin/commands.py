"""The commands: what each takes, and the lines that it prints."""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.admin import show
from local.admin.operator import Operator, Payload, Refused

Run = Callable[[Operator, str, Payload], Iterator[str]]
Argument = tuple[tuple[str, ...], Mapping[str, Any]]


def argument(*names: str, **options: Any) -> Argument:
    """What is not given is not in the payload."""
    return names, options | ({"default": argparse.SUPPRESS} if names[0].startswith("-") else {})


def maximum(text: str) -> int | None:
    """`default` leaves it to the deployment."""
    return None if text == "default" else int(text)


def words(text: str) -> list[str]:
    return text.replace(",", " ").split()


@dataclass(frozen=True)
class Command:
    help: str
    run: Run
    arguments: tuple[Argument, ...] = ()


def once(lines: Callable[[Any], Iterator[str]]) -> Run:
    """Asks once, and shows the answer."""
    return lambda operator, action, payload: lines(operator.ask(action, payload))


def list_accounts(operator: Operator, action: str, payload: Payload) -> Iterator[str]:
    found = 0
    for answer in operator.pages(action, payload):
        found += len(answer["accounts"])
        yield from map(show.line_of_account, answer["accounts"])
        yield from show.unreadable(answer)
    yield f"{found} account{'s' if found != 1 else ''}."


def export_account(operator: Operator, action: str, payload: Payload) -> Iterator[str]:
    cursor = payload.get("cursor")
    try:
        for answer in operator.pages(action, payload):
            yield from (json.dumps(record, ensure_ascii=False) for record in answer["records"])
            cursor = answer["next_cursor"]
    finally:
        if cursor is not None:
            print(f"To go on from here, add --cursor={cursor}", file=sys.stderr)


def erase_account(operator: Operator, action: str, payload: Payload) -> Iterator[str]:
    if not payload.get("yes"):
        raise Refused(f"This erases {payload['slug']} for good: export it first, then add --yes.")
    erased = Counter[str]()
    for answer in operator.until_done(action, {"slug": payload["slug"]}):
        erased.update(answer["erased"])
        yield from show.report(answer["erased"])
        if answer["wait_seconds"]:
            yield f"Waiting for {answer['wait_seconds']} seconds, for what is running."
            time.sleep(answer["wait_seconds"])
    yield f"{payload['slug']} is erased: {'; '.join(show.report(erased)) or 'nothing was left'}."


SLUG = argument("slug", help="the account, such as my-team")
NUMBER = argument("phone_number", help="in E.164 form, such as +14155550101")
KEY_ID = argument("id", help="key_ and 64 hexadecimal digits")
QUOTAS = tuple(
    argument(f"--max-{things}", type=maximum, metavar="N", help="or `default`, the deployment's")
    for things in ("api-keys", "assistants", "phone-numbers", "telephony-connections")
)
COMMANDS = {
    "create-account": Command(
        "make an account", once(show.account), (SLUG, argument("name", help="such as 'My Team'"))
    ),
    "list-accounts": Command("list all accounts, the oldest first", list_accounts),
    "list-over-quota": Command("list the accounts that have more than they may", list_accounts),
    "show-account": Command("show an account: its usage, and its API keys", once(show.usage), (SLUG,)),
    "suspend-account": Command(
        "refuse all requests of an account at once; its calls get the fallback", once(show.account), (SLUG,)
    ),
    "resume-account": Command("serve a suspended account again", once(show.account), (SLUG,)),
    "rename-account": Command(
        "give an account another slug, name or both; its API keys work on",
        once(show.account),
        (SLUG, argument("--new-slug"), argument("--name")),
    ),
    "set-quotas": Command("set how many things an account may have", once(show.quotas), (SLUG, *QUOTAS)),
    "export-account": Command(
        "print everything of an account as JSON lines",
        export_account,
        (SLUG, argument("--cursor", help="where an export that failed goes on; it said so")),
    ),
    "erase-account": Command(
        "erase everything of a suspended account, for good",
        erase_account,
        (SLUG, argument("--yes", action="store_true", help="really")),
    ),
    "transfer-phone-number": Command(
        "move a phone number to another account, where it is free",
        once(show.number),
        (SLUG, NUMBER, argument("to_slug", help="the account that gets it")),
    ),
    "free-phone-number": Command(
        "take a phone number from an account, so that any can import it", once(show.freed), (SLUG, NUMBER)
    ),
    "create-api-key": Command(
        "make an API key, which is shown once",
        once(show.new_key),
        (
            SLUG,
            argument("name"),
            argument("--scopes", type=words, required=True, help="such as '*' or assistants:read,calls:route"),
            argument("--environment", choices=["live", "test"]),
            argument("--expires-in-days", type=int, metavar="N"),
            argument("--rate-limit-per-hour", type=int, metavar="N"),
        ),
    ),
    "list-api-keys": Command("list the API keys of an account", once(show.keys), (SLUG,)),
    "revoke-api-key": Command("revoke an API key for good", once(show.key), (SLUG, KEY_ID)),
}


def parser() -> argparse.ArgumentParser:
    main = argparse.ArgumentParser(
        allow_abbrev=False, prog="python -m local.admin", description="Manages accounts, here or in AWS."
    )
    where = main.add_mutually_exclusive_group()
    where.add_argument("--stack", help="a CloudFormation stack in AWS, with your credentials and region")
    where.add_argument("--endpoint", help="the URL of a local stack; without either, that which runs here")
    commands = main.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        one = commands.add_parser(name, allow_abbrev=False, help=command.help, description=command.help)
        for names, options in command.arguments:
            one.add_argument(*names, **options)
    return main
