"""The rules that each item of the table keeps."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, Field, Json

from assistants_api.models.account import COUNTABLES, Account
from assistants_api.models.api_key import SCOPES, ApiKey, grants
from assistants_api.models.assistant import MAX_NUMBERS, Assistant
from assistants_api.models.call import RETENTION_SECONDS
from assistants_api.models.deleted_assistant import RESTORABLE_SECONDS
from assistants_api.models.ids import account_of_connection, phone_number_id
from assistants_api.models.parsing import Resource
from assistants_api.models.phone_number import PhoneNumber
from assistants_api.models.text import folded
from assistants_api.storage import call_usage, calls, deleted_assistants, keys, telephony_connections, versions
from assistants_api.storage.compressed import unpack_text
from assistants_api.storage.rate_limits import HOUR
from local.proofs.references import Item, References

ACCOUNT = keys.partition("")
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


def check(item: Item, references: References) -> Iterator[str]:
    """What is wrong with the item itself. What it has to agree on with others, it adds to the references."""
    pk, sk = str(item["PK"]), str(item["SK"])
    if pk.startswith(ACCOUNT):
        account_id = pk.removeprefix(ACCOUNT)
        references.add_partition(account_id)
        kind, separator, _ = sk.partition("#")
        if check_item := OF_ACCOUNT.get(kind + separator):
            yield from check_item(item, account_id, references)
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
    elif pk.startswith(keys.SLUG) and sk == "SLUG":
        references.add("slug", pk, str(item.get("account_id")), fault="the account does not have this slug")
        return
    elif pk == keys.ALL_ACCOUNTS:
        references.add_listed(sk)
        return
    elif pk.startswith(keys.PHONE_NUMBER) and sk == "NUMBER":
        references.add("owner", pk, str(item.get("account_id")), fault="the account does not have this number")
        return
    yield "is of no known kind"


def _check_account(item: Item, account_id: str, references: References) -> Iterator[str]:
    account = Account.model_validate(item)
    references.add_account(account_id, {it: getattr(account, it) for it in COUNTABLES if it in item})
    references.add("slug", keys.slug_taken(account.slug)[0], account_id, fault="the slug is not taken by this account")
    if account.id != account_id:
        yield f"has the id {account.id}"
    if account.erasing_since:
        references.add_erasing(account_id)
        if not account.suspended_at:
            yield "is being erased and is not suspended"
    for things in COUNTABLES:
        if (getattr(account, f"max_{things}") or 0) < 0:
            yield f"may have {getattr(account, f'max_{things}')} {things}"


def _check_api_key(item: Item, account_id: str, references: References) -> Iterator[str]:
    references.add_thing(account_id, "api_keys")
    references.add_api_key(account_id, str(item["SK"]).removeprefix(keys.API_KEY))
    key = ApiKey.model_validate(item)
    keys.api_key(account_id, key.counts_as)  # raises for one that has no key
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
    references.add_attention(account_id, assistant)
    yield from _check_configuration(item, assistant, account_id, references)


def _check_deleted_assistant(item: Item, account_id: str, references: References) -> Iterator[str]:
    deleted = deleted_assistants.from_item(item)
    if keys.deleted_assistant(deleted.account_id, deleted.id) != _key(item):
        yield f"has the id {deleted.id} and the account {deleted.account_id}"
    if item["ttl"] != datetime.fromisoformat(deleted.deleted_at).timestamp() + RESTORABLE_SECONDS:
        yield f"was deleted at {deleted.deleted_at} and can be restored until {deleted.restorable_until}"
    yield from _check_configuration(item, deleted, account_id, references)


def _check_configuration(item: Item, assistant: Assistant, account_id: str, references: References) -> Iterator[str]:
    if not references.add_assistant(account_id, assistant.id, assistant.version):
        yield "is both there and deleted"
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
    for pin in number.versions or ():
        references.add_pin(account_id, number.id, number.assistant_id or "no assistant", pin.version)
    if number.connection_id and account_of_connection(number.connection_id) != account_id:
        yield f"was imported through {number.connection_id}, which is no connection of its account"
    if keys.phone_number(account_id, number.id) != _key(item) or phone_number_id(number.phone_number) != number.id:
        yield f"has the id {number.id} and the number {number.phone_number}"


def _check_connection(item: Item, account_id: str, references: References) -> Iterator[str]:
    references.add_thing(account_id, "telephony_connections")
    connection = telephony_connections.from_item(item)
    keys.connection(account_id, connection.id)  # raises for an id that is none
    if connection.revision < 1:
        yield f"has the revision {connection.revision}"


def _key(item: Item) -> keys.PrimaryKey:
    return item["PK"], item["SK"]


def _check_idempotency(item: Item, account_id: str, references: References) -> Iterator[str]:
    IdempotencyRecord.model_validate({**item, "answer": unpack_text("answer", item)})
    if not DIGEST.fullmatch(str(item["SK"]).removeprefix(keys.IDEMPOTENCY)):
        yield "is under no SHA-256"


def _check_call(item: Item, account_id: str, references: References) -> Iterator[str]:
    """Both as it is in the list and as it is found by its id. TTL removes the two at different times."""
    call = calls.from_item(item)
    if _key(item) not in (keys.answer(account_id, call.id), keys.call(account_id, call.started_at, call.id)):
        yield f"has the id {call.id} and the start {call.started_at}"
    if (call.reason == "routed") != (call.routed(account_id) is not None):
        yield f"is {call.reason} to the assistant {call.assistant_id}"
    if item["ttl"] < call.started + RETENTION_SECONDS:
        yield "is removed before its time"


def _check_call_count(item: Item, account_id: str, references: References) -> Iterator[str]:
    """Of an assistant on a day, which a TTL removes a year later, or in all. Either can outlive the assistant."""
    count = call_usage.from_item(item)
    assistant_id, _, day = str(item["SK"]).removeprefix(keys.CALL_DAY).partition("#")
    keys.assistant(account_id, assistant_id)  # raises for one that has no key
    if not 0 <= count.with_duration <= count.calls or count.seconds < count.with_duration:
        yield f"counts {count.calls} calls, {count.with_duration} with a duration, of {count.seconds} seconds"
    if day != call_usage.TOTAL and item["ttl"] < datetime.fromisoformat(f"{day}T00:00Z").timestamp():
        yield "is removed before its day"


OF_ACCOUNT = {  # by the start of the sort key, as `keys` has it
    "ACCOUNT": _check_account,
    keys.API_KEY: _check_api_key,
    keys.ASSISTANT: _check_assistant,
    keys.DELETED_ASSISTANT: _check_deleted_assistant,
    keys.CALL: _check_call,
    keys.ANSWER: _check_call,
    keys.CALL_DAY: _check_call_count,
    keys.CONNECTION: _check_connection,
    keys.PHONE_NUMBER: _check_phone_number,
    keys.VERSION: _check_version,
    keys.IDEMPOTENCY: _check_idempotency,
}
