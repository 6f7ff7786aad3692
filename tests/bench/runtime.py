"""What the emulator starts in a function's process: awslambdaric as it is, and notes of the time and CPU it takes.

A line of the file that BENCH_NOTES names is a record: first the end of the initialisation, then one per request.
CPU time is that of the whole process with all its threads, in nanoseconds.
"""

import json
import os
import sys
import time
from typing import Any

from awslambdaric import bootstrap  # type: ignore[import-not-found]
from awslambdaric.__main__ import main  # type: ignore[import-not-found]
from awslambdaric.lambda_runtime_client import BaseLambdaRuntimeClient  # type: ignore[import-not-found]

notes = os.open(os.environ.pop("BENCH_NOTES"), os.O_WRONLY | os.O_APPEND)
REPEATED = "bench_repeated"  # in an event: how often to handle it, with the answers of DynamoDB to the last one
answers: dict[str, Any] = {}
started = replaying = False
get_handler, wait = bootstrap._get_handler, BaseLambdaRuntimeClient.wait_next_invocation


def note(**record: int) -> None:
    os.write(notes, json.dumps(record).encode() + b"\n")


def noted_wait(client: Any) -> Any:
    global started
    if not started:
        started = True
        note(pid=os.getpid(), cpu=time.process_time_ns(), modules=len(sys.modules))
    watch_calls()
    return wait(client)


def noted_handler(name: str) -> Any:
    handler = get_handler(name)

    def noted(event: Any, context: Any) -> Any:
        global replaying
        times = event.pop(REPEATED, 0)
        replaying = bool(times)
        began, cpu = time.perf_counter_ns(), time.process_time_ns()
        for _ in range(times or 1):
            result = handler(event, context)
        cpu, wall = time.process_time_ns() - cpu, time.perf_counter_ns() - began
        note(wall=wall // (times or 1), cpu=cpu // (times or 1))
        return result

    return noted


def watch_calls() -> None:
    client: Any = sys.modules.get("botocore.client")
    if client is None or answers:
        return
    call = client.BaseClient._make_api_call
    answers["watched"] = None

    def watched(self: Any, operation: str, arguments: Any) -> Any:
        call_id = f"{operation} {arguments.get('Key')}"
        if replaying:
            if isinstance(answers[call_id], Exception):
                raise answers[call_id].with_traceback(None)
            return answers[call_id]
        try:
            answers[call_id] = call(self, operation, arguments)
        except Exception as error:
            answers[call_id] = error
            raise
        return answers[call_id]

    client.BaseClient._make_api_call = watched


bootstrap._get_handler = noted_handler
BaseLambdaRuntimeClient.wait_next_invocation = noted_wait
main(sys.argv)
