"""Everything compiled: modules, and what they compile themselves while they are imported."""

import py_compile
from pathlib import Path

from build import isolated


def remember_what_imports_compile(folder: Path) -> None:
    """Writes the file that `assistants_api.cold_start` reads."""
    isolated.run("write_compiled.py", folder)


def compile_modules(folder: Path) -> None:
    for source in sorted(folder.rglob("*.py")):
        py_compile.compile(
            str(source),
            dfile=f"/opt/python/{source.relative_to(folder)}",
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
