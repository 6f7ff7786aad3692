"""`python -m local.dynamodb`: runs DynamoDB Local until Ctrl-C or SIGTERM; its data stays in .dynamodb/data.

`python -m local.dynamodb endpoint` prints where it runs, or an empty line.
"""

import signal
import sys
import threading
from pathlib import Path

from local.dynamodb import FOLDER, EngineError, engine, running

READY = """\
DynamoDB Local runs at {endpoint}, its data in {data}. `make run` uses it; Ctrl-C stops it.

export AWS_ENDPOINT_URL_DYNAMODB={endpoint}
"""


def main(arguments: list[str], folder: Path = FOLDER) -> int:
    if arguments == ["endpoint"]:
        print(running(folder) or "")
        return 0
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if endpoint := running(folder):
        return _fail(f"DynamoDB Local runs already, at {endpoint}.")
    note = folder / "endpoint"
    try:
        with engine(folder / "data") as endpoint:
            note.write_text(endpoint)
            try:
                print(READY.format(endpoint=endpoint, data=folder / "data"), end="", flush=True)
                threading.Event().wait()
            finally:
                note.unlink(missing_ok=True)
    except KeyboardInterrupt:
        return 0
    except EngineError as error:
        return _fail(str(error))
    return 0


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
