"""The steps of the build, in their order."""

import shutil
import sys
from pathlib import Path

from build import SOURCES, botocore_parts, compiled, packages


def main(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    packages.install(folder)
    shutil.copytree(SOURCES, folder / SOURCES.name, ignore=shutil.ignore_patterns("__pycache__"))
    packages.remove_untrue_files(folder)
    botocore_parts.keep_opened_data(folder)
    botocore_parts.keep_called_operations(folder)
    botocore_parts.leave_out_docstrings(folder)
    botocore_parts.keep_used_endpoints(folder)
    botocore_parts.keep_amazon_roots(folder)
    compiled.remember_what_imports_compile(folder)
    compiled.compile_modules(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
