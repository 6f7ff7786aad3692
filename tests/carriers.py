"""The carriers of the tests: stand-ins on this machine, as new in each test."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from local.stack.carriers.telnyx import Telnyx
from local.stack.carriers.twilio import Twilio
from local.stack.server import Server
from tests.catalogue import CONNECTED_NUMBER_ID, PHONE_NUMBER

SID, TOKEN = f"AC{'0' * 32}", "0" * 32  # the account of `Account.new_connection`
API_KEY = "KEY0123456789ABCDEF"
NUMBERS = (PHONE_NUMBER, "+14155550102", CONNECTED_NUMBER_ID.replace("pn_", "+"))

twilio = Twilio(SID, TOKEN)
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
    with Server(DispatcherMiddleware(twilio, {"/telnyx": telnyx})) as server:
        base = f"http://127.0.0.1:{server.port}"
        os.environ |= {"TWILIO_API_URL": base, "TELNYX_API_URL": f"{base}/telnyx/v2"}
        yield
