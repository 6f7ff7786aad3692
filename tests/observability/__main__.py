"""`python -m tests.observability`: draws the dashboard of template.yaml, from a load with several faults.

The load goes through the real handlers on moto. It writes dashboard.svg beside this file.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import tests.conftest  # noqa: F401  the environment of the functions
from assistants_api.storage.table import Table
from tests import carriers
from tests.engines import new_table
from tests.faults import injection
from tests.faults.injection import ALWAYS, COUNTING, injected
from tests.harness import Reply, new_account
from tests.observability import load
from tests.observability.drawing import draw
from tests.observability.load import Customer
from tests.observability.recording import Recording, recorded

PICTURE = Path(__file__).with_name("dashboard.svg")


def record(table: Table, recording: Recording, customer: Customer) -> None:
    load.take_time(table, recording)
    stranger = load.stranger(customer.account)
    throttled = injected(table.client, injection.refused("ThrottlingException"), ALWAYS, "BatchGetItem")
    broken = patch("assistants_api.storage.assistants.change", side_effect=KeyError("temperature"))
    stuck = injected(table.client, injection.refused("AccessDeniedException"), ALWAYS, COUNTING)
    phases: list[tuple[int, AbstractContextManager[object], Callable[[], Reply] | None]] = [
        (20, nullcontext(), None),
        (10, throttled, None),
        (15, nullcontext(), None),
        (15, broken, None),
        (10, nullcontext(), None),
        (10, stuck, lambda: customer.limited.call("list_templates")),
        (10, nullcontext(), None),
        (10, nullcontext(), lambda: customer.account.route(load.UNASSIGNED)),
        (10, nullcontext(), lambda: stranger.call("test_api_key")),
        (10, nullcontext(), None),
    ]
    number = 0
    for minutes, fault, beside in phases:
        with fault:
            for _ in recording.minutes(minutes):
                load.minute(recording, customer, number := number + 1)
                if beside:
                    for _ in range(25):
                        recording.request(beside)


def main() -> None:
    with redirect_stdout(StringIO()), carriers.served(), new_table() as table:
        with recorded(table):  # what happens before the load is not drawn
            customer = load.new_customer(new_account("my-team"))
        with recorded(table) as recording:
            record(table, recording, customer)
    PICTURE.write_text(draw(recording))
    print(f"{len(recording.lines)} lines of the log are drawn in {PICTURE}")  # noqa: T201


if __name__ == "__main__":
    main()
