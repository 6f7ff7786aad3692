"""`python -m local.proofs.audit [--recount] TABLE`: prints each broken invariant of the table on a line; exits with 1
if there is one.

It reads the whole table with a Scan, which costs as much as reading every item once. It holds in memory the accounts
with their counts, the API keys, and the references between two items of which it has seen only one. Both items of a
reference are usually on nearby pages, except for slugs and the owners of numbers. The table of a stack that runs here
is found by its name; for others boto3 finds credentials, region and AWS_ENDPOINT_URL_DYNAMODB.

What is no fault but worth knowing is a note on stderr: an assistant that needs a person, such as one whose model has
retired; an account's counts, which are kept beside the writes and can differ from what is there; and an account that is
not in the list of accounts, which an earlier release did not keep. `--recount` writes the right counts and what the
list lacks, which is all that it ever writes.
"""

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, cast

import boto3
from boto3.dynamodb.types import Binary, TypeDeserializer
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError

from assistants_api.errors import ItemUnreadable
from assistants_api.models import clock
from assistants_api.storage import readers
from assistants_api.storage.client import REQUEST_SECONDS
from local.proofs.items import check
from local.proofs.references import Item, Miscount, References, Unlisted
from local.stack.running import running

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOTHING_RUNS = (
    "No stack that runs here has the table {table}: `make run` starts one with the table assistants. "
    "For a table in AWS, name the region: AWS_DEFAULT_REGION=us-east-1."
)
Correction = Miscount | Unlisted
PAUSE_SECONDS = REQUEST_SECONDS + 1  # a request that was running has ended then


@dataclass
class Findings:
    violations: set[str] = field(default_factory=set)
    miscounts: set[Correction] = field(default_factory=set)
    leftovers: set[str] = field(default_factory=set)
    attention: set[str] = field(default_factory=set)

    @property
    def may_be_torn(self) -> bool:
        """Whether there is something that a change during the scan could look like."""
        return bool(self.violations or self.miscounts or self.leftovers)

    def __and__(self, other: "Findings") -> "Findings":
        return Findings(
            self.violations & other.violations,
            self.miscounts & other.miscounts,
            self.leftovers & other.leftovers,
            self.attention & other.attention,
        )


def audit(client: "DynamoDBClient", table: str, today: date) -> Findings:
    """What two scans of the table find. A scan is no snapshot, so a change during it can look like a fault; a real
    fault is in the next scan too.
    """
    found = findings(scan(client, table), today)
    if found.may_be_torn:
        time.sleep(PAUSE_SECONDS)
        found &= findings(scan(client, table), today)
    return found


def recount(client: "DynamoDBClient", table: str, miscounts: set[Correction]) -> set[Correction]:
    """Writes the right counts, and what the list of accounts lacks; those that changed meanwhile are left as they are,
    and returned.

    A write and its count happen at the same time, so first the requests end of which the scan saw only the write.
    """
    time.sleep(PAUSE_SECONDS)
    changed = set[Correction]()
    for miscount in miscounts:
        try:
            actions: Any = [{type(it).__name__: it.request(table)} for it in miscount.correction()]
            client.transact_write_items(TransactItems=actions)
        except client.exceptions.TransactionCanceledException:
            changed.add(miscount)
    return changed


def scan(client: "DynamoDBClient", table: str) -> Iterator[Item]:
    """Every item, page by page."""
    deserialize = TypeDeserializer().deserialize
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        for item in page["Items"]:
            yield {name: _bytes_of(deserialize(value)) for name, value in item.items()}


def _bytes_of(value: object) -> object:
    return bytes(cast(bytes, value)) if isinstance(value, Binary) else value


def violations(items: Iterator[Item]) -> Iterator[str]:
    """What is wrong with these items, all those of a table: one line each, with the key first."""
    yield from _violations(items, References())


def findings(items: Iterator[Item], today: date | None = None) -> Findings:
    """What is wrong or worth knowing; without a day nothing of what depends on it."""
    references = References(today)
    wrong = {line for line in _violations(items, references) if not references.is_of_erasing(line)}
    miscounts = {it for it in references.miscounts() if not references.is_of_erasing(str(it))}
    leftovers = {line for line in references.leftovers() if not references.is_of_erasing(line)}
    return Findings(wrong, miscounts, leftovers, references.attention | set(references.erasures()))


def _violations(items: Iterator[Item], references: References) -> Iterator[str]:
    for item in items:
        where = f"{item['PK']} {item['SK']}"
        try:
            for fault in check(item, references):
                yield f"{where}: {fault}"
        except ItemUnreadable as fault:
            yield f"{where}: does not parse: {fault.reason}"
        except readers.FAULTS as fault:
            yield f"{where}: does not parse: {readers.reason(fault)}"
    yield from references.unmatched()


def main(arguments: list[str]) -> int:
    recounts, tables = "--recount" in arguments, [it for it in arguments if it != "--recount"]
    if len(tables) != 1:
        print("Name one table: make audit TABLE=...", file=sys.stderr)
        return 2
    table = tables[0]
    try:
        client = client_of(table)
        found = audit(client, table, clock.today())
        changed = recount(client, table, found.miscounts) if recounts and found.miscounts else set[Correction]()
    except NoRegionError:
        print(NOTHING_RUNS.format(table=table), file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 2
    for line in sorted(found.violations):
        print(line)
    for miscount in sorted(found.miscounts, key=str):
        print(f"note: {miscount}{_done(miscount, changed) if recounts else ''}", file=sys.stderr)
    for note in sorted(found.leftovers | found.attention):
        print(f"note: {note}", file=sys.stderr)
    if found.miscounts and not recounts:
        print("To put that right: make audit TABLE=... RECOUNT=1", file=sys.stderr)
    count = len(found.violations)
    print(f"{count or 'No'} violation{'s' if count != 1 else ''} in {table}.", file=sys.stderr)
    return 1 if found.violations or changed else 0


def client_of(table: str) -> "DynamoDBClient":
    """For the database that AWS_ENDPOINT_URL_DYNAMODB names, else that of the stack that runs here if the table is its,
    else AWS. Raises NoRegionError.
    """
    stack = None if os.environ.get("AWS_ENDPOINT_URL_DYNAMODB") else running()
    return stack.dynamodb_client() if stack and stack.table == table else boto3.client("dynamodb")


def _done(miscount: Correction, changed: set[Correction]) -> str:
    return f"; {'it changed meanwhile, so run this again' if miscount in changed else miscount.done}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
