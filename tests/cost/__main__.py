"""`python -m tests.cost`: measures what each endpoint consumes, on DynamoDB Local, and writes local/cost/units.json."""

import contextlib
import io
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

import botocore.session

os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}

from assistants_api import http
from local.cost.units import FILE, SIZES
from local.stack.dynamodb_local import engine
from local.stack.kms_moto import kms
from local.stack.template import Template
from tests import carriers, engines
from tests.cost.consumption import consumption, item_size
from tests.cost.requests import NAMES, ROUND_TRIPS, WITH_KEY, Author, prepare, prompt
from tests.engines import DYNAMODB_LOCAL, new_table
from tests.harness import Reply, all_items, new_account

REPEATS = 9
LIMIT = 1000  # requests an hour: the default of an API key


def main() -> None:
    engines._session = botocore.session.get_session()  # as functions have it: without the validation of tests
    with ExitStack() as running:
        running.enter_context(logged())
        running.enter_context(carriers.served())
        os.environ |= Template().environment
        os.environ[DYNAMODB_LOCAL] = running.enter_context(engine())
        os.environ["AWS_ENDPOINT_URL_KMS"] = running.enter_context(kms("us-east-1"))
        endpoints = {name: {str(size): measured(name, size) for size in SIZES} for name in NAMES}
        found = {"endpoints": endpoints, "counting_writes_per_request": counting(), "stored_bytes": stored()}
    FILE.write_text(f"{json.dumps(found, indent=1)}\n")


def measured(name: str, size: int) -> dict[str, Any]:
    """The units of a first request, and the least time of some more."""
    with new_table() as table:
        author = author_of(size)
        act = prepare(name, author)
        with consumption(table) as consumed, logged() as log:
            reply = act()
            assert reply.status < 300 or name == "reject_unknown_route", reply.text
        times = [processor_ms(prepare(name, author)) for _ in range(REPEATS)]
    return asdict(consumed) | {
        "round_trips": ROUND_TRIPS[name],
        "has_key": name in WITH_KEY,
        "processor_ms": round(min(times), 2),
        "log_bytes": len(log.getvalue()),
        "answer_bytes": len(reply.text.encode()),
    }


def author_of(size: int) -> Author:
    account = new_account("my-team")
    return Author(account.slug, account.id, account.token, account.key_id, prompt(size))


def processor_ms(act: Callable[[], Reply]) -> float:
    begin = time.process_time()
    act()
    return (time.process_time() - begin) * 1000


@contextlib.contextmanager
def logged() -> Iterator[io.StringIO]:
    """What is logged and printed meanwhile."""
    log = io.StringIO()
    (handler,) = (each for each in http.logger.handlers if type(each) is logging.StreamHandler)
    before = handler.stream
    handler.setStream(log)
    with contextlib.redirect_stdout(log):
        yield log
    handler.setStream(before)


def counting() -> float:
    """Write units for each request of a key that uses up its limit in an hour, in one process."""
    with new_table() as table:
        account, writes = new_account("my-team", rate_limit_per_hour=LIMIT), 0

        def note(params: dict[str, Any], **_: object) -> None:
            nonlocal writes
            writes += str(params["Key"]["PK"]["S"]).startswith("USAGE#")

        table.client.meta.events.register("provide-client-params.dynamodb.UpdateItem", note)
        for _ in range(LIMIT):
            assert account.call("test_api_key").status == 200
    return writes / LIMIT


def stored() -> dict[str, dict[str, int]]:
    """Bytes in the table of an assistant, of one of its versions, and of a call with its end, by the size of the
    prompt."""
    return {str(size): _stored(size) for size in SIZES}


def _stored(size: int) -> dict[str, int]:
    with new_table() as table:
        author = author_of(size)
        prepare("record_call_status", author)()
        sizes = {it["SK"]["S"].partition("#")[0]: item_size(it) for it in all_items(table.client, table.name)}
    return {"assistant": sizes["ASSISTANT"], "version": sizes["VERSION"], "call": sizes["CALL"] + sizes["ANSWER"]}


if __name__ == "__main__":
    main()
