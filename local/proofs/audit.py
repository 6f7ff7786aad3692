"""`python -m local.proofs.audit [--recount] TABLE`: prints each broken invariant of the table on a line; exits with 1
if there is one.

It reads the whole table with a Scan, which costs as much as reading every item once. It holds in memory the accounts
with their counts, the API keys, and the references between two items of which it has seen only one. Both items of a
reference are usually on nearby pages, except for slugs and the owners of numbers. The table of a stack that runs here
is found by its name; for others boto3 finds credentials, region and AWS_ENDPOINT_URL_DYNAMODB.

What is no fault but worth knowing is a note on stderr: an account's counts are kept beside the writes and can differ
from what is there. `--recount` writes the right ones, which is all that it ever writes.
"""

import os
import re
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import boto3
from boto3.dynamodb.types import Binary, TypeDeserializer
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError
from pydantic import AwareDatetime, Field, Json, ValidationError

from assistants_api.errors import MalformedId
from assistants_api.models.account import Account
from assistants_api.models.api_key import SCOPES, ApiKey, grants
from assistants_api.models.assistant import MAX_NUMBERS, Assistant
from assistants_api.models.ids import phone_number_id
from assistants_api.models.parsing import Resource
from assistants_api.models.phone_number import PhoneNumber
from assistants_api.models.text import folded
from assistants_api.storage import keys, versions
from assistants_api.storage.client import REQUEST_SECONDS
from assistants_api.storage.compressed import unpack_text
from assistants_api.storage.rate_limits import HOUR
from local.proofs.references import COUNTABLES, Item, Miscount, References
from local.stack.running import running

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOTHING_RUNS = (
    "No stack that runs here has the table {table}: `make run` starts one with the table assistants. "
    "For a table in AWS, name the region: AWS_DEFAULT_REGION=us-east-1."
)
PAUSE_SECONDS = REQUEST_SECONDS + 1  # a request that was running has ended then
ACCOUNT = keys.partition("")
SLUG = keys.slug_taken("")[0]
DIGEST = re.compile("[0-9a-f]{64}")
USED_IN_HOUR = re.compile(r"[0-9a-f]{64}#([0-9]{1,9})")


class Usage(Resource):
    """How many requests are reserved for a key in an hour."""

    reserved: int = Field(ge=1)
    ttl: int


class LastUse(Resource):
    last_used_at: AwareDatetime


class IdempotencyRecord(Resource):
    """What a request under an idempotency key was answered."""

    fingerprint: str = Field(pattern="^[0-9a-f]{64}$")
    ttl: int
    answer: Json[dict[str, Any]]


@dataclass
class Findings:
    violations: set[str] = field(default_factory=set)
    miscounts: set[Miscount] = field(default_factory=set)
    leftovers: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.violations or self.miscounts or self.leftovers)

    def __and__(self, other: "Findings") -> "Findings":
        return Findings(
            self.violations & other.violations, self.miscounts & other.miscounts, self.leftovers & other.leftovers
        )


def audit(client: "DynamoDBClient", table: str) -> Findings:
    """What two scans of the table find. A scan is no snapshot, so a change during it can look like a fault; a real
    fault is in the next scan too.
    """
    found = findings(scan(client, table))
    if found:
        time.sleep(PAUSE_SECONDS)
        found &= findings(scan(client, table))
    return found


def recount(client: "DynamoDBClient", table: str, miscounts: set[Miscount]) -> set[Miscount]:
    """Writes the right counts; those that changed meanwhile are left as they are, and returned.

    A write and its count happen at the same time, so first the requests end of which the scan saw only the write.
    """
    time.sleep(PAUSE_SECONDS)
    changed = set[Miscount]()
    for miscount in miscounts:
        try:
            client.update_item(**miscount.correction().request(table))
        except client.exceptions.ConditionalCheckFailedException:
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


def findings(items: Iterator[Item]) -> Findings:
    references = References()
    wrong = set(_violations(items, references))
    return Findings(wrong, set(references.miscounts()), set(references.leftovers()))


