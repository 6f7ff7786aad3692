"""The ceilings of AWS that a load can meet: ceilings.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("ceilings.toml")


@dataclass(frozen=True)
class Ceiling:
    """Either a rate with what there is at once besides, or how much there may be at once. `past` says what one does."""

    what: str
    of: str
    past: str
    source: str
    per_second: float = 0
    burst: float = 0
    at_once: float = 0

    @property
    def height(self) -> float:
        return self.at_once or self.per_second


def ceilings() -> dict[str, Ceiling]:
    return {name: Ceiling(**entry) for name, entry in tomllib.loads(FILE.read_text()).items()}
