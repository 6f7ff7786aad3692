"""The keys of the table, one format per entity. What an account owns is in its own partition.

A key is formed of a well-formed id alone, so that no caller reaches another item: each function that takes an id raises
MalformedId.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from assistants_api.errors import MalformedId
from assistants_api.models.e164 import guess_number, read_number
from assistants_api.models.ids import (
    API_KEY_ID,
    CALL_ID,
    CONNECTION_ID,
    E164_FORM,
    PHONE_NUMBER_ID,
    ULID_ID,
    VERSION_NUMBER,
)
from assistants_api.models.messages import did_you_mean

PrimaryKey = tuple[str, str]  # PK, SK

ACCOUNT = "ACCOUNT#"
ACCOUNT_ITEM = "ACCOUNT"
ALL_ACCOUNTS = "LIST#ACCOUNTS"
SLUG = "SLUG#"
API_KEY = "APIKEY#"
ASSISTANT = "ASSISTANT#"
DELETED_ASSISTANT = "DELETED#"
VERSION = "VERSION#"
PHONE_NUMBER = "NUMBER#"
CONNECTION = "CONNECTION#"
USAGE = "USAGE#"
LAST_USE = "LAST#"
IDEMPOTENCY = "IDEMPOTENCY#"
CALL = "CALL#"
ANSWER = "ANSWER#"
CALL_DAY = "CALLDAY#"


NOUNS = {  # by the start of the sort key
    ACCOUNT_ITEM: "account",
    ANSWER: "call",
    API_KEY: "API key",
    ASSISTANT: "assistant",
    CALL: "call",
    CALL_DAY: "count of calls",
    CONNECTION: "telephony connection",
    DELETED_ASSISTANT: "deleted assistant",
    IDEMPOTENCY: "answer under an Idempotency-Key",
    LAST_USE: "last use of the API key",
    PHONE_NUMBER: "phone number",
    VERSION: "version",
}


def partition(account_id: str) -> str:
    return f"{ACCOUNT}{account_id}"


def account_of(item: Mapping[str, Any]) -> str:
    return str(item["PK"]).removeprefix(ACCOUNT)


def account(account_id: str) -> PrimaryKey:
    return partition(account_id), ACCOUNT_ITEM


def listed_account(account_id: str) -> PrimaryKey:
    """Outside of all accounts: which there are."""
    return ALL_ACCOUNTS, account_id


def api_key(account_id: str, key_id: str) -> PrimaryKey:
    """`key_<sha256>` -> `APIKEY#<sha256>`"""
    return partition(account_id), f"{API_KEY}{_sha256(key_id)}"


def idempotency(account_id: str, key_id: str, idempotency_key: str) -> PrimaryKey:
    """Of the API key's own: another key, which may be allowed more or less, is told nothing."""
    return partition(account_id), f"{IDEMPOTENCY}{sha256(f'{key_id} {idempotency_key}'.encode()).hexdigest()}"


def assistant(account_id: str, assistant_id: str) -> PrimaryKey:
    if not (assistant_id.startswith("asst_") and ULID_ID.fullmatch(assistant_id)):
        raise MalformedId("The assistant id is malformed; it is asst_ and 26 lower-case letters and digits.")
    return partition(account_id), f"{ASSISTANT}{assistant_id}"


def deleted_assistant(account_id: str, assistant_id: str) -> PrimaryKey:
    _, sort_key = assistant(account_id, assistant_id)
    return partition(account_id), f"{DELETED_ASSISTANT}{sort_key.removeprefix(ASSISTANT)}"


def ids_of_deleted_assistant(key: PrimaryKey) -> tuple[str, str]:
    """The ids of the account and of the assistant."""
    return key[0].removeprefix(partition("")), key[1].removeprefix(DELETED_ASSISTANT)


def versions(assistant_id: str) -> str:
    """What the sort keys of an assistant's versions start with."""
    return f"{VERSION}{assistant_id}#"


def assistant_of_version(sort_key: str) -> str:
    """`VERSION#asst_...#00000003` -> `asst_...`"""
    return sort_key.removeprefix(VERSION).partition("#")[0]


def version(account_id: str, assistant_id: str, number: str) -> PrimaryKey:
    """`3` -> `VERSION#asst_...#00000003`"""
    _, sort_key = assistant(account_id, assistant_id)
    if not VERSION_NUMBER.fullmatch(number):
        raise MalformedId("The version is malformed; it is a whole number from 1, as 3.")
    return partition(account_id), f"{versions(sort_key.removeprefix(ASSISTANT))}{int(number):08d}"


