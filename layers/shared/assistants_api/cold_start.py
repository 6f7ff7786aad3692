"""What makes the imports quick: they collect no garbage, and compile nothing that was compiled before.

Byte code spares compiling the modules, but not what these compile while they are imported: regular expressions, the
methods of dataclasses and named tuples, annotations that are text. In the layer there is a file with all of that, which
build.py makes; without it, and in any other Python, everything is compiled as ever.
"""

import _sre  # type: ignore[import-not-found]
import gc
import marshal
import os.path
import re
from importlib.util import MAGIC_NUMBER
from types import CodeType, ModuleType
from typing import Any

FILE = os.path.join(os.path.dirname(__file__), "compiled.bin")
PYTHON = MAGIC_NUMBER + _sre.MAGIC.to_bytes(4, "little")  # what the file begins with: for whom it is

codes: dict[tuple[str, str], CodeType] = {}  # by text and mode
patterns: dict[tuple[Any, ...], tuple[Any, ...]] = {}  # by pattern and flags, what `_sre.compile` takes
_replaced: list[tuple[ModuleType, str, Any]] = []


def begin() -> None:
    """Called before all other imports."""
    gc.disable()  # nothing that they make is garbage: 9 % of the init's processor time
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
    """Called after all imports: the standard library is again as it was, and what lives now is no garbage ever."""
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


def remember() -> None:
    """Puts what remembers in the place of what compiles: 20 % of the init's processor time."""
    _replace(re._compiler, "compile", _pattern)  # type: ignore[attr-defined]
    import collections  # whose own imports compile too
    import dataclasses
    import typing

    _replace(dataclasses, "exec", _exec)
    _replace(collections, "eval", _eval)
    _replace(typing, "compile", _code)


def _replace(module: ModuleType, name: str, replacement: object) -> None:
    """A module's own name for a builtin goes before the builtin."""
    _replaced.append((module, name, vars(module).get(name)))
    vars(module)[name] = replacement


# Each takes whatever the next release of Python may pass besides, and then does what the original does.


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
