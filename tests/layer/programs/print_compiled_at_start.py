"""Starts the function whose folder is on the path as Lambda does, and prints what its imports compiled."""

import builtins
import gc
import importlib
import re
import sys
from typing import Any

from assistants_api import cold_start

compile_pattern = cold_start._compile_pattern
compiled: list[str] = []


def noted_pattern(*arguments: Any) -> Any:
    compiled.append(str(arguments))
    return compile_pattern(*arguments)


def noted_code(*arguments: Any) -> Any:
    compiled.append(str(arguments))
    return builtins.compile(*arguments)


vars(cold_start).update(_compile_pattern=noted_pattern, compile=noted_code)
importlib.import_module("app")
found = list(compiled)

# Imported late, so that the function's own import of them is seen.
import collections  # noqa: E402
import dataclasses  # noqa: E402
import json  # noqa: E402
import typing  # noqa: E402

assert vars(re)["_compiler"].compile is compile_pattern
assert not [it for it in (collections, dataclasses, typing) if {"exec", "eval", "compile"} & vars(it).keys()]
assert gc.isenabled()
assert gc.get_freeze_count() > 10_000
sys.stdout.write(json.dumps(found))
