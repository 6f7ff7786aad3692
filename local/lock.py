"""`python -m local.lock` writes lock.txt anew: what pip finds newest, within pyproject.toml and what the layer pins.

Like install.py it needs nothing but Python.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from local import install

GROUPS = ("run", "test", "docs", "check")  # each includes the one before it
SHIPPED = install.PYPROJECT.with_name("layers") / "shared/requirements.in"
HEADER = "# Written by `make lock` from pyproject.toml: for each group what it needs beside the groups before it."


def main() -> int:
    lines, known = [HEADER], set[str]()
    with tempfile.TemporaryDirectory() as folder:
        install.make_environment(Path(folder))
        pip = install.pip(Path(folder) / "bin/python")
        for group in GROUPS:
            if not install.all_succeed([[*pip, *install.INSTALL, "-r", str(SHIPPED), *install.requirements(group)]]):
                return 1
            new = [line for line in freeze(pip) if line not in known]
            lines += [f"# {group}", *new]
            known |= {*new}
    install.LOCK.write_text("\n".join(lines) + "\n", "utf-8")
    return 0


def freeze(pip: list[str]) -> list[str]:
    """A line for each package that is installed, such as `boto3==1.44.5`."""
    done = subprocess.run([*pip, "freeze"], check=True, capture_output=True, text=True)  # noqa: S603
    return done.stdout.splitlines()


if __name__ == "__main__":
    sys.exit(main())
