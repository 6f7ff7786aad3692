"""`python -m local.proofs.audit TABLE`: prints each broken invariant of the table on a line; exits with 1 if any.

It only reads: a Scan of the whole table, which costs as much as reading every item once. It holds in memory the account
ids and the references between two items of which it has seen only one. Both items of a reference are usually on nearby
pages, except for slugs and the owners of numbers. boto3 finds credentials, region and AWS_ENDPOINT_URL_DYNAMODB.
"""

import sys
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import boto3
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from assistants_api.errors import MalformedId
from assistants_api.models.account import Account
from assistants_api.models.api_key import SCOPES, ApiKey, grants
from assistants_api.models.assistant import Assistant
from assistants_api.models.ids import phone_number_id
from assistants_api.models.phone_number import MAX_NUMBERS, PhoneNumber
from assistants_api.storage import keys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PAUSE_SECONDS = 2
ACCOUNT = keys.partition("")
SLUG = keys.slug_taken("")[0]

Item = Mapping[str, Any]


def scan(client: "DynamoDBClient", table: str) -> Iterator[Item]:
    """Every item, page by page."""
    deserialize = TypeDeserializer().deserialize
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        for item in page["Items"]:
            yield {name: deserialize(value) for name, value in item.items()}


def violations(items: Iterator[Item]) -> Iterator[str]:
    """What is wrong with these items, all those of a table: one line each, with the key first."""
    references = References()
    for item in items:
        where = f"{item['PK']} {item['SK']}"
        try:
            for fault in _check(item, references):
                yield f"{where}: {fault}"
        except ValidationError as error:
            faults = [f"{'.'.join(map(str, each['loc']))} {each['msg']}" for each in error.errors(include_input=False)]
            yield f"{where}: does not parse: {'; '.join(faults)}"
        except MalformedId as error:
            yield f"{where}: {error.message}"
    yield from references.unmatched()


class References:
    """Facts that two items must agree on, and what is wrong where only one of them states it."""

    def __init__(self) -> None:
        self._unmatched: dict[tuple[str, ...], str] = {}  # fact -> what is wrong if no other item states it
        self._slugs: dict[str, str] = {}  # of each account
        self._slugs_on_keys = set[tuple[str, str]]()
        self._partitions = set[str]()

    def add(self, kind: str, *fact: str, fault: str) -> None:
        """Adds a fact as one item states it. The other item states it with the same kind and another fault."""
        key = (kind, *fact)
        if self._unmatched.setdefault(key, fault) != fault:
            del self._unmatched[key]

    def add_account(self, account_id: str, slug: str) -> None:
        self._slugs[account_id] = slug

    def add_partition(self, account_id: str) -> None:
        self._partitions.add(account_id)

    def add_slug_on_key(self, account_id: str, slug: str) -> None:
        self._slugs_on_keys.add((account_id, slug))

    def unmatched(self) -> Iterator[str]:
        for (_, *fact), fault in self._unmatched.items():
            yield f"{' '.join(fact)}: {fault}"
        for account_id in sorted(self._partitions - self._slugs.keys()):
            yield f"{keys.partition(account_id)}: has items and is no account"
        for account_id, slug in sorted(self._slugs_on_keys):
            if self._slugs.get(account_id, slug) != slug:
                yield f"{keys.partition(account_id)}: has API keys with the slug {slug}, which is not its own"


def _check(item: Item, references: References) -> Iterator[str]:
    pk, sk = str(item["PK"]), str(item["SK"])
    if pk.startswith(ACCOUNT):
        account_id = pk.removeprefix(ACCOUNT)
        references.add_partition(account_id)
        if sk == "ACCOUNT":
            yield from _check_account(item, account_id, references)
            return
        if sk.startswith(keys.API_KEY):
            yield from _check_api_key(item, account_id, references)
            return
        if sk.startswith(keys.ASSISTANT):
            yield from _check_assistant(item, account_id, references)
            return
        if sk.startswith(keys.PHONE_NUMBER):
            yield from _check_phone_number(item, account_id, references)
            return
    elif pk.startswith(SLUG) and sk == "SLUG":
        references.add("slug", pk, str(item.get("account_id")), fault="the account does not have this slug")
        return
    elif pk.startswith(keys.PHONE_NUMBER) and sk == "NUMBER":
        references.add("owner", pk, str(item.get("account_id")), fault="the account does not have this number")
        return
    yield "is of no known kind"


def _check_account(item: Item, account_id: str, references: References) -> Iterator[str]:
    account = Account.model_validate(item)
    references.add_account(account_id, account.slug)
    references.add("slug", keys.slug_taken(account.slug)[0], account_id, fault="the slug is not taken by this account")
    if account.id != account_id:
        yield f"has the id {account.id}"


def _check_api_key(item: Item, account_id: str, references: References) -> Iterator[str]:
    key = ApiKey.model_validate(item)
    references.add_slug_on_key(account_id, key.account_slug)
    if keys.api_key(key.account_id, key.id) != _key(item):
        yield f"has the id {key.id} and the account {key.account_id}"
    if not key.key_prefix.startswith(f"tk_{key.environment}_{account_id.removeprefix('acct_')}"):
        yield f"has the key_prefix {key.key_prefix}"
    for scope in key.scopes:
        if not any(grants(scope, known) for known in SCOPES):
            yield f"has the unknown scope {scope}"
    if not key.scopes:
        yield "has no scope"


def _check_assistant(item: Item, account_id: str, references: References) -> Iterator[str]:
    assistant = Assistant.model_validate(item)
    for number in assistant.phone_number_ids:
        references.add("held", account_id, assistant.id, number, fault="the number, which it lists, is not its own")
    if keys.assistant(assistant.account_id, assistant.id) != _key(item):
        yield f"has the id {assistant.id} and the account {assistant.account_id}"
    if assistant.version < 1:
        yield f"has the version {assistant.version}"
    if len(assistant.phone_number_ids) > MAX_NUMBERS:
        yield f"holds {len(assistant.phone_number_ids)} numbers, and {MAX_NUMBERS} is the most"
    if item.get("name_folded") != assistant.name.casefold():
        yield "is not found by its name: name_folded is another"


def _check_phone_number(item: Item, account_id: str, references: References) -> Iterator[str]:
    number = PhoneNumber.model_validate(item)
    taken = keys.phone_number_taken(number.id)[0]
    references.add("owner", taken, account_id, fault="the account has the number, which is not noted as taken by it")
    if number.assistant_id:
        holder = number.assistant_id
        references.add("held", account_id, holder, number.id, fault="the assistant does not list the number")
    if keys.phone_number(account_id, number.id) != _key(item) or phone_number_id(number.phone_number) != number.id:
        yield f"has the id {number.id} and the number {number.phone_number}"


def _key(item: Item) -> keys.PrimaryKey:
    return item["PK"], item["SK"]


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("Name one table: make audit TABLE=...", file=sys.stderr)
        return 2
    try:
        client, table = boto3.client("dynamodb"), arguments[0]
        found = set(violations(scan(client, table)))
        if found:
            # A scan is no snapshot, so a change during it can look like a fault. A real fault is in the next scan too.
            time.sleep(PAUSE_SECONDS)
            found &= set(violations(scan(client, table)))
    except (BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 2
    for line in sorted(found):
        print(line)
    print(f"{len(found) or 'No'} violation{'s' if len(found) != 1 else ''} in {table}.", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
