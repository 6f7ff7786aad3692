"""What all carriers have in common: a number of theirs, and what leads its calls here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from assistants_api.models.carrier_number import Drift


@dataclass(frozen=True)
class Webhooks:
    """Where a carrier asks what to do with a call, and where it tells how the call went."""

    voice: str
    status: str

    @classmethod
    def at(cls, base_url: str, provider: str, connection_id: str) -> "Webhooks":
        base = f"{base_url}/telephony/{provider}/{connection_id}"
        return cls(f"{base}/voice", f"{base}/status")

    def is_own(self, url: str) -> bool:
        """Whether the URL is one of these, at whatever host: the connection's id is in it."""
        own = {_path(self.voice), _path(self.status)}
        return _path(url) in own


def _path(url: str) -> str:
    """From `/telephony/` on, since a stage or a proxy may have a path before it."""
    return "".join(url.partition("/telephony/")[1:])


@dataclass(frozen=True)
class Line:
    """A phone number as its carrier has it.

    `settings` are those that lead its calls, by the carrier's own names, and `wanted` what they are when its calls come
    here. `obstacle` says why they can't, whatever is set.
    """

    id: str
    phone_number: str
    name: str
    settings: Mapping[str, str]
    wanted: Mapping[str, str]
    obstacle: str | None = None

    @property
    def drift(self) -> list[Drift]:
        """What is set to something else."""
        return [
            Drift(field=name, found=self.settings.get(name, ""), wanted=value)
            for name, value in self.wanted.items()
            if self.settings.get(name, "") != value
        ]


Lines = tuple[Sequence[Line], str | None]  # a page, and what the next one starts after, if there is one


class Carrier(Protocol):
    """Each method raises CarrierUnavailable and CarrierRefused."""

    def find(self, phone_number: str) -> Line:
        """Raises NumberNotAtCarrier."""
        ...

    def page(self, limit: int, after: str | None) -> Lines: ...

    def connect(self, line: Line) -> None:
        """Sets what is wanted."""
        ...

    def release(self, line: Line) -> bool:
        """Takes back what of it still leads here; whether anything did."""
        ...
