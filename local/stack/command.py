"""`python -m local`: runs the stack until Ctrl-C or SIGTERM.

It uses the DynamoDB that AWS_ENDPOINT_URL_DYNAMODB names, or one in memory where that is empty. Without the variable it
uses the one that `make dynamodb` runs, if any.
It listens on HOST (127.0.0.1) and PORT (3000; 0 stands for any free port). The Invoke API knows no password, so with
another host everybody who reaches the port is an operator. When the table may be in AWS, it is off without
ALLOW_INVOKE=1.
"""

import contextlib
import io
import logging
import os
import signal
import sys
import threading

from local.stack import dynamodb_local
from local.stack.running import noted
from local.stack.stack import Stack, StackError
from local.stack.template import TemplateError

ENDPOINT = "AWS_ENDPOINT_URL_DYNAMODB"
READY = """\
The assistants API runs at {url}, its reference is at {url}/docs.
{data}
Ctrl-C stops it.

export BASE_URL={url}
export API_TOKEN={token}

# Create an assistant:
curl -sS -w '\\n' "$BASE_URL/api/assistants" -H "Authorization: Bearer $API_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{{"accountSlug": "my-team", "name": "Outbound setter", "templateId": "outbound-setter"}}'

# List the account's phone numbers:
curl -sS -w '\\n' "$BASE_URL/api/phone-numbers" -H "Authorization: Bearer $API_TOKEN"
"""
IN_MEMORY = "Its data is in memory and is gone when it stops; beside `make dynamodb` it is kept."
KEPT = "Its data is in the table {table} of the DynamoDB at {endpoint}, and stays there."


class FunctionLog(io.TextIOBase):
    """Passes the functions' stdout, their log, to stderr without the metrics. Stdout is for the announcement."""

    def write(self, text: str) -> int:
        if text.strip() and not text.startswith('{"_aws":'):
            sys.stderr.write(text.rstrip("\n") + "\n")
        return len(text)


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    port = os.environ.get("PORT") or "3000"
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        return _fail(f"PORT must be a number from 0 to 65535, not {port!r}.")
    _log_to_stderr()
    if ENDPOINT not in os.environ and (running := dynamodb_local.running()):
        os.environ[ENDPOINT] = running
    announcement = sys.stdout
    try:
        with (
            contextlib.redirect_stdout(FunctionLog()),
            Stack(os.environ.get("HOST") or "127.0.0.1", int(port)) as stack,
        ):
            here = stack.as_running
            with noted(here):
                data = KEPT.format(table=here.table, endpoint=here.dynamodb) if stack.is_persistent else IN_MEMORY
                announcement.write(READY.format(url=stack.base_url, token=stack.api_token, data=data))
                announcement.flush()
                threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    except (StackError, TemplateError) as error:
        return _fail(str(error))
    return 0


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("local")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1