def _violations(items: Iterator[Item], references: References) -> Iterator[str]:
    for item in items:
        where = f"{item['PK']} {item['SK']}"
        try:
            for fault in _check(item, references):
                yield f"{where}: {fault}"
        except ValidationError as error:
            faults = [f"{'.'.join(map(str, each['loc']))} {each['msg']}" for each in error.errors(include_input=False)]
            yield f"{where}: does not parse: {'; '.join(faults)}"
        except (KeyError, zlib.error) as error:
            yield f"{where}: does not parse: {error!r}"
        except MalformedId as error:
            yield f"{where}: {error.message}"
    yield from references.unmatched()


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
        if sk.startswith(keys.VERSION):
            yield from _check_version(item, account_id, references)
            return
        if DIGEST.fullmatch(sk.removeprefix(keys.IDEMPOTENCY)) and sk.startswith(keys.IDEMPOTENCY):
            IdempotencyRecord.model_validate({**item, "answer": unpack_text("answer", item)})
            return
    elif pk.startswith(keys.USAGE):
        account_id = pk.removeprefix(keys.USAGE)
        references.add_partition(account_id)
        if sk.startswith(keys.LAST_USE):
            LastUse.model_validate(item)
            references.add_last_use(account_id, sk.removeprefix(keys.LAST_USE))
            return
        if hour := USED_IN_HOUR.fullmatch(sk):
            if Usage.model_validate(item).ttl < (int(hour[1]) + 1) * HOUR:
                yield "is deleted before its hour ends"
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
    references.add_account(account_id, account.slug, {it: getattr(account, it) for it in COUNTABLES if it in item})
    references.add("slug", keys.slug_taken(account.slug)[0], account_id, fault="the slug is not taken by this account")
    if account.id != account_id:
        yield f"has the id {account.id}"


def _check_api_key(item: Item, account_id: str, references: References) -> Iterator[str]:
    references.add_thing(account_id, "api_keys")
    references.add_api_key(account_id, str(item["SK"]).removeprefix(keys.API_KEY))
    key = ApiKey.model_validate(item)
    keys.api_key(account_id, key.counts_as)  # raises for one that has no key
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
    if key.revoked_at and key.is_active:
        yield "was revoked by the operator and is active"


def _check_assistant(item: Item, account_id: str, references: References) -> Iterator[str]:
    references.add_thing(account_id, "assistants")
    assistant = Assistant.model_validate(item)
    for number in assistant.phone_number_ids:
        references.add("held", account_id, assistant.id, number, fault="the number, which it lists, is not its own")
    if keys.assistant(assistant.account_id, assistant.id) != _key(item):
        yield f"has the id {assistant.id} and the account {assistant.account_id}"
    references.add_assistant(account_id, assistant.id, assistant.version)
    if assistant.version < 1:
        yield f"has the version {assistant.version}"
    if len(assistant.phone_number_ids) > MAX_NUMBERS:
        yield f"holds {len(assistant.phone_number_ids)} numbers, and {MAX_NUMBERS} is the most"
    if item.get("name_folded") != folded(assistant.name):
        yield "is not found by its name: name_folded is another"


def _check_version(item: Item, account_id: str, references: References) -> Iterator[str]:
    version = versions.from_item(item)
    assistant = version.assistant
    references.add_version(account_id, assistant.id, version.version)
    if keys.version(account_id, assistant.id, str(version.version)) != _key(item):
        yield f"has the version {version.version} of the assistant {assistant.id}"
    if (assistant.account_id, assistant.version) != (account_id, version.version):
        yield f"shows the version {assistant.version} of the account {assistant.account_id}"


def _check_phone_number(item: Item, account_id: str, references: References) -> Iterator[str]:
    references.add_thing(account_id, "phone_numbers")
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
    recounts, tables = "--recount" in arguments, [it for it in arguments if it != "--recount"]
    if len(tables) != 1:
        print("Name one table: make audit TABLE=...", file=sys.stderr)
        return 2
    table = tables[0]
    try:
        client = client_of(table)
        found = audit(client, table)
        changed = recount(client, table, found.miscounts) if recounts and found.miscounts else set[Miscount]()
    except NoRegionError:
        print(NOTHING_RUNS.format(table=table), file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 2
    for line in sorted(found.violations):
        print(line)
    for miscount in sorted(found.miscounts, key=str):
        print(f"note: {miscount}{_done(miscount in changed) if recounts else ''}", file=sys.stderr)
    for leftover in sorted(found.leftovers):
        print(f"note: {leftover}", file=sys.stderr)
    if found.miscounts and not recounts:
        print("To write the right counts: make audit TABLE=... RECOUNT=1", file=sys.stderr)
    count = len(found.violations)
    print(f"{count or 'No'} violation{'s' if count != 1 else ''} in {table}.", file=sys.stderr)
    return 1 if found.violations or changed else 0


def client_of(table: str) -> "DynamoDBClient":
    """For the database that AWS_ENDPOINT_URL_DYNAMODB names, else that of the stack that runs here if the table is its,
    else AWS. Raises NoRegionError.
    """
    stack = None if os.environ.get("AWS_ENDPOINT_URL_DYNAMODB") else running()
    return stack.dynamodb_client() if stack and stack.table == table else boto3.client("dynamodb")


def _done(has_changed: bool) -> str:
    return "; it changed meanwhile, so run this again" if has_changed else "; the right count is written"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
