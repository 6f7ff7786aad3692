"""The carriers of the tests: stand-ins on this machine, as new in each test."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from local.stack.carriers import ACCOUNT_SID, API_KEY, AUTH_TOKEN, serving
from local.stack.carriers.telnyx import Telnyx
from local.stack.carriers.twilio import Twilio
from tests.catalogue import CONNECTED_NUMBER_ID, PHONE_NUMBER

NUMBERS = (PHONE_NUMBER, "+14155550102", CONNECTED_NUMBER_ID.replace("pn_", "+"))

twilio = Twilio(ACCOUNT_SID, AUTH_TOKEN)
telnyx = Telnyx(API_KEY)


def renew() -> None:
    """Gives them the numbers that the tests expect, and nothing else."""
    for carrier in (twilio, telnyx):
        carrier.reset()
        for number in NUMBERS:
            carrier.add(number)


@contextmanager
def served() -> Iterator[None]:
    """Leads the functions to them."""
    renew()
    with serving(twilio, telnyx) as variables:
        os.environ |= variables
        yield
