"""The local stack as a child, with a note of every call to DynamoDB: it says where it is, then the calls."""

import contextlib
import os
import sys
from typing import Any

from local.stack.command import FunctionLog
from local.stack.stack import Stack
from tests.bench.child import serve

READS = {"GetItem", "BatchGetItem", "Query"}


def main() -> None:
    calls: list[dict[str, Any]] = []

    def ask_for_capacity(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"
        # What counts a request is most often spared by a lease, and is left out of the round trips.
        context["bench_beside"] = str(params.get("Key", {}).get("PK", {}).get("S", "")).startswith("USAGE#")
        context["bench_actions"] = len(params.get("TransactItems", [0]))

    def note(parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        consumed = parsed.get("ConsumedCapacity", [])
        units = sum(it["CapacityUnits"] for it in (consumed if isinstance(consumed, list) else [consumed]))
        # Of a transaction DynamoDB Local tells only what the first action consumed; the others' items are under 1 KB.
        units += 2 * (context["bench_actions"] - 1)
        refused = parsed.get("Error", {}).get("Code") == "ConditionalCheckFailedException"
        kind = "read" if model.name in READS else "write"
        calls.append({"kind": kind, "units": units, "refused": refused, "beside": context["bench_beside"]})

    def forget() -> list[dict[str, Any]]:
        noted = list(calls)
        calls.clear()
        return noted

    announcement = sys.stdout
    with contextlib.redirect_stdout(FunctionLog()), Stack() as stack:
        from assistants_api.storage.table import from_env

        events = from_env().client.meta.events
        events.register("provide-client-params.dynamodb", ask_for_capacity)
        events.register("after-call.dynamodb", note)
        hello = {"url": stack.base_url, "endpoint": stack.dynamodb_endpoint, "table": os.environ["TABLE_NAME"]}
        serve(hello, forget, announcement)


if __name__ == "__main__":
    main()
