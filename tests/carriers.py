"""The carriers of the tests: stand-ins on this machine, as new in each test."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from local.stack.carriers.twilio import Twilio
from local.stack.server import Server
from tests.catalogue import CONNECTED_NUMBER_ID, PHONE_NUMBER

SID, TOKEN = f"AC{'0' * 32}", "0" * 32  # the account of `Account.new_connection`
NUMBERS = (PHONE_NUMBER, "+14155550102", CONNECTED_NUMBER_ID.replace("pn_", "+"))

twilio = Twilio(SID, TOKEN)


def renew() -> None:
    """Gives them the numbers that the tests expect, and nothing else."""
    twilio.reset()
    for number in NUMBERS:
        twilio.add(number)


@contextmanager
def served() -> Iterator[int]:
    """Leads the functions to them; the port."""
    renew()
    with Server(DispatcherMiddleware(twilio, {})) as server:
        os.environ["TWILIO_API_URL"] = f"http://127.0.0.1:{server.port}"
        yield server.port
