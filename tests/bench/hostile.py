"""`make bench-hostile`: what hostile bodies of 1 MiB cost, each in a process of its own.

CPU is the least of 3 requests, in milliseconds, that of all threads; memory is what the first request holds at its peak
above what the process held before. Both are to stay under a target. DynamoDB answers from this process, with canned
items.
"""

import io
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from subprocess import PIPE, run
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from assistants_api.storage.table import from_env
from local.stack.template import Template
from tests.bench.canned import TOKEN, event, items
from tests.bench.machine import machine
from tests.bench.stub import answer
from tests.catalogue import WITH_BODY
from tests.faults.injection import Raw
from tests.harness import load_handler
from tests.security.hostile import MIB, VALUES, WHOLE

MAX_MS, MAX_MB = 100.0, 64.0
REPEATED = 3
FORGED = TOKEN[:-6] + "000000"
FIELDS = {  # of each kind one
    "update_assistant": ("system_prompt", "transcriptor_language", "temperature", "max_tokens"),
    "assign_phone_numbers": ("phoneNumberIds",),
    "create_api_key": ("scopes",),
}


def cases() -> Iterator[tuple[str, str, str, str]]:
    """The name of a case, the function, the body and the token."""
    yield "nothing: an empty object", "update_assistant", "{}", TOKEN
    yield "a forged token", "update_assistant", WHOLE["10,000 names"](), FORGED
    for name, whole in WHOLE.items():
        yield name, "update_assistant", whole(), TOKEN
    for function, fields in FIELDS.items():
        sample = next(dict(each.body or {}) for each in WITH_BODY if each.name == function)
        for field in fields:
            others = json.dumps({name: value for name, value in sample.items() if name != field})[1:-1]
            for name, value in VALUES.items():
                yield f"{field}: {name}", function, f'{{{others}, "{field}": {value()}}}', TOKEN


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    say(f"{machine()['machine']}, Python {machine()['python']}")
    exceeded = 0
    for name, function, body, token in cases():
        assert len(body.encode()) <= MIB, name
        content = {**json.loads(event(function, token)), "body": body}
        command = [sys.executable, "-m", "tests.bench.hostile", function]
        done = run(command, input=json.dumps(content), stdout=PIPE, text=True, check=True)  # noqa: S603
        result = json.loads(done.stdout.splitlines()[-1])
        is_exceeded = result["ms"] > MAX_MS or result["mb"] > MAX_MB
        exceeded += is_exceeded
        verdict = "  too much" if is_exceeded else ""
        say(f"{result['ms']:7.1f} ms {result['mb']:6.1f} MB  {result['status']}  {name}{verdict}")
    say(f"{exceeded} above {MAX_MS:g} ms or {MAX_MB:g} MB")
    return min(exceeded, 1)


def measure(function: str) -> dict[str, Any]:
    os.environ |= {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_DEFAULT_REGION": "us-east-1"}
    os.environ |= Template().environment
    stored = items()

    def answered(request: Any, **_: object) -> AWSResponse:
        content: dict[str, Any] = {"Attributes": {}}  # of an UpdateItem, which counts the request
        if b"BatchGetItem" in request.headers["X-Amz-Target"]:
            content = answer(stored, "BatchGetItem", json.loads(request.body))[1]
        return AWSResponse("", 200, HTTPHeaders(), Raw(json.dumps(content).encode()))

    events: Any = from_env().client.meta.events
    events.register("before-send.dynamodb", answered)
    handler = load_handler(function)
    hostile = json.loads(sys.stdin.read())
    harmless = {**json.loads(event(function)), "body": '{"unknown": 1, "temperature": "x"}'}
    assert handler(harmless, None)["statusCode"] == 400
    idle = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    times, status = [], 0
    peak = 0.0
    for _ in range(REPEATED):
        began = time.process_time()
        status = handler(hostile, None)["statusCode"]
        times.append(time.process_time() - began)
        peak = peak or memory("VmHWM")
    return {"ms": 1000 * min(times), "mb": max(0.0, peak - idle), "status": status}


def memory(name: str) -> float:
    """In MB, of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(main())
    with redirect_stdout(io.StringIO()):
        measured = measure(sys.argv[1])
    sys.stdout.write(json.dumps(measured) + "\n")
