"""A customer's load: calls, people who look and change, and a request now and then that is refused."""

from dataclasses import dataclass
from typing import Any

from assistants_api.storage.table import Table
from tests.faults.injection import Fault
from tests.harness import Account, new_key
from tests.observability.recording import Recording

ROUTED, UNASSIGNED = "+14155550101", "+14155550102"
STRANGER = "203.0.113.7"
READ_MILLISECONDS = 5


@dataclass(frozen=True)
class Customer:
    account: Account
    limited: Account  # a key with a rate limit
    assistant: str


def new_customer(account: Account) -> Customer:
    assistant = account.new_assistant()["id"]
    account.assign(assistant, [account.new_number(ROUTED)])
    account.new_number(UNASSIGNED)
    account.update(assistant, inbound_enabled=True)
    return Customer(account, new_key(account.slug, account.id, rate_limit_per_hour=100_000), assistant)


def take_time(table: Table, recording: Recording) -> None:
    """Each call to DynamoDB takes a few milliseconds of the recording's clock."""

    def answer_late(**_: object) -> None:
        recording.pass_time(READ_MILLISECONDS * (1 + len(recording.lines) % 4) / 1000)

    table.client.meta.events.register("before-parse.dynamodb", answer_late)


def minute(recording: Recording, customer: Customer, number: int) -> None:
    """What happens in one minute."""
    account, assistant = customer.account, customer.assistant
    for _ in range(2 + number % 3):
        recording.request(lambda: account.route(ROUTED))
    recording.request(lambda: customer.limited.call("get_assistant", assistant))
    if number % 2:
        recording.request(lambda: account.update(assistant, temperature=number % 10 / 10))
    if number % 5 == 1:
        recording.request(lambda: account.call("list_assistants"))
        recording.request(lambda: account.call("list_phone_numbers"))
    if number % 10 == 3:
        recording.request(lambda: account.route(UNASSIGNED))
        recording.request(lambda: account.call("get_assistant", f"{assistant[:-1]}0"))
        recording.request(lambda: stranger(account).call("test_api_key"))


def stranger(account: Account) -> Account:
    """Who has a key that this deployment never issued."""
    return Account(account.slug, account.id, f"{account.token[:-1]}{'0' if account.token[-1] != '0' else '1'}")


def slow(recording: Recording, seconds: float) -> Fault:
    """DynamoDB answers after so long."""

    def after(operation: str, reply: dict[str, Any]) -> None:
        recording.pass_time(seconds)

    return Fault(after=after)
