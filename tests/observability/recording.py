"""A load on the real handlers, with a clock of its own: the lines that they log, and the metrics that come of it.

The lines become metrics as CloudWatch makes them. AWS's own metrics are what API Gateway and DynamoDB count of such
requests.
"""

import io
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from assistants_api import http, metrics as measured
from assistants_api.metrics import READS
from assistants_api.storage.client import THROTTLING_CODES
from assistants_api.storage.table import Table
from tests.harness import sample
from tests.observability.metrics import Metrics, series

START = 1_790_000_400  # seconds since 1970; the beginning of an hour
MINUTE, HOUR = 60, 3600


class Recording:
    def __init__(self) -> None:
        self.metrics = Metrics()
        self.lines: list[dict[str, Any]] = []
        self.time = float(START)  # what the handlers take for now
        self._logged = io.StringIO()

    def pass_time(self, seconds: float) -> None:
        self.time += seconds

    def minutes(self, count: int) -> Iterator[int]:
        """The numbers of so many minutes, each of which passes."""
        for number in range(count):
            began = self.time
            yield number
            self.time = max(self.time, began + MINUTE)

    def request(self, act: Callable[[], Any]) -> None:
        """A request by HTTP, whose reply has a status."""
        began = self.time
        reply = self.invoke(act)
        for name, value in (("Count", 1), ("5xx", int(reply.status >= 500)), ("Latency", 1000 * (self.time - began))):
            self.metrics.add(series("AWS/ApiGateway", name, ApiId="Api"), began, value)
        self.time += 0.1

    def invoke(self, act: Callable[[], Any], function: str = "") -> Any:
        """What a function does, and what it logs."""
        self._logged.seek(0)
        self._logged.truncate()
        with redirect_stdout(self._logged):
            result = act()
        for text in self._logged.getvalue().splitlines():
            line = json.loads(text)
            self.lines.append({"@timestamp": self.time, "@message": text, "@logStream": f"{function}[$LATEST]", **line})
            if "_aws" in line:
                self.metrics.add_line(line)
        return result

    def note_call(self, http_response: Any, parsed: Mapping[str, Any], model: Any, **_: object) -> None:
        """What DynamoDB counts of a call."""
        error, kind = parsed.get("Error", {}).get("Code"), "Read" if model.name in READS else "Write"
        if error in THROTTLING_CODES:
            self.metrics.add(series("AWS/DynamoDB", f"{kind}ThrottleEvents", TableName="assistants"), self.time, 1)
        elif http_response.status_code >= 500:
            of = series("AWS/DynamoDB", "SystemErrors", TableName="assistants", Operation=model.name)
            self.metrics.add(of, self.time, 1)
        consumed = parsed.get("ConsumedCapacity", [])
        for each in consumed if isinstance(consumed, list) else [consumed]:
            of = series("AWS/DynamoDB", f"Consumed{kind}CapacityUnits", TableName="assistants")
            self.metrics.add(of, self.time, each["CapacityUnits"])


def with_new_id(event: str) -> Any:
    """The sample event, as a request of its own."""
    content: Any = sample(event)
    if "requestContext" in content:
        content["requestContext"]["requestId"] = str(uuid4())
    return content


@contextmanager
def recorded(table: Table) -> Iterator[Recording]:
    """What the handlers do in the `with` block, which wait for nothing between attempts."""
    recording = Recording()
    table.client.meta.events.register("after-call.dynamodb", recording.note_call)
    (handler,) = (each for each in http.logger.handlers if type(each) is logging.StreamHandler)
    with (
        patch.object(handler, "stream", recording._logged),
        patch.object(measured, "now", lambda: recording.time),
        patch.object(measured, "timer", lambda: recording.time),
        patch.object(measured, "_first_requests", iter([1])),
        patch("assistants_api.storage.client.BACKOFF_BASE", 0),
        patch("tests.harness.sample", with_new_id),
    ):
        yield recording
