"""Compiles anew what the layer's file holds compiled, and prints how many patterns and codes were equal."""

import _sre  # type: ignore[import-not-found]
import json
import marshal
import sys

from assistants_api import cold_start

with open(cold_start.FILE, "rb") as file:
    content = file.read()
assert content.startswith(cold_start.PYTHON)
known = marshal.loads(content[len(cold_start.PYTHON) :])  # noqa: S302
for (pattern, flags), arguments in known["patterns"].items():
    assert _sre.compile(*arguments) == cold_start._compile_pattern(pattern, flags), pattern
for (text, mode), code in known["codes"].items():
    assert code == compile(text, "<string>", mode), text
sys.stdout.write(json.dumps([len(known["patterns"]), len(known["codes"])]))