def phone_number(account_id: str, number_id: str) -> PrimaryKey:
    """`pn_14155550101` -> `NUMBER#+14155550101`"""
    return partition(account_id), f"{PHONE_NUMBER}{_e164(number_id)}"


def called_number(account_id: str, text: str) -> PrimaryKey:
    """The key of the phone number that the text clearly means, such as `+14155550101` or `tel:+1-415-555-0101`."""
    number = read_number(text)
    if number is None:
        raise MalformedId(f"The called number must be {E164_FORM}{did_you_mean(guess_number(text))}.")
    return partition(account_id), f"{PHONE_NUMBER}{number}"


def connection(account_id: str, connection_id: str) -> PrimaryKey:
    if not CONNECTION_ID.fullmatch(connection_id):
        raise MalformedId("The connection id is malformed; it is conn_ and 52 lower-case letters and digits.")
    return partition(account_id), f"{CONNECTION}{connection_id}"


def call(account_id: str, started_at: str, call_id: str) -> PrimaryKey:
    """Calls sort by the time at which they started."""
    return partition(account_id), f"{CALL}{started_at}#{_call(call_id)}"


def calls_between(start: str | None, end: str | None) -> tuple[str, str]:
    """The sort keys between which those of calls are that started at `start` or later, and before `end`."""
    return f"{CALL}{start or ''}", f"{CALL}{end or '~'}"  # which sorts after all times


def answer(account_id: str, call_id: str) -> PrimaryKey:
    """What the carrier was told to do with a call."""
    return partition(account_id), f"{ANSWER}{_call(call_id)}"


def call_days(assistant_id: str) -> str:
    """What the sort keys of an assistant's counts of calls start with: by day, and `TOTAL` after all days."""
    return f"{CALL_DAY}{assistant_id}#"


def phone_number_taken(number_id: str) -> PrimaryKey:
    """Outside of all accounts: whose a number is."""
    return f"{PHONE_NUMBER}{_e164(number_id)}", "NUMBER"


def usage_partition(account_id: str) -> str:
    """Outside of the account's partition, so that a function that only reads may write counts and nothing else."""
    return f"{USAGE}{account_id}"


def usage(account_id: str, key_id: str, hour: int) -> PrimaryKey:
    return usage_partition(account_id), f"{_sha256(key_id)}#{hour}"


def last_use(account_id: str, key_id: str) -> PrimaryKey:
    return usage_partition(account_id), f"{LAST_USE}{_sha256(key_id)}"


def slug_taken(slug: str) -> PrimaryKey:
    return f"{SLUG}{slug}", "SLUG"


def named(key: PrimaryKey) -> tuple[str, str, str]:
    """What the item under the key is, its name as the API has it, and the assistant that has it, if one does: such as
    `assistant` with its id, or `version`, `3` and the id of its assistant."""
    prefix, name = _kind(key), key[1].rpartition("#")[2]
    names = {
        ACCOUNT_ITEM: key[0].removeprefix(ACCOUNT),
        API_KEY: f"key_{name}",
        LAST_USE: f"key_{name}",
        PHONE_NUMBER: f"pn_{name.removeprefix('+')}",
        VERSION: name.lstrip("0"),
    }
    owner = key[1].split("#")[1] if prefix in (VERSION, CALL_DAY) else ""
    return NOUNS.get(prefix, "item"), names.get(prefix, name), owner


def can_be_deleted(key: PrimaryKey) -> bool:
    """Whether an endpoint deletes what is under the key."""
    return _kind(key) in (API_KEY, ASSISTANT, CONNECTION, PHONE_NUMBER)


def _kind(key: PrimaryKey) -> str:
    kind, separator, _ = key[1].partition("#")
    return kind + separator


def _call(call_id: str) -> str:
    if not CALL_ID.fullmatch(call_id):
        raise MalformedId("The call id is malformed; it is that of the carrier, such as CA and 32 hexadecimal digits.")
    return call_id


def _sha256(key_id: str) -> str:
    if not API_KEY_ID.fullmatch(key_id):
        raise MalformedId("The API key id is malformed; it is key_ and 64 hexadecimal digits.")
    return key_id.removeprefix("key_")


def _e164(number_id: str) -> str:
    if not PHONE_NUMBER_ID.fullmatch(number_id):
        raise MalformedId(
            "The phone number id is malformed; it is pn_ and the digits of the number, as pn_14155550101"
            f"{did_you_mean(guess_number(number_id, prefix='pn_'))}."
        )
    return "+" + number_id.removeprefix("pn_")
