"""Writes what imports and the first call compile into the file that `assistants_api.cold_start` reads.

Without reference counts (version 2 of marshal) and in a fixed order, so that the file is the same each time.
"""

import importlib
import marshal
import pkgutil
import re
from typing import Any

import assistants_api
from assistants_api import cold_start


def main() -> None:
    cold_start.remember()
    for module in pkgutil.walk_packages(assistants_api.__path__, "assistants_api."):
        importlib.import_module(module.name)
    importlib.import_module("encodings.idna")  # which looking up a host imports
    call_dynamodb()
    compiled = sorted({(pattern, int(flags)) for _, pattern, flags in re._cache}, key=repr)  # type: ignore[attr-defined]
    codes = dict(sorted(cold_start.codes.items()))
    known = {"codes": codes, "patterns": {key: arguments(*key) for key in compiled}}
    with open(cold_start.FILE, "wb") as file:
        file.write(cold_start.PYTHON + marshal.dumps(known, 2))


def call_dynamodb() -> None:
    """The calls that warm a client up, with an answer made here."""
    # Imported late, so that what these modules compile is remembered.
    from botocore.awsrequest import AWSResponse

    from assistants_api.storage.table import from_env

    class Reply:
        def stream(self) -> list[bytes]:
            return [b'{"Responses": {}, "Attributes": {}}']

    def answer(request: Any, **_: Any) -> Any:
        headers: Any = {}
        return AWSResponse(request.url, 200, headers, Reply())

    table = from_env()
    register: Any = table.client.meta.events.register
    register("before-send", answer)
    table.warm_up()


def arguments(pattern: str, flags: int) -> tuple[Any, ...]:
    """What `_sre.compile` takes for this pattern."""
    from unittest.mock import patch  # late: what it compiles itself is not what functions compile

    with patch("_sre.compile") as compiling:
        cold_start._compile_pattern(pattern, flags)
    source, flags, code, groups, names, indices = compiling.call_args.args
    return source, flags, [*map(int, code)], groups, {**names}, indices


main()
