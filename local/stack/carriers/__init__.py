"""Stand-ins for carriers' APIs, each with one account in memory. They check what the documented APIs check."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from local.stack.carriers.telnyx import Telnyx
from local.stack.carriers.twilio import Twilio
from local.stack.server import Server

# The accounts of the local stack.
ACCOUNT_SID, AUTH_TOKEN = f"AC{'0' * 32}", "0" * 32
API_KEY = "KEY0123456789ABCDEF"


@contextmanager
def serving(twilio: Twilio, telnyx: Telnyx) -> Iterator[Mapping[str, str]]:
    """The variables that lead functions to them."""
    with Server(DispatcherMiddleware(twilio, {"/telnyx": telnyx})) as server:
        base = f"http://127.0.0.1:{server.port}"
        yield {"TWILIO_API_URL": base, "TELNYX_API_URL": f"{base}/telnyx/v2"}


@contextmanager
def carriers_with(numbers: Iterable[str]) -> Iterator[Mapping[str, str]]:
    """Stand-ins whose accounts have these numbers; the variables that lead functions to them."""
    twilio, telnyx = Twilio(ACCOUNT_SID, AUTH_TOKEN), Telnyx(API_KEY)
    for number in numbers:
        twilio.add(number)
        telnyx.add(number)
    with serving(twilio, telnyx) as variables:
        yield variables
