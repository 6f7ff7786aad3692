"""A module of ours in a process of its own: it prints a line of JSON first, and one for each line that it reads."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

ROOT = Path(__file__).parents[2]
STOP_SECONDS = 20


class Child:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.pid = process.pid
        self.hello: Any = self._line()

    def ask(self) -> Any:
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._line()

    def _line(self) -> Any:
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())


@contextmanager
def child(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Child]:
    command = [sys.executable, "-m", module, *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603
        try:
            yield Child(process)
        finally:
            assert process.stdin
            process.stdin.close()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def serve(hello: Any, answer: Callable[[], Any], output: TextIO) -> None:
    """The child's side of it: until the parent has no more to ask."""
    output.write(json.dumps(hello) + "\n")
    output.flush()
    for _ in sys.stdin:
        output.write(json.dumps(answer()) + "\n")
        output.flush()
