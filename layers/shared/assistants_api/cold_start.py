"""What makes the imports of a cold start quick: they collect no garbage, and compile nothing that the build compiled.

Byte code spares compiling the modules, but not what these compile while they are imported: regular expressions, the
methods of dataclasses and named tuples, annotations that are text. The layer has a file with all of that, which
build/compiled.py writes; without it, and in any other Python, everything is compiled as usual.

Only Lambda has cold starts: in every other program `begin` and `end` change nothing. docs/decisions.md has the gains.
"""

import _sre  # type: ignore[import-not-found]
import gc
import marshal
import os
import re
from importlib.util import MAGIC_NUMBER
from types import CodeType, ModuleType
from typing import Any

FILE = os.path.join(os.path.dirname(__file__), "compiled.bin")
PYTHON = MAGIC_NUMBER + _sre.MAGIC.to_bytes(4, "little")  # what the file begins with: the Python that it is for

codes: dict[tuple[str, str], CodeType] = {}  # by text and mode
patterns: dict[tuple[Any, ...], tuple[Any, ...]] = {}  # by pattern and flags, what `_sre.compile` takes
_replaced: list[tuple[ModuleType, str, Any]] = []


def begin() -> None:
    """Called before all other imports."""
    if not in_lambda():
        return
    gc.disable()  # nothing that imports make is garbage
    try:
        with open(FILE, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return
    if content.startswith(PYTHON):
        known = marshal.loads(content[len(PYTHON) :])  # noqa: S302
        codes.update(known["codes"])
        patterns.update(known["patterns"])
        remember()


def end() -> None:
    """Called after all imports and after the warm-up, which makes objects that live as long as the process: what exists
    now is never garbage, so the collector need not look at it again. The standard library is again as it was."""
    if not in_lambda():
        return
    while _replaced:
        module, name, original = _replaced.pop()
        if original is None:
            del vars(module)[name]
        else:
            vars(module)[name] = original
    codes.clear()
    patterns.clear()
    gc.enable()
    gc.freeze()


def in_lambda() -> bool:
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


def remember() -> None:
    """Puts what remembers in the place of what compiles."""
    _replace(re._compiler, "compile", _pattern)  # type: ignore[attr-defined]
    import collections  # whose own imports compile too
    import dataclasses
    import typing

    _replace(dataclasses, "exec", _exec)
    _replace(collections, "eval", _eval)
    _replace(typing, "compile", _code)


def _replace(module: ModuleType, name: str, replacement: object) -> None:
    """A module's own name for a builtin hides the builtin."""
    _replaced.append((module, name, vars(module).get(name)))
    vars(module)[name] = replacement


# Each accepts further arguments, which the next release of Python may pass, and then does what the original does.


def _pattern(source: str | bytes, *flags: Any) -> Any:
    known = patterns.get((source, *flags))
    return _sre.compile(*known) if known else _compile_pattern(source, *flags)


_compile_pattern = re._compiler.compile  # type: ignore[attr-defined]


def _code(text: str, *how: Any, **options: Any) -> Any:
    if how not in (("<string>", "exec"), ("<string>", "eval")) or options:
        return compile(text, *how, **options)
    code = codes.get((text, how[1]))
    if code is None:
        code = codes[text, how[1]] = compile(text, *how)
    return code


def _exec(text: str, *scope: Any, **options: Any) -> None:
    exec(_code(text, "<string>", "exec"), *scope, **options)  # noqa: S102


def _eval(text: str, *scope: Any, **options: Any) -> Any:
    return eval(_code(text, "<string>", "eval"), *scope, **options)  # noqa: S307
