"""The keys of the table, one format per entity. What an account owns is in its own partition."""

from assistants_api.models.ids import check_api_key_id, check_called_number, check_phone_number_id, check_ulid_id

PrimaryKey = tuple[str, str]  # PK, SK

API_KEY = "APIKEY#"
ASSISTANT = "ASSISTANT#"
PHONE_NUMBER = "NUMBER#"
USAGE = "USAGE#"
LAST_USE = "LAST#"


def partition(account_id: str) -> str:
    return f"ACCOUNT#{account_id}"


def account(account_id: str) -> PrimaryKey:
    return partition(account_id), "ACCOUNT"


def api_key(account_id: str, key_id: str) -> PrimaryKey:
    """`key_<sha256>` -> `APIKEY#<sha256>`. Raises MalformedId."""
    return partition(account_id), f"{API_KEY}{check_api_key_id(key_id).removeprefix('key_')}"


def assistant(account_id: str, assistant_id: str) -> PrimaryKey:
    """Raises MalformedId."""
    return partition(account_id), f"{ASSISTANT}{check_ulid_id('assistant', 'asst_', assistant_id)}"


def phone_number(account_id: str, number_id: str) -> PrimaryKey:
    """`pn_14155550101` -> `NUMBER#+14155550101`. Raises MalformedId."""
    return partition(account_id), f"{PHONE_NUMBER}{_e164(number_id)}"


def called_number(account_id: str, e164: str) -> PrimaryKey:
    """The key of the phone number with these digits, such as `+14155550101`. Raises MalformedId."""
    return partition(account_id), f"{PHONE_NUMBER}{check_called_number(e164)}"


def phone_number_taken(number_id: str) -> PrimaryKey:
    """Outside of all accounts: whose a number is. Raises MalformedId."""
    return f"{PHONE_NUMBER}{_e164(number_id)}", "NUMBER"


def usage_partition(account_id: str) -> str:
    """Outside of the account's partition, so that a function that only reads may write counts and nothing else."""
    return f"{USAGE}{account_id}"


def usage(account_id: str, key_id: str, hour: int) -> PrimaryKey:
    """Raises MalformedId."""
    return usage_partition(account_id), f"{check_api_key_id(key_id).removeprefix('key_')}#{hour}"


def last_use(account_id: str, key_id: str) -> PrimaryKey:
    """Raises MalformedId."""
    return usage_partition(account_id), f"{LAST_USE}{check_api_key_id(key_id).removeprefix('key_')}"


def slug_taken(slug: str) -> PrimaryKey:
    return f"SLUG#{slug}", "SLUG"


def _e164(number_id: str) -> str:
    return "+" + check_phone_number_id(number_id).removeprefix("pn_")
